"""What many conjectures measure: does the overlap with a subspace fall as d^(-1/2), or stay?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.problem import Setting

from ..draw import Draw
from .conjecture import at_dimension

FALLING, STANDING = -0.3, -0.25  # slopes below the first tell of decay as d^(-1/2), above the second of none


@dataclass(frozen=True, eq=False)
class Reach:
    """A subspace of teacher space and whether the rows have reached it after `step` steps: all of it, or some.

    basis (k, dim), orthonormal columns.
    """

    step: int
    basis: np.ndarray
    reached: bool
    all: bool = True

    @property
    def name(self) -> str:
        """Such as "step 1: reached (1, 0)"."""
        columns = " ".join("(" + ", ".join(f"{x:.3g}" for x in column) + ")" for column in self.basis.T)
        return f"step {self.step}: {'' if self.reached else 'not '}reached {columns}"


def reaches(subspaces: Sequence[np.ndarray], steps: int) -> list[Reach]:
    """What U_t = span(subspaces[t]) says of steps 1 .. `steps`: all of it is reached, and nothing beyond it.

    subspaces[t] (k, dim_t): orthogonal columns, each level extending the one before; the last one lasts.
    """
    found = []
    for step in range(1, steps + 1):
        basis = _unit(subspaces[min(step, len(subspaces) - 1)])
        parts = (Reach(step, basis, True), Reach(step, _complement(basis), False))
        found += [part for part in parts if part.basis.shape[1]]
    return found


def numbers(subspaces: Sequence[Any]) -> list[np.ndarray]:
    """sympy matrices as arrays, empty ones included."""
    return [np.array(basis.tolist(), dtype=float).reshape(basis.rows, basis.cols) for basis in subspaces]


def _unit(basis: np.ndarray) -> np.ndarray:
    return basis / np.linalg.norm(basis, axis=0) if basis.shape[1] else basis


def _complement(basis: np.ndarray) -> np.ndarray:
    """An orthonormal basis of what is orthogonal to the columns."""
    return np.linalg.svd(basis, full_matrices=True)[0][:, basis.shape[1] :] if basis.shape[1] else np.eye(len(basis))


def overlaps_by_dimension(setting: Setting, dims: Sequence[int], draw: Draw) -> dict[int, np.ndarray]:
    """Overlaps (replicas, steps + 1, p, k) at every d."""
    return {d: draw(f"d = {d}", at_dimension(setting, d), record=("overlaps",)).overlaps for d in dims}


def excess_of_slopes(predicted: Sequence[Reach], measured: Mapping[int, np.ndarray]) -> dict[str, np.ndarray]:
    """How far the slope of log overlap against log d, replica by replica, contradicts what is predicted.

    Where a subspace is said to be reached: how far the slope lies below FALLING, nearer to -1/2 than to 0, since a
    signal that is weak at these d is masked by noise in part; where it is said not to be: how far above STANDING.

    The overlap with a subspace is a singular value of the p x dim matrix of overlaps, over sqrt(p): the least where all
    of the subspace is said to be reached, so that no direction may be missing; else the largest.
    """
    low, high = min(measured), max(measured)
    found = {}
    for reach in predicted:
        ends = []
        for d in (low, high):
            sizes = _singular_values(measured[d][:, reach.step] @ reach.basis)
            ends.append(sizes[:, -1] if reach.reached and reach.all else sizes[:, 0])
        slope = np.log(ends[1] / ends[0]) / np.log(high / low)
        found[reach.name] = FALLING - slope if reach.reached else slope - STANDING
    return found


def _singular_values(overlaps: np.ndarray) -> np.ndarray:
    """Of each replica, over sqrt(p), descending; NaN where a run diverged."""
    finite = np.isfinite(overlaps).all(axis=(1, 2))
    values = np.full((len(overlaps), min(overlaps.shape[1:])), np.nan)
    values[finite] = np.linalg.svd(overlaps[finite], compute_uv=False) / np.sqrt(overlaps.shape[1])
    return values
