"""What ridge regression on random features gains from a few more columns that are functions of one direction."""

from dataclasses import dataclass
from math import factorial
from typing import TYPE_CHECKING

from ..ridge import RandomFeatureErrors
from .kernel import ORDER
from .step import StepConstants

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, eq=False)
class Captured:
    """Phi = lim (1/n) (y^T K0^-1 y - y^T K^-1 y) = Y^T A^-1 Y, and its derivative in gamma.

    parts (13,): Phi = sum_j parts[j], part j with the first Y of the part P_j f* alone, Hermite degree j.
    """

    value: float
    slope: float
    parts: "np.ndarray"

    def train_loss(self, before: RandomFeatureErrors) -> float:
        """The loss is gamma y^T K^-1 y/n."""
        return before.gamma * self.value

    def train_error(self, before: RandomFeatureErrors) -> float:
        """Residuals are gamma K^-1 y."""
        return -(before.gamma**2) * self.slope

    def test_error(self, before: RandomFeatureErrors) -> float:
        """Generalised cross-validation: a few columns do not move (1/n) tr K^-1 = m1."""
        return -self.slope / before.m1**2


def captured(columns: "np.ndarray", labels: "np.ndarray", before: RandomFeatureErrors) -> Captured:
    """Phi for columns (13, m) without penalty and labels (13,), given by coefficients in he_i(g).

    A = U^T M U and Y = U^T M y, M diagonal: m2 for i = 1, linear in x, else m1. Derived in docs/notes/spike_gains.md.
    """
    import numpy as np

    def forms(linear: float, other: float) -> "tuple[np.ndarray, np.ndarray]":
        weights = np.full(len(labels), other)
        weights[1] = linear
        return (columns.T * weights) @ columns, (columns.T * (weights * labels)).T

    gram, overlaps = forms(before.m2, before.m1)
    gram_slope, overlaps_slope = forms(before.m2_slope, before.m1_slope)
    fit = np.linalg.solve(gram, overlaps.sum(axis=0))
    slope = 2 * fit @ overlaps_slope.sum(axis=0) - fit @ gram_slope @ fit
    parts = overlaps @ fit
    return Captured(float(parts.sum()), float(slope), parts)


def label_coefficients(constants: StepConstants, phi: float) -> "np.ndarray":
    """(13,): E[f* he_i(g)] = sqrt(i!) c_{*,i} rho^i, rho the cosine of beta and beta_*; g = <beta, x>/|beta|."""
    import numpy as np

    rho, found = constants.alignment(phi) ** 0.5, np.zeros(ORDER + 1)
    for i, c in enumerate(constants.target):
        found[i] = c * rho**i * factorial(i) ** 0.5
    return found
