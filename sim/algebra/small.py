"""Linear algebra on stacks of small matrices: Gaussian matrices by their triangular factor, and square roots."""

import numpy as np

from ..kernels import kernel
from ..random.normals import chi_square, fill, normal
from ..random.words import open_stream


def _fill_stack(key: np.ndarray, first: int, purpose: int, batch: int, block: int, stack: np.ndarray) -> None:
    """Standard normals into stack[i] (rows, columns), replica `first` + i, from its stream (purpose, batch, block)."""
    for index in range(stack.shape[0]):
        fill(open_stream(key, first + index, purpose, batch, block), stack[index])


fill_stack = kernel(_fill_stack)


def _bartlett(
    key: np.ndarray, first: int, purpose: int, batch: int, block: int, degrees: np.ndarray, factors: np.ndarray
) -> None:
    """factors[i] <- the T of ``bartlett`` with degrees[i] degrees, from replica `first` + i's stream."""
    for index in range(factors.shape[0]):
        state = open_stream(key, first + index, purpose, batch, block)
        for i in range(factors.shape[1]):
            for j in range(factors.shape[2]):
                factors[index, i, j] = 0.0
                if j < degrees[index] and j < i:
                    factors[index, i, j] = normal(state)
                elif j < degrees[index] and j == i:
                    factors[index, i, j] = np.sqrt(chi_square(state, degrees[index] - i))


fill_bartlett = kernel(_bartlett)


def bartlett(
    key: np.ndarray, first: int, purpose: int, batch: int, block: int, rows: int, degrees: np.ndarray
) -> np.ndarray:
    """Lower trapezoidal T, shape (replicas, rows, min(rows, max degrees)): G = T F with G Gaussian, F F^T = I.

    G is a `rows` x degrees matrix of standard normals and F, independent of T, uniform among the matrices with
    orthonormal rows: so T T^T is a Wishart matrix (Bartlett). degrees (replicas,): at least 0; a replica with fewer
    than the others has zero columns. Replica `first` + i draws from the stream (purpose, batch, block) of its own.
    """
    factors = np.empty((len(degrees), rows, min(rows, int(degrees.max()))))
    fill_bartlett(key, first, purpose, batch, block, degrees, factors)
    return factors


def _chi_squares(
    key: np.ndarray, first: int, purpose: int, batch: int, block: int, degrees: np.ndarray, squares: np.ndarray
) -> None:
    """squares[i]: chi-squared with degrees[i] degrees of freedom, from replica `first` + i's stream."""
    for index in range(squares.size):
        squares[index] = chi_square(open_stream(key, first + index, purpose, batch, block), degrees[index])


fill_chi_squares = kernel(_chi_squares)


def chi_squares(key: np.ndarray, first: int, purpose: int, batch: int, block: int, degrees: np.ndarray) -> np.ndarray:
    """One chi-squared number a replica; degrees (replicas,)."""
    squares = np.empty(len(degrees))
    fill_chi_squares(key, first, purpose, batch, block, degrees, squares)
    return squares


def unit_rows(stack: np.ndarray) -> np.ndarray:
    """The rows of matrices (replicas, rows, columns), divided by their norms."""
    return stack / np.sqrt(np.einsum("rij,rij->ri", stack, stack))[:, :, None]


@np.errstate(all="ignore")
def root(gram: np.ndarray) -> np.ndarray:
    """L with L L^T = gram, for a stack (replicas, p, p) of positive semi-definite matrices.

    Scaled to a unit diagonal first, so that small rows keep their relative accuracy. A row whose diagonal entry is not
    finite becomes NaN, and the others are a root without it.
    """
    scale = np.sqrt(np.maximum(np.einsum("rii->ri", gram), 0.0))[:, :, None]
    divisor = np.where(scale > 0, scale, 1.0)
    unit = gram / divisor / divisor.swapaxes(1, 2)
    lost = ~np.isfinite(scale[:, :, 0])
    unit[lost] = 0.0
    unit.swapaxes(1, 2)[lost] = 0.0
    spoilt = ~np.asarray(np.isfinite(unit).all(axis=(1, 2)))  # by an entry alone: nothing can be told of the replica
    unit[spoilt] = 0.0
    lost |= spoilt[:, None]
    np.einsum("rii->ri", unit)[...] = 1.0  # that of a row that is zero or lost too: it stays apart from the others
    try:
        factor = np.linalg.cholesky(unit)
    except np.linalg.LinAlgError:  # some are singular; which way is taken must not depend on the others
        factor = np.stack([_root(matrix) for matrix in unit])
    factor = factor * scale
    factor[lost] = np.nan
    return factor


def _root(matrix: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:  # equal neurons, or more neurons than samples
        values, vectors = np.linalg.eigh(matrix)
        return vectors * np.sqrt(np.maximum(values, 0.0))


def triangular(rows: np.ndarray) -> np.ndarray:
    """Lower trapezoidal L, shape (replicas, p, min(p, q)), with L L^T = rows rows^T for `rows` (replicas, p, q).

    By orthogonal reduction, without forming the Gram matrix: nearly equal rows keep their difference. A row that is
    not finite becomes NaN, and the others are as if it were zero.
    """
    finite = np.isfinite(rows).all(axis=2)[:, :, None]
    safe = rows if finite.all() else np.where(finite, rows, 0.0)
    factor = np.asarray(np.linalg.qr(safe.swapaxes(1, 2), mode="r")).swapaxes(1, 2)
    return factor if finite.all() else np.where(finite, factor, np.nan)
