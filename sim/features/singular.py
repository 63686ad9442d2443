"""Singular values and vectors of a feature matrix F (n, p): all values, or the largest few with their vectors."""

from collections.abc import Callable

import numpy as np
import scipy.linalg

from ..random.streams import cut
from ..threads import Crew

SMALL = 128  # the smaller side: up to here, and where more than this part of it is wanted, the whole decomposition
PART = 0.2
SLAB_VALUES = 2**18  # of F in a task: still in cache when its rows are used the second time
TOLERANCE = 1e-10  # |F^T F v - s^2 v| over s^2, of what counts as found,
ROUND_OFF = 1e-14  # or over s_1^2
LOOK = 10  # Lanczos steps between two looks at what has been found
MOST = 1000  # Lanczos steps; then the whole decomposition

Triplets = tuple[np.ndarray, np.ndarray, np.ndarray]


def all_values(gram: np.ndarray) -> np.ndarray:
    """All singular values, largest first, from the Gram matrix of the smaller side, which is overwritten.

    A third of the time of a decomposition of F, or less, for half of the digits of the smallest ones: s is known to
    about 1e-16 s_1^2 / s, and to 0 below 1e-8 s_1.
    """
    squares = scipy.linalg.eigh(gram, eigvals_only=True, driver="evd", overwrite_a=True, check_finite=False)
    return np.sqrt(np.maximum(squares[::-1], 0.0))


def largest(matrix: np.ndarray, top: int, start: np.ndarray, crew: Crew) -> Triplets:
    """(values (top,), left (top, n), right (top, p)) of the `top` largest singular values, largest first.

    By Lanczos from `start` (p,), in one look at F a step. F^T F v is s^2 v to r = 1e-10 s^2, or 1e-14 s_1^2 where that
    is more: so a value is right to r / s, and a vector to r over the distance of its s^2 to the next. The sign makes
    the largest entry of a right vector positive.
    """
    found = _lanczos(_gram(matrix, crew), top, start) if by_lanczos(matrix.shape, top) else None
    if found is None:
        left, values, right = np.linalg.svd(matrix, full_matrices=False)
        left, values, right = left.T[:top], values[:top], right[:top]
    else:  # Rayleigh and Ritz: products of F itself, not of F^T F
        turn, values, right = np.linalg.svd(matrix @ found.T, full_matrices=False)
        left, right = turn.T, right @ found
    peaks = np.take_along_axis(right, np.abs(right).argmax(axis=1)[:, None], axis=1)
    signs = np.where(peaks < 0, -1.0, 1.0)
    return values, signs * left, signs * right


def by_lanczos(shape: tuple[int, ...], top: int) -> bool:
    """Whether so few of an (n, p) matrix are wanted that Lanczos pays."""
    return min(shape) > SMALL and top <= PART * min(shape)


def _gram(matrix: np.ndarray, crew: Crew) -> Callable[[np.ndarray], np.ndarray]:
    """v -> F^T F v, summed over slabs in their order, whatever the threads."""
    n, p = matrix.shape
    slabs = [slice(first, first + count) for first, count in cut(n, max(1, SLAB_VALUES // p))]

    def times(vector: np.ndarray) -> np.ndarray:
        total = np.zeros(p)
        for part in crew.stream(lambda slab: (matrix[slab] @ vector) @ matrix[slab], slabs):
            total += part
        return total

    return times


def _lanczos(times: Callable[[np.ndarray], np.ndarray], top: int, start: np.ndarray) -> np.ndarray | None:
    """Orthonormal (top, p), the eigenvectors of the `top` largest eigenvalues of a symmetric positive operator.

    Every vector is made orthogonal to all before, twice. None where that many are not found: an operator of too few
    different eigenvalues, or too many steps.
    """
    basis = np.empty((min(MOST, len(start)) + 1, len(start)))
    basis[0] = start / np.linalg.norm(start)
    diagonal: list[float] = []
    beside: list[float] = []
    for step in range(len(basis) - 1):
        known, vector = basis[: step + 1], times(basis[step])
        diagonal.append(float(vector @ basis[step]))
        for _ in range(2):
            vector -= (known @ vector) @ known
        left = float(np.linalg.norm(vector))
        over = left <= ROUND_OFF * max(diagonal)  # the space is invariant
        if step + 1 >= top and (over or step % LOOK == LOOK - 1 or step == len(basis) - 2):
            values, vectors = scipy.linalg.eigh_tridiagonal(diagonal, beside)
            enough = np.maximum(TOLERANCE * values[-top:], ROUND_OFF * values[-1])
            if over or (left * np.abs(vectors[-1, -top:]) <= enough).all():
                return vectors[:, -top:].T @ known
        if over:
            return None
        basis[step + 1] = vector / left
        beside.append(left)
    return None
