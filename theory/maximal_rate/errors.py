"""Train and test error of ridge regression on features that took one step at the maximal rate."""

import math
from dataclasses import dataclass
from typing import Any

from ..fresh.axes import trapezoidal
from ..hermite import hermite_coefficients
from ..problem import Activation, ProblemError, Target
from ..problem.errors import show
from ..problem.scalars import finite
from ..ridge.conditional import parts_of
from ..ridge.penalty import LARGEST, SMALLEST, aspect
from .labels import Labels, slope_parts
from .order import Given, Order, order_parameters
from .rows import Isotropic, Rows, Trained

_SPACINGS = tuple(0.3 * (2 / 3) ** level for level in range(7))
_MOST = 1 << 14  # nodes of k
_SMALLEST_SPIKE = 1e-6  # below it round-off in mu_0 is no longer small beside mu_0
_GOOD = 1e-10  # relative last change of an error


@dataclass(frozen=True)
class MaximalRateErrors:
    """Limits at n0/d = alpha0, n/p = samples_per_width and p/d = ratio; `ridge` on features sigma(W x)/sqrt(p).

    test_error: E(f* - f)^2, clean labels; test_loss adds noise^2. train_error: (1/n)|y - F a|^2, noisy labels;
    train_loss adds ridge |a|^2/n. Rows are spike v + u, |u|^2 -> spread, <v, w*> = alignment.
    Order parameters: mean = sum a_i/sqrt(p); along_spike = <v, b>, b = sum a_i u_i/sqrt(p); along_teacher = <w, b>, w
    the teacher's direction less its part along v; linear_norm = |b|^2 without that along v; norm = |a|^2/p;
    linear_response, response: lim (1/p) tr[U U^T H^-1] and (1/p) tr H^-1, H = F^T F + ridge.
    residual: of the two equations for the responses, relative. error: numerical, the last change of an error when all
    quadrature rules are refined by 3/2.
    """

    test_error: float
    test_loss: float
    train_error: float
    train_loss: float
    alpha0: float
    eta: float
    samples_per_width: float
    ratio: float
    ridge: float
    rows: str
    spike: float
    spread: float
    alignment: float
    mean: float
    along_spike: float
    along_teacher: float
    linear_norm: float
    norm: float
    linear_response: float
    response: float
    residual: float
    error: float


def maximal_rate_errors(
    target: Target | str,
    activation: Activation | str,
    *,
    alpha0: float,
    eta: float,
    samples_per_width: float,
    ratio: float,
    ridge: float,
    rows: str = "trained",
) -> MaximalRateErrors:
    """One step w_i <- w_i + eta (1/n0) sum x sigma'(<w_i, x>) y on n0 = alpha0 d samples (in full: step size eta p, all
    alpha_i = 1, correlation loss), then min_a |y - F a|^2 + ridge |a|^2, F = sigma(X W^T)/sqrt(p), on n new samples.

    Rows start uniform on the unit sphere, x ~ N(0, I_d); n0, n, p ~ d. sigma and f* are centred first, in the step and
    in the fit (sigma at a row of norm one), and the fit has no intercept. alpha0 may be math.inf.
    rows: "trained", the covariance Sigma of the rows after the step, in general no multiple of the identity;
    "spiked", the model W = sqrt(c) W_0 + r 1 v^T with the same c = tr Sigma/d (arXiv 2402.04980), exact as
    alpha0 -> inf with c_2 = 0 and at eta = 0. Source: arXiv 2402.04980 for "spiked" at p = d; all else derived in
    docs/notes/maximal_rate.md.
    At eta = 0 this is random_feature_errors(phi=1/(ratio samples_per_width), psi=1/ratio, gamma=ridge);
    eta -> 0 is not, for r sqrt(p) -> inf comes first.
    Raises ProblemError for a target of more than one coordinate or constant without noise, ridge = 0, sizes that are
    not positive, an activation that jumps, and where equations or quadrature do not converge.
    """
    target, activation = Target(target), Activation(activation)
    alpha0, eta = aspect(alpha0, "alpha0"), finite(eta, "eta", low=0)
    sizes = _positive(samples_per_width, "samples_per_width"), _positive(ratio, "ratio"), _positive(ridge, "ridge")
    if alpha0 == 0:
        raise ProblemError("alpha0 = n0/d must be positive: with no samples there is no step")
    if rows not in {"trained", "spiked"}:
        raise ProblemError(f"rows = {show(rows)} is neither 'trained' nor 'spiked'")
    step = _step(Labels(target), activation, alpha0, eta)
    coarse: Order | None = None
    for spacing in _SPACINGS:
        found = order_parameters(_given(step, activation, spacing), _rows(step, rows, spacing), *sizes)
        if coarse is not None:
            error = max(abs(found.test_loss - coarse.test_loss), abs(found.train_error - coarse.train_error))
            if error <= _GOOD * max(found.test_loss, step.labels.energy):
                return _record(step, found, sizes, rows, error)
        coarse = found
    raise ProblemError("quadrature over the spike's direction does not converge: spike or gradient noise is too large")


