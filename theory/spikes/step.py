"""The constants of one gradient step with a growing rate: of target, activation and output scaling."""

import math
from dataclasses import dataclass
from functools import lru_cache
from math import factorial

import sympy

from ..energies import feature_energy, label_energy
from ..fresh.functions import function
from ..hermite import expansion, hermite_coefficients
from ..hermite.expansion import ORDER
from ..problem import Activation, ProblemError, Target
from ..problem.errors import show
from ..ridge.conditional import SPACINGS, rules

SCALINGS = ("mean-field", "ntk")
_GOOD = 1e-10


@dataclass(frozen=True)
class StepConstants:
    """Of sigma - E sigma and f* - E f*, after arXiv 2310.07891: c_k = E[. He_k]/k!, He_k not normalised.

    sigma: (0, c_1, .., c_10). sigma_energy: E sigma^2 = sum_k k! c_k^2. nonlinear: c_{>1}^2 = E sigma^2 - c_1^2.
    slope_variance: E(sigma' - c_1)^2.
    target: (0, c_{*,1}, .., c_{*,10}) along beta_* = C_1/|C_1|, c_{*,j} = <C_j, beta_*^j>/j!, so c_{*,1} = |C_1|; all 0
    where C_1 = 0. target_energy: c_*^2 = E f*^2, what lies in other directions included. noise: its standard deviation.
    scaling: "mean-field", whose residual is y (as for the correlation loss or symmetric initialisation), or "ntk",
    whose residual is y - a^T sigma(W0 x).
    """

    sigma: tuple[float, ...]
    sigma_energy: float
    nonlinear: float
    slope_variance: float
    target: tuple[float, ...]
    target_energy: float
    noise: float
    scaling: str

    @property
    def label_energy(self) -> float:
        """E y^2 = c_*^2 + s_eps^2."""
        return self.target_energy + self.noise**2

    @property
    def unfitted(self) -> float:
        """s_e^2 = c_*^2 - c_{*,1}^2 + s_eps^2, what acts as label noise on random features."""
        return max(self.label_energy - self.target[1] ** 2, 0.0)

    def gradient_energy(self, phi: float) -> float:
        """lim |beta|^2 at d/n -> phi, beta = X^T (residual)/n, so that the gradient is c_1 a beta^T to first order.

        B = c_{*,1}^2 + phi (c_*^2 + s_eps^2); with f0 kept, + c_1^2 + phi E sigma^2, since f0 has the linear part
        c_1 W0^T a of norm c_1 and |a| -> 1.
        """
        own = self.target[1] ** 2 + phi * self.label_energy
        return own if self.scaling == "mean-field" else own + self.sigma[1] ** 2 + phi * self.sigma_energy

    def alignment(self, phi: float) -> float:
        """rho^2 = lim cos^2(beta, beta_*)."""
        return self.target[1] ** 2 / self.gradient_energy(phi)


@lru_cache(maxsize=256)
def step_constants(target: Target, activation: Activation, scaling: str = "mean-field") -> StepConstants:
    """The constants of any target with finite variance; sigma and f* are centred first.

    The target may have several indices: the step sees it through C_1 and E y^2 alone, and what the features then learn
    of it is its part along beta_* (docs/notes/spikes.md).
    Raises ProblemError for another scaling, a constant target, a constant or discontinuous sigma, and c_1 = 0 (the
    gradient's leading part vanishes and what is left has no rank one).
    """
    if scaling not in SCALINGS:
        raise ProblemError(f"scaling = {show(scaling)} is none of {', '.join(SCALINGS)}")
    slope = activation.derivative  # refuses jumps
    features = feature_energy(activation)  # refuses constants
    values = hermite_coefficients(activation, ORDER)
    known = [0.0 if abs(c) <= error else float(c) for c, error in zip(values, values.errors, strict=True)]
    sigma = [c / factorial(k) for k, c in enumerate(known)]
    if sigma[1] == 0:
        raise ProblemError(f"activation {activation.name} has c_1 = 0, so the gradient is not close to c_1 a beta^T")
    full, (mean, _linear) = label_energy(Target(target, noise=0.0))
    energy = float(sympy.N(full - mean, 30))
    if energy <= 0:
        raise ProblemError("the target is constant: nothing is left of it once it is centred")
    return StepConstants(
        sigma=(0.0, *sigma[1:]),
        sigma_energy=features.linear + features.nonlinear,
        nonlinear=features.nonlinear,
        slope_variance=_slope_variance(activation, slope, sigma[1]),
        target=_along_slope(target),
        target_energy=energy,
        noise=target.noise,
        scaling=scaling,
    )


def _slope_variance(activation: Activation, slope: sympy.Expr, c_1: float) -> float:
    """By the rules that know the kinks of sigma, refined by 3/2 until nothing changes."""
    import numpy as np

    values, square = function(slope, [activation.symbol]), math.nan
    for level in range(len(SPACINGS)):
        ((_, nodes, weights),) = rules(activation, np.zeros(1), np.ones(1), level)
        with np.errstate(over="ignore", invalid="ignore"):
            previous, square = square, float(np.sum(weights * (values(nodes) - c_1) ** 2))
        if abs(square - previous) <= _GOOD * max(square, c_1**2):
            return square
    raise ProblemError(f"E sigma'^2 of activation {activation.name} does not converge")


def _along_slope(target: Target) -> tuple[float, ...]:
    """(0, c_{*,1}, ..): He_j(<v, z>) = sum_a (j!/a!) v^a He_a(z) over |a| = j, so c_{*,j} = sum_a h_a v^a."""
    series = expansion(target)
    kept = {key: value for key, value in series.terms.items() if not series.field.is_zero(value)}
    terms = {key: float(series.field.to_sympy(value)) for key, value in kept.items()}
    slope = [terms.get(tuple(int(i == j) for i in range(target.k)), 0.0) for j in range(target.k)]
    length = sum(x * x for x in slope) ** 0.5
    found = [0.0] * (ORDER + 1)
    if length > 0:
        for key, value in terms.items():
            if 1 <= sum(key) <= ORDER:
                for x, power in zip(slope, key, strict=True):
                    value *= (x / length) ** power
                found[sum(key)] += value
    return tuple(found)
