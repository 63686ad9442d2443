"""The population gradient of the first step, term by term in its Hermite expansion."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import sympy

from .hermite import expansion, hermite_coefficients
from .inputs import require_gaussian
from .problem import Activation, ProblemError, Setting, Target
from .problem.scalars import number

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class GradientTerms:
    """E[z sigma'(<w, z> + b) f*(z)] = sum_j (row[j] w + teacher[j]) for a row w of norm one.

    With M = (<w, w*_r>)_r: row[j] = c_{j+2} <C_j, M^j>/j!, shape (J + 1, ...);
    teacher[j] = c_{j+1} (C_{j+1} x M^j)/j!, in teacher coordinates, shape (J + 1, ..., k);
    c_j the unnormalised coefficients of u -> sigma(u + b).
    """

    row: "np.ndarray"
    teacher: "np.ndarray"

    def overlap_terms(self, overlaps: "np.ndarray") -> "np.ndarray":
        """<gradient term j, w*_r>, shape (J + 1, ..., k), for the `overlaps` (..., k) the terms were computed at."""
        return self.row[..., None] * overlaps + self.teacher


def gradient_terms(
    target: Target, activation: Activation | str, overlaps: "np.ndarray", bias: float = 0.0
) -> GradientTerms:
    """The terms at given overlaps, shape (..., k), exact up to round-off at any finite d; J is the degree of f*.

    arXiv 2305.18270, Hermite expansion of the gradient; derived in docs/notes/gradient.md. Raises ProblemError for a
    target that is no polynomial (the expansion would not end) and for misshapen overlaps.
    """
    import numpy as np

    overlaps = np.asarray(overlaps, dtype=float)
    if target.terms is None:
        raise ProblemError("the gradient's expansion ends only for polynomial targets")
    if overlaps.shape[-1:] != (target.k,):
        raise ProblemError(f"overlaps of shape {overlaps.shape}: the last axis must have length k = {target.k}")
    series = expansion(target)
    c = _coefficients(Activation(activation), bias, series.order + 2)
    row = np.zeros((series.order + 1, *overlaps.shape[:-1]))
    teacher = np.zeros((series.order + 1, *overlaps.shape))
    for key, value in series.terms.items():
        row[sum(key)] += c[sum(key) + 2] * float(series.field.to_sympy(value)) * _monomial(overlaps, key)
    for r, part in enumerate(series.gradient):
        for key, value in part.items():
            weight = c[sum(key) + 1] * float(series.field.to_sympy(value))
            teacher[sum(key), ..., r] += weight * _monomial(overlaps, key)
    return GradientTerms(row, teacher)


@lru_cache(maxsize=64)  # a claim asks again at every stage
def _coefficients(activation: Activation, bias: float, order: int) -> tuple[float, ...]:
    """c_0 .. c_order of sigma(. + b)."""
    u, shift = activation.symbol, number(bias, "bias")
    return tuple(map(float, hermite_coefficients(activation.expr.subs(u, u + shift), order)))


def _monomial(overlaps: "np.ndarray", key: tuple[int, ...]) -> "np.ndarray":
    result = overlaps[..., 0] * 0 + 1
    for r, power in enumerate(key):
        if power:
            result = result * overlaps[..., r] ** power
    return result


@dataclass(frozen=True)
class FirstStep:
    """Size of the first step from f = 0 at n proportional to d, per unit of alpha_i.

    <w_i, C_1/||C_1||> = signal alpha_i, and |w_i|^2 outside V* grows by noise alpha_i^2, both up to O(1/d) in the
    mean. direction: C_1, shape (k,), not normalised.
    """

    direction: tuple[float, ...]
    signal: float
    noise: float


def first_step(setting: Setting) -> FirstStep:
    """Signal eta_bar c_1 ||C_1|| and noise eta_bar^2 E[sigma'(g)^2] E[y^2] (d - k)/n, eta_bar = eta / p.

    arXiv 2305.18270, Theorem 5 at l = 1; derived in docs/notes/gradient.md. Raises ProblemError unless the student
    starts at f = 0 with mean-field scaling and one number as bias, the target is a polynomial with E f* = 0, labels
    are not preprocessed, rows neither decayed nor renormalised, and extragradient is 0.
    """
    target, student, regime = setting.target, setting.student, setting.regime
    require_gaussian(regime, "first_step")
    if student.init != "symmetric" or student.scaling != "mean-field" or not isinstance(student.bias, float):
        raise ProblemError("needs symmetric initialisation, mean-field scaling and one number as bias")
    if target.terms is None or regime.preprocess is not None:
        raise ProblemError("needs a polynomial target and labels that are not preprocessed")
    if regime.weight_decay or regime.normalize_rows or setting.extragradient:
        raise ProblemError("needs rows that are neither decayed nor renormalised, and a plain gradient step")
    series = expansion(target)
    energies = [float(series.field.to_sympy(series.energy(m))) for m in range(max(series.order, 1) + 1)]
    if energies[0]:
        raise ProblemError("needs E f* = 0: a mean label adds a drift along the rows")
    u, bias = student.activation.symbol, sympy.Rational(str(student.bias))
    slope = student.activation.derivative.subs(u, u + bias)
    slope = slope.replace(sympy.Heaviside, lambda x, *_: (1 + sympy.sign(x)) / 2)
    c_1 = float(hermite_coefficients(student.activation.expr.subs(u, u + bias), 1)[1])
    gain = float(hermite_coefficients(slope**2, 0)[0])
    direction = tuple(float(series.field.to_sympy(part.get((0,) * target.k, 0))) for part in series.gradient)
    rate = setting.eta / student.p
    noise = rate**2 * gain * (sum(energies) + target.noise**2) * (regime.d - target.k) / setting.n
    return FirstStep(direction, rate * c_1 * energies[1] ** 0.5, noise)
