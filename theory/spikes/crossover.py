"""Errors after one gradient step at finite n, d and N: the curve that joins the plateaus."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..problem import Activation, ProblemError, Target
from ..problem.scalars import finite, integer
from ..ridge import RandomFeatureErrors
from .bulk import bulk_errors, learned_products, trace_of_second
from .captured import Captured, captured, label_coefficients
from .degrees import learned_degrees
from .gains import positive_errors
from .kernel import SpikeKernel, step_kernel, step_strengths
from .step import StepConstants, step_constants

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class SpikeErrors:
    """After the step: train_loss (1/n)|y - F a|^2 + ridge |a|^2, train_error without the penalty, test_error
    E(f* - f)^2; test_loss adds noise^2.

    eta: the rate; kappa, tau: what a neuron with a_i = 1/sqrt(N) sees along g, and beyond. tail: of the kernel's square
    norm, beyond the orders kept, as a root. before: errors at initialisation.
    learned (11,): R_j = E[f P_j f*]/E(P_j f*)^2 for the Hermite degrees j of f*, NaN where it has none. Of degrees from
    2 on only what the step adds is counted, as in the errors: random features hold a part of the order 1/d.
    """

    train_loss: float
    train_error: float
    test_error: float
    test_loss: float
    eta: float
    kappa: float
    tau: float
    tail: float
    before: RandomFeatureErrors
    learned: tuple[float, ...]


def spike_errors(
    target: Target | str,
    activation: Activation | str,
    *,
    n: int,
    d: int,
    width: int,
    ridge: float | None = None,
    gamma: float | None = None,
    eta: float | None = None,
    rate_exponent: float | None = None,
    prefactor: float = 1.0,
    scaling: str = "mean-field",
) -> SpikeErrors:
    """Ridge on n fresh samples (penalty ridge n on |a|^2) of F = sigma(X W^T), W = W0 + eta G, G from n other samples.

    eta, or eta = prefactor n^rate_exponent: the rate for features sigma(W x) and a ~ N(0, I/N), G_j = (a_j/n) sum_i
    residual_i sigma'(<w_j, x_i>) x_i; a mean-field student's rate is sqrt(N) times it. sigma and f* are centred, no
    intercept; scaling: the residual is y ("mean-field") or y - f0 ("ntk").
    F is the kernel of `step_kernel`, each of whose columns is penalised by what F0 has along the same neurons, beside a
    bulk whose change counts to first order in kappa^2 and tau^2: kappa, tau <= 0.3 is meant. Exact as n -> infinity
    within every regime, and at any fixed eta. Derived in docs/notes/spike_gains.md.
    Raises ProblemError as `spike_gains` and `step_kernel` do, unless one of eta and rate_exponent is given, and for a
    rate_exponent outside [0, 1/2).
    """
    target, activation = Target(target), Activation(activation)
    n, d, width = integer(n, "n", low=1), integer(d, "d", low=1), integer(width, "width", low=1)
    rate = _rate(n, eta, rate_exponent, prefactor)
    constants = step_constants(target, activation, scaling)
    before = positive_errors(target, activation, d / n, d / width, ridge, gamma)
    kappa, tau = step_strengths(constants, d / n, width, rate)
    kernel, still = step_kernel(activation, kappa, tau), step_kernel(activation, 0.0, 0.0)
    bulk = bulk_errors(before, kernel, target.noise)
    found = _columns(target, activation, constants, bulk, kernel, (n, d, width))
    found += learned_products(target, constants, bulk, kernel)
    start = _columns(target, activation, constants, before, still, (n, d, width))
    test = bulk.test_error - found.test_error(bulk) + start.test_error(before)
    return SpikeErrors(
        train_loss=bulk.train_loss - found.train_loss(bulk) + start.train_loss(before),
        train_error=bulk.train_error - found.train_error(bulk) + start.train_error(before),
        test_error=test,
        test_loss=test + target.noise**2,
        eta=rate,
        kappa=kappa,
        tau=tau,
        tail=kernel.tail,
        before=before,
        learned=learned_degrees(target, bulk, found, start.parts / before.m1),
    )


def _rate(n: int, eta: float | None, exponent: float | None, prefactor: float) -> float:
    if (eta is None) == (exponent is None):
        raise ProblemError("give one of eta and rate_exponent (eta = prefactor n^rate_exponent)")
    if eta is not None:
        return finite(eta, "eta")
    power = finite(exponent, "rate_exponent")
    if not 0 <= power < 1 / 2:
        raise ProblemError(f"rate_exponent = {power:g} does not lie in [0, 1/2), where the regimes are")
    return finite(prefactor, "prefactor") * float(n) ** power


def _columns(
    target: Target,
    activation: Activation,
    constants: StepConstants,
    bulk: RandomFeatureErrors,
    kernel: SpikeKernel,
    sizes: tuple[int, int, int],
) -> Captured:
    """Column j is sqrt(N) E_a[T he_j(a)] + F0 v_j, v_j = he_j(sqrt(N) a)/sqrt(N); K = K' + columns columns^T/N, where
    K' is blind to the v_j. Hence P = N/n + (what F0 v_j is worth under K').

    F0 v_0, the mean over neurons, is s (|x|^2 - d)/sqrt(2d), s^2 = 2 c_2^2 N/d: it meets f* and He_2(g) by 1/sqrt(d).
    With f0 in the residual, beta holds -c_1 W0^T a: neurons see g by kappa - seen, and f* by kappa as before.
    """
    import numpy as np

    n, d, width = sizes
    seen = constants.sigma[1] / (width * constants.gradient_energy(bulk.phi)) ** 0.5 * (constants.scaling == "ntk")
    given_g = step_kernel(activation, kernel.kappa - seen, max(kernel.tau**2 - seen**2, 0.0) ** 0.5)
    columns = given_g.coefficients * width**0.5
    one, mean = np.eye(len(columns)), np.zeros((len(columns), len(columns)))
    linear, other = kernel.energy.linear, kernel.energy.nonlinear
    size = constants.sigma[2] * (2 * width / d) ** 0.5
    mean[0] = size / d**0.5 * columns[2]
    mean[0, 0] += size**2 / 2
    mean += mean.T

    def penalty(m1: float, m2: float) -> "np.ndarray":  # the part of F0 v_1 along g stands in the columns
        inside = linear * width * seen**2 * np.outer(one[1], one[1])
        return (linear * m2 + other * m1) * one + m1 * mean - m2 * inside

    return captured(
        columns,
        label_coefficients(constants, bulk.phi),
        bulk,
        width / n * one + penalty(bulk.m1, bulk.m2),
        penalty(bulk.m1_slope, bulk.m2_slope),
        one[0] * size * trace_of_second(target) / (2 * d) ** 0.5,
        kernel.coefficients * width**0.5,
    )
