"""The recursion: rows in coordinates, one step after the other."""

from typing import TYPE_CHECKING, TypeAlias

from ..problem import ProblemError
from .domain import Problem
from .moments import Integrands, Labels, Moments, Rule
from .roots import root, shorten

if TYPE_CHECKING:
    import numpy as np

Trajectory: TypeAlias = "tuple[np.ndarray, np.ndarray]"
"""Overlaps (T + 1, p, k) and Gram matrices (T + 1, p, p)."""

_VANISHING = 1e-13  # of a row's norm: what rounding leaves of 0
_LARGEST = 1e150  # of rows: their Gram matrix must be a double


def trajectory(problem: Problem, rule: Rule) -> Trajectory:
    """All steps, with expectations taken by `rule`.

    Raises ProblemError where they overflow or a row to be renormalised vanishes.
    """
    import numpy as np

    integrands, k = Integrands(problem), problem.target.k
    rows = start(problem)
    kept = [rows]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        labels = integrands.labels(rule)
        for step in range(1, problem.steps + 1):
            moments = integrands.moments(rows, labels, rule)
            rows = _step(problem, rows, labels, moments, step)
            kept.append(rows)
        return np.array([rows[:, :k] for rows in kept]), np.array([rows @ rows.T for rows in kept])


def start(problem: Problem) -> "np.ndarray":
    """Rows (p, k + q) at step 0: orthonormal, orthogonal to the teacher, equal within mirrored pairs."""
    import numpy as np

    p, k = problem.student.p, problem.target.k
    own = np.concatenate([np.eye(p // 2), np.eye(p // 2)[::-1]]) if problem.mirrored else np.eye(p)
    return np.concatenate([np.zeros((p, k)), own], axis=1)


def _step(problem: Problem, rows: "np.ndarray", labels: Labels, moments: Moments, step: int) -> "np.ndarray":
    """[D M + eta E[e u^T] | D L + eta E[e x^T], eta E[e xi'], eta R / sqrt(ratio)], then renormalised if asked."""
    import numpy as np

    new, rest = problem.decay * rows + problem.eta * moments.fields, moments.gram
    if problem.preprocess == 1 and labels.energy > 0:
        against = moments.labels + labels.gain * problem.target.noise**2 * moments.slope  # E[e y]
        norm = np.sqrt(labels.energy * problem.ratio)
        along = against / norm - norm / problem.ratio * moments.slope
        new = np.concatenate([new, problem.eta * along[:, None]], axis=1)
        rest = rest - np.outer(against, against) / labels.energy
    if not (np.abs(new).max() < _LARGEST and np.abs(rest).max() < _LARGEST**2):  # NaN too
        raise ProblemError(f"the limit diverges: step {step} leaves the range of doubles")
    new = np.concatenate([new, problem.eta / np.sqrt(problem.ratio) * root(rest)], axis=1)
    if problem.unit:
        norms = np.linalg.norm(new, axis=1, keepdims=True)
        if norms.min() < _VANISHING:
            raise ProblemError(f"row {int(np.argmin(norms)) + 1} vanishes at step {step} and cannot be renormalised")
        new = new / norms
    k = problem.target.k
    return np.concatenate([new[:, :k], shorten(new[:, k:])], axis=1)
