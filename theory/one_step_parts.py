"""Signal and drift of the one-step law as numbers."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .one_step_laws import OneStepLaw, Polynomial


def signal_square(law: "OneStepLaw", xi: np.ndarray) -> np.ndarray:
    """|S(xi)|^2 for xi of shape (..., k): shape (...)."""
    return sum((_value(part, xi) ** 2 for part in law.signal), np.zeros(xi.shape[:-1]))


def drift(law: "OneStepLaw", xi: np.ndarray) -> np.ndarray:
    """T(xi) for xi of shape (..., k): shape (...)."""
    return _value(law.drift, xi)


def basis(law: "OneStepLaw") -> np.ndarray:
    """Orthonormal columns, shape (k, m), spanning the directions of xi that S and T depend on (l >= 2)."""
    columns: dict[tuple[int, tuple[int, ...]], np.ndarray] = {}
    for index, part in enumerate([*law.signal, law.drift]):
        for key, value in part:
            for r, power in enumerate(key):
                if power:
                    rest = (*key[:r], power - 1, *key[r + 1 :])
                    columns.setdefault((index, rest), np.zeros(law.k))[r] += power * float(value)
    left, sizes, _ = np.linalg.svd(np.stack(list(columns.values()), axis=1), full_matrices=False)
    return left[:, sizes > 1e-12 * sizes[0]]


def _value(part: "Polynomial", xi: np.ndarray) -> np.ndarray:
    total = np.zeros(xi.shape[:-1])
    for key, value in part:
        term = np.full(xi.shape[:-1], float(value))
        for r, power in enumerate(key):
            if power:
                term = term * xi[..., r] ** power
        total += term
    return total
