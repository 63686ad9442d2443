"""Errors after one gradient step at finite n, d and N: the curve that joins the plateaus."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..problem import Activation, ProblemError, Target
from ..problem.scalars import finite, integer
from ..ridge import RandomFeatureErrors
from .bulk import bulk_errors, learned_products
from .captured import Captured, captured, label_coefficients
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
    Raises ProblemError as `spike_gains` and `step_kernel` do, and unless one of eta and rate_exponent is given.
    """
    target, activation = Target(target), Activation(activation)
    n, d, width = integer(n, "n", low=1), integer(d, "d", low=1), integer(width, "width", low=1)
    rate = _rate(n, eta, rate_exponent, prefactor)
    constants = step_constants(target, activation, scaling)
    before = positive_errors(target, activation, d / n, d / width, ridge, gamma)
    kappa, tau = step_strengths(constants, d / n, width, rate)
    kernel = step_kernel(activation, kappa, tau)
    bulk = bulk_errors(before, kernel, target.noise)
    found = _columns(constants, bulk, kernel, n, width) + learned_products(target, constants, bulk, kernel)
    test = bulk.test_error - found.test_error(bulk)
    return SpikeErrors(
        train_loss=bulk.train_loss - found.train_loss(bulk),
        train_error=bulk.train_error - found.train_error(bulk),
        test_error=test,
        test_loss=test + target.noise**2,
        eta=rate,
        kappa=kappa,
        tau=tau,
        tail=kernel.tail,
        before=before,
    )


def _rate(n: int, eta: float | None, exponent: float | None, prefactor: float) -> float:
    if (eta is None) == (exponent is None):
        raise ProblemError("give one of eta and rate_exponent (eta = prefactor n^rate_exponent)")
    if eta is not None:
        return finite(eta, "eta")
    return finite(prefactor, "prefactor") * float(n) ** finite(exponent, "rate_exponent")


def _columns(constants: StepConstants, bulk: RandomFeatureErrors, kernel: SpikeKernel, n: int, width: int) -> Captured:
    """Column j is sqrt(N) E_a[T he_j(a)] + F0 v_j, v_j = he_j(sqrt(N) a)/sqrt(N); K = K' + columns columns^T/N, where
    K' is blind to the v_j. Hence P = N/n + (what F0 v_j is worth under K').
    """
    import numpy as np

    columns = kernel.coefficients * width**0.5
    one, constant = np.eye(len(columns)), np.zeros((len(columns), len(columns)))
    linear, other = kernel.energy.linear, kernel.energy.nonlinear
    constant[0, 0] = 2 * constants.sigma[2] ** 2 * width / (bulk.phi * n)  # all neurons share |x|^2/d - 1
    mixed = 0 * one
    if constants.scaling == "ntk":  # beta holds -c_1 W0^T a, and F0 v_1 has the linear part c_1 X W0^T a
        along = -(linear**0.5) * constants.sigma[1] / constants.gradient_energy(bulk.phi) ** 0.5 * columns[1]
        mixed[1] += along
        mixed[:, 1] += along

    def penalty(m1: float, m2: float) -> "np.ndarray":
        return (linear * m2 + other * m1) * one + m1 * constant + m2 * mixed

    labels = label_coefficients(constants, bulk.phi)
    return captured(
        columns,
        labels,
        bulk,
        width / n * one + penalty(bulk.m1, bulk.m2),
        penalty(bulk.m1_slope, bulk.m2_slope),
    )