@dataclass(frozen=True)
class _Step:
    """c_0, r, c, <v, w*>, and the two parts of the rows' covariance (rows.py)."""

    labels: Labels
    alpha0: float
    eta: float
    constant: float
    spike: float
    spread: float
    alignment: float
    bend: float
    rest: float


def _step(labels: Labels, activation: Activation, alpha0: float, eta: float) -> _Step:
    c_0, c_1, c_2 = map(float, hermite_coefficients(activation, 2))
    _mean, _linear, rest = slope_parts(activation)
    size = math.sqrt(labels.linear**2 + labels.energy / alpha0)
    spread = 1 + eta**2 * labels.energy / alpha0 * (c_2**2 + rest)
    alignment = labels.linear / size if size else 0.0
    return _Step(labels, alpha0, eta, c_0, eta * c_1 * size, spread, alignment, eta * c_2, eta**2 * rest)


def _given(step: _Step, activation: Activation, spacing: float) -> Given:
    import numpy as np

    if 0 < abs(step.spike) < _SMALLEST_SPIKE:
        raise ProblemError(f"a spike of {step.spike:.3g} is too small to resolve; take eta = 0 or a larger eta")
    finest = max(1.0, abs(step.spike) / math.sqrt(step.spread))
    if 20 * finest > _MOST * spacing:
        raise ProblemError(f"a spike of {step.spike:.3g} is too large to integrate over; take a smaller eta")
    k, weights = trapezoidal(spacing / finest)
    (mu_0, linear, square), _ = parts_of(activation, step.spike * k, np.full(len(k), math.sqrt(step.spread)))
    mu_1 = linear / math.sqrt(step.spread)
    mean, slope, energy = step.labels.given(step.alignment, k)
    centred = mu_0 - step.constant if step.eta else np.zeros(len(k))
    if not step.spike:
        centred = np.full(len(k), weights @ centred)  # it does not depend on k, and round-off must not
    return Given(k, weights, centred, mu_1, square, mean, slope, energy)


def _rows(step: _Step, rows: str, spacing: float) -> Rows:
    if rows == "spiked" or not step.eta:
        return Isotropic(step.spread)
    return Trained(*step.labels.law(spacing), step.alpha0, step.bend, step.rest)


def _record(step: _Step, found: Order, sizes: tuple[float, float, float], rows: str, error: float) -> MaximalRateErrors:
    samples, ratio, ridge = sizes
    values: dict[str, Any] = {name: getattr(found, name) for name in Order.__dataclass_fields__}
    return MaximalRateErrors(
        **values,
        test_error=max(0.0, found.test_loss - step.labels.noise**2),
        train_loss=found.train_error + ridge * found.norm / samples,
        alpha0=step.alpha0,
        eta=step.eta,
        samples_per_width=samples,
        ratio=ratio,
        ridge=ridge,
        rows=rows,
        spike=step.spike,
        spread=step.spread,
        alignment=step.alignment,
        error=error,
    )


def _positive(value: Any, name: str) -> float:
    number = finite(value, name)
    if not SMALLEST <= number <= LARGEST:
        raise ProblemError(f"{name} = {show(value)} is not between {SMALLEST:g} and {LARGEST:g}")
    return number
