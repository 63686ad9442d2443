"""Beyond expected overlaps: the spectrum of the learned parts, and the law of single neurons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from theory import staircase
from theory.problem import ProblemError, Setting

from ... import strategies
from ...draw import Draw
from ..conjecture import Conjecture, Ladder, at_dimension
from ..decay import FALLING, STANDING, numbers
from ..signal import require_visible

QUARTILES = {"lower": 0.25, "upper": 0.75}  # over neurons


@dataclass(frozen=True, eq=False)
class Level:
    """U_t after `step` steps: basis (k, dim U_t), and of its complement rest (k, k - dim U_t); orthonormal."""

    step: int
    basis: np.ndarray
    rest: np.ndarray


class OverlapLaw(Conjecture):
    """The staircase read neuron by neuron, rows at length one."""

    id = "overlap-law"
    title = "the learned parts have dim U_t eigenvalues that last, and every typical neuron shares in U_t"
    statement = (
        "With n = Theta(d) fresh samples a step and eta = Theta(p), the matrix (1/p) sum_i P w_i w_i^T P / |w_i|^2, P "
        "the projection on V*, has exactly dim U_t eigenvalues that do not fall as 1/d; quartiles over neurons of the "
        "|cosine| with each direction of U_t are flat in d, and those with the complement of U_t fall as d^(-1/2)."
    )
    source = "arXiv 2305.18270, Theorem 7, which is about expected overlaps; docs/notes/staircase.md"
    blind = (
        "Steps beyond the second; fewer than a quarter of the neurons; eigenvalues below a few 1/d at the largest d."
    )
    search = Ladder((64, 1536), 12)
    confirm = (Ladder((128, 8192), 48), Ladder((1024, 32768), 32))

    def strategy(self) -> SearchStrategy[Setting]:
        """Polynomials, turned ones, Hermite staircases and symmetric ones; 8 neurons of either parity."""
        targets = st.one_of(
            strategies.polynomials(),
            strategies.rotated(strategies.polynomials(2, 3, 2)),
            strategies.leaps(2),
            strategies.symmetric(),
        )
        return strategies.settings(targets, strategies.students(p=8))

    def predict(self, setting: Setting) -> list[Level]:
        """The staircase of this student, level by level."""
        levels = staircase(setting.target, setting.student.activation, bias=setting.student.bias)
        if not levels.certified:
            raise ProblemError("the staircase is not proven")
        found = numbers(levels.subspaces)
        require_visible(setting, found)
        return [_level(t, found[min(t, len(found) - 1)]) for t in range(1, setting.regime.steps + 1)]

    def measure(self, setting: Setting, dims: tuple[int, ...], draw: Draw) -> Mapping[int, np.ndarray]:
        """Cosines (replicas, steps + 1, p, k) at every d."""
        return {d: draw(f"d = {d}", at_dimension(setting, d), record=("cosines",)).cosines for d in dims}

    def compare(self, predicted: Sequence[Level], measured: Mapping[int, np.ndarray]) -> Mapping[str, np.ndarray]:
        """Slopes of singular values (roots of the eigenvalues) and of quartiles that contradict it."""
        ends = [(d, measured[d]) for d in (min(measured), max(measured))]
        found: dict[str, np.ndarray] = {}
        for level in predicted:
            learned, at = level.basis.shape[1], f"step {level.step}"
            values = [(d, _singular_values(cosines[:, level.step])) for d, cosines in ends]
            if learned:
                found[f"{at}: eigenvalue {learned} lasts"] = FALLING - _slope(values, learned - 1)
                shares = [(d, _quartile(c[:, level.step] @ level.basis, "lower")) for d, c in ends]
                weakest = [(d, np.min(quartiles, axis=1, keepdims=True)) for d, quartiles in shares]
                found[f"{at}: neurons share in U"] = FALLING - _slope(weakest, 0)
            if level.rest.shape[1]:
                if learned < values[0][1].shape[1]:
                    found[f"{at}: eigenvalue {learned + 1} falls"] = _slope(values, learned) - STANDING
                outside = [np.linalg.norm(c[:, level.step] @ level.rest, axis=2, keepdims=True) for _, c in ends]
                shares = [(d, _quartile(o, "upper")) for (d, _), o in zip(ends, outside, strict=True)]
                found[f"{at}: neurons share in nothing else"] = _slope(shares, 0) - STANDING
        return found


def _level(step: int, columns: np.ndarray) -> Level:
    basis = columns / np.linalg.norm(columns, axis=0)
    whole = np.linalg.svd(basis, full_matrices=True)[0] if basis.shape[1] else np.eye(len(basis))
    return Level(step, basis, whole[:, basis.shape[1] :])


def _singular_values(cosines: np.ndarray) -> np.ndarray:
    """Of each replica's (p, k) matrix over sqrt(p), descending; NaN where a run diverged."""
    finite = np.isfinite(cosines).all(axis=(1, 2))
    found = np.full((len(cosines), min(cosines.shape[1:])), np.nan)
    found[finite] = np.linalg.svd(cosines[finite], compute_uv=False) / np.sqrt(cosines.shape[1])
    return found


def _quartile(cosines: np.ndarray, which: str) -> np.ndarray:
    """Over neurons, (replicas, directions)."""
    return np.asarray(np.quantile(np.abs(cosines), QUARTILES[which], axis=1))


def _slope(ends: Sequence[tuple[int, np.ndarray]], column: int) -> np.ndarray:
    """Of the logarithm of that column against log d."""
    (low, first), (high, last) = ends
    return np.asarray(np.log(last[:, column] / first[:, column]) / np.log(high / low))
