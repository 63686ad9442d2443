"""One linear neuron, a linear target, one reused batch: a closed form by moments of Marchenko and Pastur."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING

from ..fresh.domain import Problem
from ..problem import ProblemError, Setting, Target
from .domain import problem
from .wishart import moment

if TYPE_CHECKING:
    import numpy as np


Moments = Callable[[int], Fraction]  # j -> E x^j


@dataclass(frozen=True, eq=False)
class LinearLimit:
    """overlaps, gram, test_error, train_error (T + 1,), correlation, response (T + 1, T + 1), as in DmftLimit."""

    overlaps: "np.ndarray"
    gram: "np.ndarray"
    test_error: "np.ndarray"
    train_error: "np.ndarray"
    correlation: "np.ndarray"
    response: "np.ndarray"


class Polynomial:
    """A polynomial in an eigenvalue x of X^T X/n, with exact coefficients."""

    def __init__(self, *coefficients: Fraction) -> None:
        self.coefficients = coefficients

    def __add__(self, other: "Polynomial") -> "Polynomial":
        size = max(len(self.coefficients), len(other.coefficients))
        one, two = (p.coefficients + (Fraction(0),) * (size - len(p.coefficients)) for p in (self, other))
        return Polynomial(*(a + b for a, b in zip(one, two, strict=True)))

    def __mul__(self, other: "Polynomial") -> "Polynomial":
        found = [Fraction(0)] * max(len(self.coefficients) + len(other.coefficients) - 1, 0)
        for i, a in enumerate(self.coefficients):
            for j, b in enumerate(other.coefficients):
                found[i + j] += a * b
        return Polynomial(*found)

    def mean(self, moments: Moments) -> Fraction:
        """Average over eigenvalues."""
        return sum((c * moments(j) for j, c in enumerate(self.coefficients)), Fraction(0))


def _moment(j: int, aspect: Fraction) -> Fraction:
    """E x^j = sum_r aspect^r C(j, r) C(j - 1, r) / (r + 1)."""
    return sum((aspect**r * comb(j, r) * comb(j - 1, r) / (r + 1) for r in range(j)), Fraction(0 if j else 1))


def linear_limit(setting: Setting) -> LinearLimit:
    """The limit for sigma(u) = u without bias, p = 1, f* = beta z1 (k = 1), squared loss, one reused batch.

    With S = X^T X/n the row is A_t(S) w_0 + B_t(S) w* + K_t(S) X^T eps/n, and the polynomials follow the descent
    (docs/notes/dmft.md, item 5). Exact arithmetic, rounded at the end.
    Raises ProblemError, with the reason, for any other setting.
    """
    stated = problem(setting, None, None)
    _check(setting, stated)
    aspect = 1 / Fraction(stated.ratio)
    return _descent(stated, aspect, lambda j: _moment(j, aspect))


def linear_means(setting: Setting) -> LinearLimit:
    """The exact means at the setting's own n, d and eta of what linear_limit has limits of (`response`: tr/d).

    Rotations average w*^T g(S) w* to E tr g(S)/d, and moments are those of `wishart.moment` (docs/notes/mean_bias.md).
    Raises ProblemError, with the reason, where linear_limit does.
    """
    stated = problem(setting, None, None)
    _check(setting, stated)
    n, d, eta = setting.n, setting.regime.d, setting.eta
    stated = replace(stated, eta=eta, decay=1 - eta * setting.regime.weight_decay)
    return _descent(stated, Fraction(d, n), lambda j: moment(j, n, d))


def _descent(stated: Problem, aspect: Fraction, moments: Moments) -> LinearLimit:
    """`aspect` is d/n."""
    import numpy as np

    beta, v = Fraction(_coefficient(stated.target, 1)), Fraction(float(stated.output[0]))
    eta, decay, noise = Fraction(stated.eta), Fraction(stated.decay), Fraction(stated.target.noise)
    zero = Fraction(0)
    shrink = Polynomial(decay, -eta * v * v)
    start, along, spread = [Polynomial(Fraction(1))], [Polynomial(zero)], [Polynomial(zero)]
    for _ in range(stated.steps):
        start.append(shrink * start[-1])
        along.append(shrink * along[-1] + Polynomial(zero, eta * v * beta))
        spread.append(shrink * spread[-1] + Polynomial(eta * v * noise))
    x, minus = Polynomial(zero, Fraction(1)), Polynomial(-v)
    seen = Polynomial(aspect) * x  # K enters norms as E[x K^2] d/n
    times = range(stated.steps + 1)
    square = lambda a, b, k: (a * a + b * b + seen * k * k).mean(moments)  # noqa: E731
    cross = [[(start[t] * start[s] + along[t] * along[s] + seen * spread[t] * spread[s]).mean(moments) for s in times]
             for t in times]  # fmt: skip
    test, train = [], []
    for a, b, k in zip(start, along, spread, strict=True):
        wrong = [minus * a, Polynomial(beta) + minus * b, minus * k]  # beta w* - v w
        test.append(square(*wrong))
        fit = (x * wrong[0] * wrong[0] + x * wrong[1] * wrong[1] + x * seen * wrong[2] * wrong[2]).mean(moments)
        train.append(fit + 2 * noise * (seen * wrong[2]).mean(moments) + noise**2)
    lag = [[start[t - 1 - s].mean(moments) if s < t else zero for s in times] for t in times]
    as_floats = lambda values: np.array(values, dtype=float)  # noqa: E731
    return LinearLimit(
        as_floats([b.mean(moments) for b in along]), as_floats([cross[t][t] for t in times]),
        as_floats(test), as_floats(train), as_floats(cross), as_floats(lag),
    )  # fmt: skip


def _coefficient(target: Target, power: int) -> float:
    """Of z1^power, however the polynomial is written."""
    return float((target.terms or {}).get((power,), 0))


def _check(setting: Setting, stated: Problem) -> None:
    student, target, regime = stated.student, stated.target, setting.regime
    if student.p != 1 or student.activation.expr != student.activation.symbol or stated.bias[0]:
        raise ProblemError("linear_limit needs one neuron with sigma(u) = u and no bias")
    if target.k != 1 or target.degree not in (0, 1) or _coefficient(target, 0) != 0:
        raise ProblemError(f"linear_limit needs the target to be a multiple of z1, not {target.expr}")
    if len(set(regime.batch_ids)) > 1 or regime.loss != "squared" or regime.normalize_rows:
        raise ProblemError("linear_limit needs one batch, the squared loss, and rows that are not renormalised")
