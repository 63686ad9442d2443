"""Where one step from f = 0 leaves a neuron: the limit law of its squared overlap ratio at n = c d^l."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sympy

from .energies import label_energy
from .first_gradient import FirstGradient, first_gradient
from .problem import ProblemError, Setting
from .problem.regime import SIZES, size_expression
from .size_exponents import rate_exponent, sample_exponent

if TYPE_CHECKING:
    import numpy as np

Polynomial = tuple[tuple[tuple[int, ...], Any], ...]  # ((exponents, coefficient), ...), sympy numbers


@dataclass(frozen=True)
class OneStepLaw:
    """||Pi* w||^2 / ||w||^2 after one step tends in law to |a S|^2 / ((start + a T)^2 + |a S|^2 + a^2 noise).

    a = rate alpha, alpha the neuron's own (nothing else of the student enters), and xi ~ N(0, I_k), the limit of
    sqrt(d) Pi* w at the start, gives
    S = signal(xi) = c_l C_l x xi^(l-1) / (l-1)!, k polynomials, and
    T = drift(xi) = c_{l+1} <C_{l-1}, xi^(l-1)> / (l-1)!, the motion along w; c_j of u -> sigma(u + b), unnormalised.
    order: l, the first order at which neither sigma nor the labels vanish. rate = v d^((l-1)/2), with v alpha = eta
    a_i / sqrt(p) the size of a step (eta/p, or eta/sqrt(p) with ntk scaling). samples: c in n = c d^l.
    noise: what sampling adds to |w|^2 per unit of a^2, {E[sigma'(g + b)^2] E[y^2]} / c without preprocessing.
    start: 1, and 0 for the gradient alone. second_layer: the law of alpha, or the p values.
    Numbers are exact where sympy has them. Derived in docs/notes/one_step.md.
    """

    k: int
    order: int
    rate: Any
    samples: Any
    signal: tuple[Polynomial, ...]
    drift: Polynomial
    noise: Any
    second_layer: str | tuple[float, ...]
    start: int = 1

    @property
    def gradient(self) -> "OneStepLaw":
        """The same for the gradient alone, the limit eta -> infinity; alpha no longer enters."""
        return replace(self, start=0, rate=sympy.Integer(1))

    def ratio(self, xi: "np.ndarray", alpha: "np.ndarray | float" = 1.0) -> "np.ndarray":
        """The limit of ||Pi* w||^2 / ||w||^2 for given xi, shape (..., k), and alpha, shape (...): shape (...)."""
        import numpy as np

        from .one_step_parts import drift, signal_square

        xi = np.asarray(xi, dtype=float)
        if xi.shape[-1:] != (self.k,):
            raise ProblemError(f"xi of shape {xi.shape}: the last axis must have length k = {self.k}")
        moved = (float(self.rate) * np.asarray(alpha, dtype=float)) if self.start else 1.0
        signal = moved**2 * signal_square(self, xi)
        return signal / ((self.start + moved * drift(self, xi)) ** 2 + signal + moved**2 * float(self.noise))

    def distribution(
        self, x: "np.ndarray | float", alpha: "str | float | Sequence[float] | None" = None
    ) -> "np.ndarray":
        """P(ratio <= x), the shape of x. alpha: a number, several (their mixture), a law by name; None: the student's.

        Closed (up to round-off) at l = 1. At l >= 2 the length of xi is integrated in closed form, its direction and a
        continuous alpha by product rules, refined until the last change is below 1e-6; where C_l has rank one and
        alpha is discrete the first rule is exact. Raises ProblemError where the last change stays above 1e-4.
        """
        from .one_step_distribution import distribution

        return distribution(self, x, self.second_layer if alpha is None else alpha)

    def correction_exponent(self, alpha: "str | float | Sequence[float] | None" = None) -> sympy.Rational:
        """e: at finite d the distribution function is off by O(d^e) wherever the limit law has a smooth density.

        -1 for alpha of symmetric law (as the student's always is), at odd l and for the gradient alone; -1/2 for a
        given alpha at even l. Near 0 and near an end of the law's support the error may be larger: see the note.
        """
        law = self.second_layer if alpha is None else alpha
        if isinstance(law, str):
            return sympy.Integer(-1)
        values = sorted(map(float, law)) if isinstance(law, Sequence) else [float(law)]
        symmetric = values == sorted(-value for value in values)
        return sympy.Integer(-1) if symmetric or self.order % 2 or not self.start else sympy.Rational(-1, 2)


def one_step_law(setting: Setting) -> OneStepLaw:
    """The law at the setting's n and eta, which must grow like d^l and d^((l-1)/2) at fixed p, or be plain numbers.

    Plain numbers are read as c d^l and as a multiple of d^((l-1)/2) at the setting's d. Raises ProblemError unless the
    student starts at f = 0 with one bias and takes a plain step without decay; where it sees no order of the labels;
    and where rows move along themselves by more than O(1) (c_{j+2} C_j != 0 for some j < l - 1, such as a mean label at
    l >= 2), so that the ratio tends to 0.
    """
    gradient = first_gradient(setting)
    order = _order(gradient)
    _check_sizes(setting, order)
    for j in range(order - 1):
        if gradient.drifts(j):
            grown = sympy.Rational(order - 1 - j, 2)
            cure = "; preprocess=0 removes the mean label" if j == 0 else ""
            raise ProblemError(
                f"c_{j + 2} C_{j} != 0: rows move along themselves by d^({grown}), and the ratio tends to 0{cure}"
            )
    d, p = sympy.Integer(setting.regime.d), setting.student.p
    eta = size_expression(setting.regime.eta, "eta").subs({SIZES["d"]: d, SIZES["n"]: setting.n, SIZES["p"]: p})
    step = eta / (p if setting.student.scaling == "mean-field" else sympy.sqrt(p))
    samples = sympy.Rational(setting.n, setting.regime.d**order)
    series, c = gradient.series, gradient.coefficient
    parts = [{key: v for key, v in part.items() if sum(key) == order - 1} for part in series.gradient]
    drift = {key: v for key, v in series.terms.items() if sum(key) == order - 1} if gradient.drifts(order - 1) else {}
    return OneStepLaw(
        setting.target.k,
        order,
        sympy.expand(step / sympy.sqrt(d ** (order - 1))),
        samples,
        tuple(_scaled(gradient, part, c(order)) for part in parts),
        _scaled(gradient, drift, c(order + 1)) if drift else (),
        sympy.expand(_noise(gradient) / samples),
        setting.student.second_layer,
    )


def _order(gradient: FirstGradient) -> int:
    """l. Raises ProblemError where the student sees nothing of the labels."""
    series = gradient.series
    for order in range(1, series.order + 1):
        if gradient.signals(order):
            return order
    beyond = "" if series.complete else f" up to Hermite order {series.order}"
    raise ProblemError(f"the student's coefficients miss every order of the labels{beyond}: no step reaches V*")


def _check_sizes(setting: Setting, order: int) -> None:
    regime, half = setting.regime, sympy.Rational(order - 1, 2)
    if isinstance(regime.n, str) and sample_exponent(setting) != order:
        raise ProblemError(f"n = {regime.n}: the law is that of n of order d^{order}; one_step_exponent knows others")
    if isinstance(regime.eta, str) and rate_exponent(setting) != half:
        raise ProblemError(f"eta = {regime.eta}: the law is that of eta of order d^({half}); see one_step_exponent")


def _scaled(gradient: FirstGradient, part: dict[tuple[int, ...], Any], factor: Any) -> Polynomial:
    return tuple((key, sympy.expand(gradient.series.field.to_sympy(value) * factor)) for key, value in part.items())


def _noise(gradient: FirstGradient) -> Any:
    """E[(s'(g) r - [preprocess = 1] c_1 y)^2], r what preprocessing leaves of y, g independent of y.

    Removing the linear part on the batch takes c_1 mean(y z) off every row: that cancels the common part of r's noise
    and puts in that of mean(y z) as an estimate of C_1.
    """
    target, removed = gradient.setting.target, gradient.setting.regime.preprocess
    full, low = label_energy(target)
    gone = sum(low[: 0 if removed is None else removed + 1])
    left = full - gone
    if removed != 1:
        return gradient.slope_energy * left
    common = gradient.coefficient(1) ** 2
    return (gradient.slope_energy - common) * left + common * gone
