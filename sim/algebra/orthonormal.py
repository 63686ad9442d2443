"""Orthonormal directions, grown one set of vectors after another, with ranks decided on the way.

Vectors are rows. Where they are short, `extend` sees them whole. Where a vector has an entry a sample it is only seen
through inner products, and `separate` says what to do next with those.
"""

import numpy as np

from ..kernels import kernel
from .products import add_combinations, add_products

LOST = 1e-13  # a vector whose new part is smaller than this, of its norm, adds no direction: that part is round-off
_CLEAR = 1e-10  # squared: a part this large is known well enough from inner products to be divided by
_ENOUGH = 0.5  # squared: a vector that keeps this much of its norm is orthogonal to round-off after one projection


def _remove(vectors: np.ndarray, basis: np.ndarray) -> None:
    """Project `vectors` (p, D) off the rows of `basis` (a, D)."""
    inside = np.zeros((vectors.shape[0], basis.shape[0]))
    add_products(inside, vectors, basis)
    add_combinations(vectors, -1.0, inside, basis)


def _norm(vector: np.ndarray) -> float:
    total = 0.0
    for entry in vector:
        total += entry * entry
    return np.sqrt(total)


def _extend(basis: np.ndarray, count: int, vectors: np.ndarray) -> int:
    """Append to the first `count` rows of `basis` what directions `vectors` (p, D) add; how many rows there are now.

    Vectors that are not finite add none.
    """
    fresh, added = vectors.copy(), 0
    remove(fresh, basis[:count])
    for i in range(vectors.shape[0]):
        for _ in range(2):
            remove(fresh[i : i + 1], fresh[:added])
        left = norm(fresh[i])
        if left > LOST * norm(vectors[i]) and count + added < basis.shape[0]:
            fresh[added] = fresh[i] / left
            added += 1
    fresh = fresh[:added]
    remove(fresh, basis[:count])  # once more: the first time leaves round-off of the vector, not of its new part
    for i in range(added):
        remove(fresh[i : i + 1], fresh[:i])
        basis[count + i] = fresh[i] = fresh[i] / norm(fresh[i])
    return count + added


def _separate(
    inner: np.ndarray, gram: np.ndarray, factor: np.ndarray, norms: np.ndarray, lower: np.ndarray, inverse: np.ndarray
) -> bool:
    """The next step of making vectors e (p, n) orthonormal to each other and to orthonormal vectors s (m, n).

    inner (p, m) = e s^T, gram (p, p) = e e^T. The step is e' = inverse (e - inner s); lower (p, p) is filled so that
    e - inner s = lower e', with zero columns for directions that are dropped. True where e' is orthonormal to
    round-off, and zero where dropped; otherwise take it for e and come back. Products of inner products lose half of
    the digits, so a small part is first scaled up and only divided by when it has been seen from near.
    factor (p, p): the product of the `lower` so far (first 1). norms (p,): of the vectors begun with.
    """
    p, good = gram.shape[0], True
    left = gram.copy()
    add_combinations(left, -1.0, inner, np.ascontiguousarray(inner.T))
    lower[:] = 0.0
    inverse[:] = 0.0
    pivot = np.zeros(p, np.bool_)
    for i in range(p):
        size = np.sqrt(gram[i, i])
        if not LOST * norms[i] < factor[i, i] * size < np.inf:
            continue
        rest = left[i, i]
        for j in range(i):
            if pivot[j]:
                entry = left[i, j]
                for k in range(j):
                    entry -= lower[i, k] * lower[j, k]
                lower[i, j] = entry / lower[j, j]
                rest -= lower[i, j] ** 2
        pivot[i] = rest > _CLEAR * gram[i, i]
        good = good and rest > _ENOUGH * gram[i, i]
        lower[i, i] = np.sqrt(rest) if pivot[i] else size
        inverse[i, i] = 1.0
        for j in range(i):
            for k in range(j + 1):
                inverse[i, k] -= lower[i, j] * inverse[j, k]
        inverse[i] /= lower[i, i]
    return good


norm = kernel(_norm)
remove = kernel(_remove)
extend = kernel(_extend)
separate = kernel(_separate)
