"""Columns added to features by hand: powers of one direction of the inputs, as a step leaves them, of any size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.problem import ProblemError

from ..run import Run


@dataclass(frozen=True)
class Spikes:
    """sum_k <z, along>^k weights[k - 1], k = 1 .. l, added to sigma(<w_i, z> + b_i). along (d,), weights (l, p)."""

    along: np.ndarray
    weights: np.ndarray

    def add(self, inputs: np.ndarray, values: np.ndarray) -> None:
        """To values (m, p), the features of inputs (m, d)."""
        powers = np.arange(1, len(self.weights) + 1)
        values += (inputs @ self.along)[:, None] ** powers @ self.weights


def read_spikes(run: Run, along: Any, weights: Any, replicas: int) -> Sequence[Spikes | None]:
    """One for each of the first `replicas`; arguments as in ``fit_readout``. Raises ProblemError."""
    if weights is None:
        return [None] * replicas
    if along is None:
        raise ProblemError("spikes are powers of <z, along>: give along, a direction or 'gradient'")
    directions, p = directions_of(run, along, replicas), run.setting.student.p
    given = _numbers(weights, "spikes")
    everyone, counted = len(run.alpha), given.ndim in (2, 3) and given.shape[-2] > 0
    if not counted or given.shape[-1] != p or (given.ndim == 3 and len(given) != everyone):
        raise ProblemError(f"spikes have shape {given.shape}; expected (powers, {p}) or ({everyone}, powers, {p})")
    stack = np.broadcast_to(given, (everyone, *given.shape[-2:]))
    return [Spikes(*pair) for pair in zip(directions, stack[:replicas], strict=True)]


def directions_of(run: Run, along: Any, replicas: int) -> np.ndarray:
    """(replicas, d): `along` for each of the first `replicas`. Raises ProblemError.

    "gradient": sum_i alpha_i (w_i at the second recorded step - w_i at the first), of norm one: the right singular
    direction of a gradient of rank one, and blind to what moves against alpha. An array (d,) or (the run's replicas,
    d) is taken as it is.
    """
    if isinstance(along, str):
        return _gradient(run, along)[:replicas]
    given, everyone, d = _numbers(along, "along"), len(run.alpha), run.setting.regime.d
    if given.shape not in ((d,), (everyone, d)):
        raise ProblemError(f"along has shape {given.shape}; expected ({d},) or ({everyone}, {d}), or 'gradient'")
    return np.broadcast_to(given, (everyone, d))[:replicas]


def _gradient(run: Run, along: str) -> np.ndarray:
    if along != "gradient":
        raise ProblemError(f"along = {along!r}; known: 'gradient', or an array of {run.setting.regime.d} coordinates")
    if run.rows is None or len(run.at) < 2:
        raise ProblemError("along='gradient' compares the rows of two steps: simulate with record='rows', at=(0, 1)")
    moved = np.stack([alpha @ (rows[1] - rows[0]) for alpha, rows in zip(run.alpha, run.rows, strict=True)])
    norms = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.divide(moved, norms, out=np.full_like(moved, np.nan), where=norms > 0)


def _numbers(values: Any, name: str) -> np.ndarray:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ProblemError(f"{name} is not an array of numbers but {type(values).__name__}") from None
    if not np.isfinite(array).all():
        raise ProblemError(f"{name} holds numbers that are not finite")
    return array
