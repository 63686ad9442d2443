"""Matrix products for compiled kernels: plain loops where BLAS would cost more to call than it saves."""

import numpy as np

from ..kernels import fused, summing

PANEL = 16  # from this many rows on BLAS is faster


def _add_products(total: np.ndarray, left: np.ndarray, right: np.ndarray) -> None:
    """total (a, b) += left (a, m) right (b, m)^T; all C-ordered."""
    if right.shape[0] == 0:
        return
    if min(left.shape[0], right.shape[0]) >= PANEL:
        total += np.dot(left, right.T)
        return
    for i in range(left.shape[0]):
        for j in range(right.shape[0]):
            entry = 0.0
            for s in range(left.shape[1]):
                entry += left[i, s] * right[j, s]
            total[i, j] += entry


def _add_combinations(target: np.ndarray, sign: float, weights: np.ndarray, rows: np.ndarray) -> None:
    """target (a, m) += sign weights (a, b) rows (b, m); all C-ordered."""
    if min(weights.shape) >= PANEL:
        target += np.dot(sign * weights, rows)
        return
    for i in range(weights.shape[0]):
        for j in range(weights.shape[1]):
            weight = sign * weights[i, j]
            for s in range(rows.shape[1]):
                target[i, s] += weight * rows[j, s]


# A sum may be taken in any order and a product added without rounding: many terms at a time.
add_products = summing(_add_products)
add_combinations = fused(_add_combinations)
