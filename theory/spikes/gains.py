"""How much training loss and errors fall by one gradient step whose rate grows with n: the plateaus."""

from dataclasses import dataclass
from math import factorial, isfinite
from typing import TYPE_CHECKING

from ..problem import Activation, ProblemError, Target
from ..problem.errors import show
from ..problem.scalars import integer
from ..ridge import RandomFeatureErrors, random_feature_errors
from .captured import captured, label_coefficients
from .degrees import learned_degrees
from .kernel import ORDER, spread
from .step import step_constants

if TYPE_CHECKING:
    import numpy as np

COLUMNS = ("step", "monomials")
_HIGHEST = 10  # the last c_k that step_constants keeps


@dataclass(frozen=True)
class SpikeGains:
    """Limits, before minus after: train_loss (1/n)|y - F a|^2 + ridge |a|^2; train_error, without the penalty;
    test_error E(f* - f)^2 (test_loss falls by the same).

    orders: the k <= regime with c_k not 0, one column each. alignment: rho^2, squared cosine of the step with C_1.
    spread: r, column k being E_z (g + sqrt(r) z)^k. before: errors of the features at initialisation.
    learned (11,): R_j = E[f P_j f*]/E(P_j f*)^2 after the step, for the Hermite degrees j of f*; NaN where it has none.
    """

    train_loss: float
    train_error: float
    test_error: float
    orders: tuple[int, ...]
    alignment: float
    spread: float
    before: RandomFeatureErrors
    learned: tuple[float, ...]


def spike_gains(
    target: Target | str,
    activation: Activation | str,
    *,
    phi: float,
    psi: float,
    ridge: float | None = None,
    gamma: float | None = None,
    regime: int,
    scaling: str = "mean-field",
    columns: str = "step",
) -> SpikeGains:
    """Gains of ridge regression by one step of rate n^alpha; at l = 2 the default, columns="step", gives the factor
    4/(3 + 2 r + r^2) in place of the published 4/3, which columns="monomials" gives.

    F = sigma(X W^T), penalty ridge n on |a|^2, W = W0 + eta G, eta ~ n^alpha with (l-1)/(2l) < alpha < l/(2l+2),
    l = `regime`; phi = lim d/n, psi = lim d/N, n fresh samples for G and for the fit.

    Setting of `step_constants` and arXiv 2310.07891: rows of W0 uniform on the sphere, a ~ N(0, I/N), sigma and f*
    centred, no intercept. scaling: "mean-field", whose residual is y, or "ntk", y - f0. gamma = ridge psi/phi may be
    given in place of ridge.
    columns: "step", what the gradient does: column k is E_z (g + sqrt(r) z)^k, g = <beta, x>/|beta|; "monomials", g^k,
    as for spikes added by hand: r = tau^2/kappa^2 = 0. At l = 1 nothing changes; they differ where c_2 is not 0 and
    l >= 2, g^2 becoming g^2 + r, and from l = 4 on where a lower order is missing.
    Derived, for any l, in docs/notes/spike_gains.md. l = 1, 2 with monomials are the paper's theorems as we recall
    them; the full text was not at hand.
    Raises ProblemError as `step_constants` and `random_feature_errors` do, for a regime outside 1..10, and for ratios
    and penalties that are not positive and finite.
    """
    target, activation = Target(target), Activation(activation)
    order = integer(regime, "regime", low=1, high=_HIGHEST)
    if columns not in COLUMNS:
        raise ProblemError(f"columns = {show(columns)} is none of {', '.join(COLUMNS)}")
    constants = step_constants(target, activation, scaling)
    before = positive_errors(target, activation, phi, psi, ridge, gamma)
    wide = spread(constants, before.phi) if columns == "step" else 0.0
    orders = tuple(k for k in range(1, order + 1) if constants.sigma[k])
    matrix = heat_polynomials(orders, wide)
    found = captured(matrix, label_coefficients(constants, before.phi), before)
    return SpikeGains(
        train_loss=found.train_loss(before),
        train_error=found.train_error(before),
        test_error=found.test_error(before),
        orders=orders,
        alignment=constants.alignment(before.phi),
        spread=wide,
        before=before,
        learned=learned_degrees(target, before.m2 / before.m1, found.parts / before.m1),
    )


def positive_errors(
    target: Target, activation: Activation, phi: float, psi: float, ridge: float | None, gamma: float | None
) -> RandomFeatureErrors:
    """Errors before the step; positive, finite ratios and penalty make all traces that gains need finite."""
    before = random_feature_errors(target, activation, phi=phi, psi=psi, ridge=ridge, gamma=gamma)
    for name in ("phi", "psi", "ridge", "gamma"):
        value = getattr(before, name)
        if not (value > 0 and isfinite(value)):
            raise ProblemError(f"{name} = {value:g}: gains need positive, finite ratios and penalty")
    return before


def heat_polynomials(orders: tuple[int, ...], spread: float) -> "np.ndarray":
    """(13, m): columns E_z (g + sqrt(spread) z)^k, k in `orders`, of norm 1, in he_j = He_j/sqrt(j!).

    E_z (g + sqrt(r) z)^k = sum over j of k!/(j! i! 2^i) (1 + r)^i He_j(g), i = (k - j)/2.
    """
    import numpy as np

    table = np.zeros((ORDER + 1, len(orders)))
    for column, k in enumerate(orders):
        for i in range(k // 2 + 1):
            j = k - 2 * i
            table[j, column] = factorial(k) / factorial(j) ** 0.5 / factorial(i) / 2**i * (1 + spread) ** i
    scaled: np.ndarray = table / np.linalg.norm(table, axis=0)
    return scaled
