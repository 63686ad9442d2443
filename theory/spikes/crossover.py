"""Errors after one gradient step at finite n, d and N: the curve that joins the plateaus."""

from dataclasses import dataclass
from typing import Any

from ..problem import Activation, ProblemError, Target
from ..problem.scalars import finite, integer
from ..ridge import RandomFeatureErrors
from .degrees import learned_degrees
from .fit import StepFit, step_fit
from .gains import positive_errors
from .kernel import step_kernel, step_strengths
from .step import step_constants

_STEP = 1e-30  # of a complex derivative


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
    F is the kernel of `step_kernel`, each of whose columns is penalised by what F0 has along the same neurons, in a
    bulk that sees the rest of x by slopes that depend on g. Left out: that noise depends on g and a, of relative order
    kappa^2; kappa, tau <= 0.5 is meant. Exact as n -> infinity within every regime, and at any fixed eta. Derived in
    docs/notes/spike_gains.md.
    Raises ProblemError as `spike_gains` and `step_kernel` do, unless one of eta and rate_exponent is given, and for a
    rate_exponent outside [0, 1/2).
    """
    target, activation = Target(target), Activation(activation)
    n, d, width = integer(n, "n", low=1), integer(d, "d", low=1), integer(width, "width", low=1)
    rate = _rate(n, eta, rate_exponent, prefactor)
    constants = step_constants(target, activation, scaling)
    before = positive_errors(target, activation, d / n, d / width, ridge, gamma)
    kappa, tau = step_strengths(constants, d / n, width, rate)
    fits = (step_fit(target, activation, constants, (n, d, width), each) for each in (rate, 0.0))
    after, start = (_solved(fit, before.gamma) for fit in fits)
    test = before.test_error + after.test_loss - start.test_loss
    return SpikeErrors(
        train_loss=before.train_loss + after.train_loss - start.train_loss,
        train_error=before.train_error + after.train_error - start.train_error,
        test_error=test,
        test_loss=test + target.noise**2,
        eta=rate,
        kappa=kappa,
        tau=tau,
        tail=step_kernel(activation, kappa, tau).tail,
        before=before,
        learned=learned_degrees(target, before.m2 / before.m1, after.taken - start.taken),
    )


@dataclass(frozen=True, eq=False)
class _Solved:
    train_loss: float
    train_error: float
    test_loss: float
    taken: Any


def _solved(fit: StepFit, gamma: float) -> _Solved:
    """F = (1/n) y^T K^-1 y: the loss is gamma F, the error -gamma^2 F', since residuals are gamma K^-1 y, and on fresh
    samples that over (gamma m1)^2. All are explicit in w, gamma too: derivatives by a complex step.
    """
    w = fit.bulk.root(gamma)
    value, slope = fit.unfitted(w), fit.unfitted(w + 1j * _STEP * w).imag / fit.bulk.gamma(w + 1j * _STEP * w).imag
    left = float(fit.bulk.noise_left(w))
    return _Solved(
        gamma * float(value.real), -(gamma**2) * float(slope), -float(slope) / left**2, fit.parts(w).real / left
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
