"""Train and test error of ridge regression on random features, n, N and d proportional."""

import math
from dataclasses import dataclass

import sympy

from ..energies import FeatureEnergy, feature_energy, label_energy
from ..problem import Activation, ProblemError, Target
from .fixed_point import FixedPoint, fixed_point
from .penalty import aspect, penalties


@dataclass(frozen=True)
class RandomFeatureErrors:
    """Limits at d/n = phi, d/N = psi and penalty ridge n on sigma(W x), gamma = ridge psi/phi.

    train_loss: (1/n)|y - F a|^2 + ridge |a|^2; train_error: without the penalty. test_error: E(f* - f)^2, clean
    labels; test_loss adds noise^2. linear: |C_1|^2 of the target; unfitted: Var f* - |C_1|^2 + noise^2, what acts as
    label noise. m1, m2: lim (1/n) tr K^-1 and (1/n) tr[(X X^T/d) K^-1], K = F F^T/N + gamma I; m1_slope, m2_slope:
    their derivatives in gamma. degrees: df_1/n, the share of samples the fit uses up.
    residual: of the fixed point, whose terms add up to 1.
    """

    train_loss: float
    train_error: float
    test_error: float
    test_loss: float
    phi: float
    psi: float
    ridge: float
    gamma: float
    linear: float
    unfitted: float
    m1: float
    m2: float
    m1_slope: float
    m2_slope: float
    degrees: float
    residual: float


def random_feature_errors(
    target: Target | str,
    activation: Activation | str,
    *,
    phi: float,
    psi: float,
    ridge: float | None = None,
    gamma: float | None = None,
) -> RandomFeatureErrors:
    """Ridge on F = sigma(X W^T): minimise |y - F a|^2 + ridge n |a|^2, n samples, N neurons, d/n -> phi, d/N -> psi.

    Rows of W uniform on the unit sphere, x ~ N(0, I_d), y = f* + noise. sigma and f* are centred first (E = 0, no
    intercept in the fit). Of f* only Var f* and |C_1| matter (exact for polynomials), of sigma only
    c_1 = E[sigma(g) g] and Var sigma(g).
    gamma in place of ridge is the same penalty in the convention of features sigma(W x)/sqrt(N) and penalty gamma (not
    times n): gamma = ridge psi/phi. phi and psi may be 0 or math.inf; the limit is then taken at the fixed number
    that was given. ridge = 0 is the limit ridge -> 0 after d -> infinity (least squares, or of least norm).
    At the interpolation peak (N = n without ridge) test_error and test_loss are math.inf.
    Sources: arXiv 2310.07891 for the setting; derived in docs/notes/ridge.md.
    Raises ProblemError for phi = psi = 0 or infinity (the limit depends on n/N), ratios and penalties that are neither
    0 nor in 1e-60 .. 1e60, not exactly one penalty, a constant sigma, and where errors are 0/0: an affine sigma and
    linear labels without noise at d = n <= N without ridge.
    """
    target = target if isinstance(target, Target) else Target(target)
    phi, psi = aspect(phi, "phi"), aspect(psi, "psi")
    if phi == psi and (phi == 0 or math.isinf(phi)):
        raise ProblemError(f"phi = psi = {phi:g}: the limit depends on n/N; give two finite ratios")
    ridge, gamma = penalties(ridge, gamma, math.inf if phi == 0 else psi / phi if math.isfinite(phi) else 0.0)
    full, (mean, linear) = label_energy(target)
    unfitted = max(float(sympy.N(full - mean - linear, 30)), 0.0)
    return energy_errors(
        feature_energy(Activation(activation)), float(linear), unfitted, target.noise, (phi, psi, ridge, gamma)
    )


def energy_errors(
    energy: FeatureEnergy, linear: float, unfitted: float, noise: float, sizes: tuple[float, float, float, float]
) -> RandomFeatureErrors:
    """`random_feature_errors` of second moments alone; sizes are phi, psi and both penalties, already checked."""
    phi, psi, ridge, gamma = sizes
    point = fixed_point(energy, phi, psi, ridge, gamma)
    test = _test_loss(point, linear, unfitted)
    shrunk = point.samples_left  # ridge/kappa: residuals on the batch are those on fresh data times this
    return RandomFeatureErrors(
        train_loss=shrunk * (linear * point.linear_left + unfitted),
        train_error=shrunk**2 * test if math.isfinite(test) else 0.0,
        test_error=test if math.isinf(test) else max(test - noise**2, 0.0),
        test_loss=test,
        phi=phi,
        psi=psi,
        ridge=ridge,
        gamma=gamma,
        linear=linear,
        unfitted=unfitted,
        m1=point.m1,
        m2=point.m2,
        m1_slope=-_ratio(point.m1**2, point.variance),
        m2_slope=-_ratio(point.m1**2 * point.bias, point.variance) if math.isfinite(point.m1) else -math.inf,
        degrees=1 - point.samples_left,
        residual=point.residual,
    )


def _test_loss(point: FixedPoint, linear: float, unfitted: float) -> float:
    """(|C_1|^2 bias + unfitted) / variance."""
    above = linear * point.bias + unfitted
    if point.variance == 0 and above == 0 and linear > 0:
        raise ProblemError("noiseless linear labels at d = n without ridge: 0/0; give a positive ridge")
    return _ratio(above, point.variance)


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0 else (math.inf if above > 0 else 0.0)
