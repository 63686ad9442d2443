"""Labels less their mean, or less their linear part too, when only some coordinates of the data are drawn.

The linear part <x, mean(y x)> looks along N^T y, N the part of the data outside the coordinates in use. Given the
labels this is a direction like any other, along which |N^T y| = g |y| with g^2 chi-squared, and the samples' fields
are yhat g + (1 - yhat yhat^T) xi with fresh normals xi, yhat = y / |y|; the rest of N has no component along y.
Derived in docs/notes/conditioned.md.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Removed:
    """correction (R, 2 + fields): labels are gain y - mean - <linear, fields>, (gain, mean, *linear) by replica.

    lift = (g - <yhat, xi>) / |y| and square = |y|^2, both (R,), where a direction outside the fields was looked at.
    """

    correction: np.ndarray
    lift: np.ndarray | None = None
    square: np.ndarray | None = None

    @property
    def lifts(self) -> bool:
        """Whether a direction was looked at: then the last field is xi."""
        return self.lift is not None

    def restore(self, inside: np.ndarray, gram: np.ndarray, against: np.ndarray) -> None:
        """From sums with xi to sums along N^T y; takes the labels' direction off the rest's Gram matrix."""
        assert self.lift is not None
        assert self.square is not None
        inside[:, :, -1:] += self.lift[:, None, None] * against
        gram -= against @ (against / self.square[:, None, None]).swapaxes(1, 2)


def nothing(count: int) -> Removed:
    """Labels as they are."""
    return Removed(np.tile([1.0, 0.0], (count, 1)))


def mean(n: int, moments: np.ndarray) -> Removed:
    """y - mean(y). moments (R, 2 + .): sums of y, y^2, and y times fields."""
    return Removed(np.stack([np.ones(len(moments)), moments[:, 0] / n], axis=1))


def linear(n: int, moments: np.ndarray, chi_squared: np.ndarray | None) -> Removed:
    """y - mean(y) - <x, mean(y x)>; chi_squared (R,): g^2, or None where the fields hold all of x (no xi then)."""
    total, square, products = moments[:, :1] / n, moments[:, 1], moments[:, 2:] / n
    if chi_squared is None:
        return Removed(np.concatenate([np.ones_like(total), total, products], axis=1))
    g, norm = np.sqrt(chi_squared), np.sqrt(np.where(square > 0, square, 1.0))  # labels all 0: nothing to remove
    projection = n * products[:, -1] / norm
    lift = np.where(square > 0, (g - projection) / norm, 0.0)
    gain = 1.0 - np.where(square > 0, g * (g - projection) / n, 0.0)
    products = np.concatenate([products[:, :-1], (np.sqrt(square) * g / n)[:, None]], axis=1)
    correction = np.concatenate([gain[:, None], total, products], axis=1)
    return Removed(correction, lift, np.where(square > 0, square, 1.0))
