"""What ridge regression on random features gains from a few more columns that are functions of one direction."""

from dataclasses import dataclass
from math import factorial
from typing import TYPE_CHECKING

from ..ridge import RandomFeatureErrors
from .kernel import ORDER
from .step import StepConstants

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Captured:
    """Phi = lim (1/n) (y^T K0^-1 y - y^T K^-1 y) = Y^T (A + P)^-1 Y, and its derivative in gamma.

    parts (13,): Phi = sum_j parts[j], part j with the first Y of the part P_j f* alone, Hermite degree j.
    """

    value: float
    slope: float
    parts: "np.ndarray"

    def __add__(self, other: "Captured") -> "Captured":
        return Captured(self.value + other.value, self.slope + other.slope, self.parts + other.parts)

    def train_loss(self, before: RandomFeatureErrors) -> float:
        """The loss is gamma y^T K^-1 y/n."""
        return before.gamma * self.value

    def train_error(self, before: RandomFeatureErrors) -> float:
        """Residuals are gamma K^-1 y."""
        return -(before.gamma**2) * self.slope

    def test_error(self, before: RandomFeatureErrors) -> float:
        """Generalised cross-validation: a few columns do not move (1/n) tr K^-1 = m1."""
        return -self.slope / before.m1**2


def captured(
    columns: "np.ndarray",
    labels: "np.ndarray",
    before: RandomFeatureErrors,
    penalty: "np.ndarray",
    penalty_slope: "np.ndarray",
    mean_overlap: "np.ndarray | float" = 0.0,
    label_columns: "np.ndarray | None" = None,
) -> Captured:
    """Phi for columns (13, m) and labels (13,) given by coefficients in he_i(g), penalty P (m, m) and dP/dgamma.

    A = U^T M U and Y = U^T M y + m1 mean_overlap, M diagonal: m2 for i = 1, linear in x, else m1. label_columns
    (13, m): in place of U in Y, where labels meet other columns than the fit does. mean_overlap (m,): E[f* q] of what
    all neurons share.
    Derived in docs/notes/spike_gains.md.
    """
    import numpy as np

    met = columns if label_columns is None else label_columns

    def forms(linear: float, other: float) -> "tuple[np.ndarray, np.ndarray]":
        weights = np.full(len(labels), other)
        weights[1] = linear
        overlaps = (met.T * (weights * labels)).T
        overlaps[2] += other * mean_overlap  # what all neurons share is |x|^2 - d, of degree 2
        return (columns.T * weights) @ columns, overlaps

    gram, overlaps = forms(before.m2, before.m1)
    gram_slope, overlaps_slope = forms(before.m2_slope, before.m1_slope)
    fit = np.linalg.solve(gram + penalty, overlaps.sum(axis=0))
    slope = 2 * fit @ overlaps_slope.sum(axis=0) - fit @ (gram_slope + penalty_slope) @ fit
    parts = overlaps @ fit
    return Captured(float(parts.sum()), float(slope), parts)


def label_coefficients(constants: StepConstants, phi: float) -> "np.ndarray":
    """(13,): E[f* he_i(g)] = sqrt(i!) c_{*,i} rho^i, rho the cosine of beta and beta_*; g = <beta, x>/|beta|."""
    import numpy as np

    rho, found = constants.alignment(phi) ** 0.5, np.zeros(ORDER + 1)
    for i, c in enumerate(constants.target):
        found[i] = c * rho**i * factorial(i) ** 0.5
    return found
