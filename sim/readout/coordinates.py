"""Trained rows, as the readout sees them: in R^d, or in coordinates that begin with the teacher's."""

import numpy as np
import scipy.linalg

from theory.problem import ProblemError

from ..algebra.small import root, triangular
from ..run import Run

ROUTES = ("auto", "rows", "reduced")
TOLERANCE = 1e-8  # of an inner product over the norms: how far a Gram matrix may be from that of rows


def coordinates(run: Run, position: int, replicas: int, route: str) -> tuple[np.ndarray, str]:
    """(rows (replicas, p, D), route taken). Rows of a replica that is not finite are NaN.

    "rows": the recorded rows, D = d. "reduced": [M, L] with the overlaps M and a root L of Gram - M M^T, D <= p + k:
    the law of everything the readout returns is the same (docs/notes/readout.md, item 1). "auto": the smaller D.
    """
    setting = run.setting
    p, k, d = setting.student.p, setting.target.k, setting.regime.d
    if route not in ROUTES:
        raise ProblemError(f"route = {route!r}; known: {', '.join(ROUTES)}")
    if route == "auto":
        route = "reduced" if p + k < d else "rows"
    if route == "reduced" and p + k > d:
        raise ProblemError(f"route='reduced' needs p + k <= d, but p + k = {p + k} and d = {d}; record and use rows")
    rows = _recorded(run, "rows", position, replicas, (p, d))
    if rows is not None and not (finite := _finite(rows)).all():
        rows = np.where(finite, rows, np.nan)
    if route == "rows":
        if rows is None:
            raise ProblemError("the run holds no rows: simulate with record='rows'")
        return rows, route
    if rows is not None:
        return np.concatenate([rows[:, :, :k], triangular(rows[:, :, k:])], axis=2), route
    overlaps = _recorded(run, "overlaps", position, replicas, (p, k))
    gram = _recorded(run, "gram", position, replicas, (p, p))
    if overlaps is None or gram is None:
        raise ProblemError("the run holds neither rows nor Gram matrices: simulate with record='gram' (or 'rows')")
    return _from_gram(overlaps, gram), route


def _recorded(run: Run, name: str, position: int, replicas: int, shape: tuple[int, int]) -> np.ndarray | None:
    values = getattr(run, name)
    if values is None:
        return None
    array = np.asarray(values, dtype=float)
    steps = len(run.at)
    if array.shape[1:] != (steps, *shape) or len(array) < replicas:
        expected = f"({replicas} or more, {steps}, {shape[0]}, {shape[1]})"
        raise ProblemError(f"the run's {name} have shape {array.shape}; expected {expected}")
    return array[:replicas, position]


def _finite(stack: np.ndarray) -> np.ndarray:
    """Which matrices of a stack are finite throughout, (R, 1, 1)."""
    return np.isfinite(stack).all(axis=(1, 2), keepdims=True)


def _from_gram(overlaps: np.ndarray, gram: np.ndarray) -> np.ndarray:
    finite = _finite(overlaps) & _finite(gram)
    if not finite.all():
        overlaps, gram = np.where(finite, overlaps, 0.0), np.where(finite, gram, 0.0)
    remainder = gram - overlaps @ overlaps.swapaxes(1, 2)
    factor = np.stack([_factor(matrix) for matrix in remainder])
    if not _is_root(factor, remainder, np.sqrt(np.maximum(np.einsum("rii->ri", gram), 0.0))):
        raise ProblemError("the run's gram is not the Gram matrix of rows with its overlaps")
    rows = np.concatenate([overlaps, factor], axis=2)
    return rows if finite.all() else np.where(finite, rows, np.nan)


def _factor(gram: np.ndarray) -> np.ndarray:
    """L with L L^T = gram; lower triangular unless `gram` is singular."""
    try:  # of the transpose, whose entries lie as LAPACK wants them: no copy of another order
        return scipy.linalg.cholesky(gram.T, lower=False, check_finite=False).T
    except np.linalg.LinAlgError:
        return root(gram[None])[0]


def _is_root(factor: np.ndarray, remainder: np.ndarray, norms: np.ndarray) -> bool:
    """Whether factor factor^T = remainder, up to round-off at rows of these `norms` (R, p): seen on a vector of signs.

    A matrix that is not symmetric and positive semi-definite has no root: what is returned for one does not look at its
    upper triangle, and leaves out its negative part.
    """
    signs = np.where(np.random.default_rng(0).random(norms.shape[1]) < 0.5, -1.0, 1.0)
    product = factor @ (factor.swapaxes(1, 2) @ signs)[:, :, None]
    off = np.stack([product[:, :, 0] - remainder @ signs, product[:, :, 0] - remainder.swapaxes(1, 2) @ signs])
    return bool((np.abs(off) <= TOLERANCE * norms * norms.sum(axis=1, keepdims=True)).all())
