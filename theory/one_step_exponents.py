"""How the cosine of a neuron with a direction scales with d after one step from f = 0, for any n and eta."""

from collections.abc import Callable, Sequence
from typing import Any

import sympy

from .first_gradient import first_gradient
from .problem import ProblemError, Setting
from .size_exponents import rate_exponent, sample_exponent

HALF = sympy.Rational(1, 2)


def one_step_exponent(
    setting: Setting, direction: Sequence[Any] | None = None, gradient_alone: bool = False
) -> sympy.Expr:
    """e with |cos(w_i, v)| ~ d^e in probability, for n ~ d^kappa, eta ~ d^e' at fixed p and generic alpha_i.

    v in V* along `direction` (length k); None: |Pi* w_i| / |w_i|, the largest over V*. gradient_alone: of the gradient
    itself, the limit eta -> infinity at fixed d. Up to the common factor |w|,
    numerator: the start d^(-1/2), the gradient's mean along v d^(e' - q/2), its noise d^(e' - kappa/2);
    denominator: the start 1, the mean along w d^(e' - j/2) and inside V*, the noise d^(e' + (1 - kappa)/2);
    q and j the first orders that do not vanish. Derived in docs/notes/one_step.md.

    Only orders that can matter at this n are asked for, and what vanishes must be proven to. Raises ProblemError where
    a coefficient cannot be told from zero, outside the domain of `first_gradient`, where n or eta is no sum of powers
    of d, and with preprocess=1 unless kappa >= 2 (below, the error of the removal along C_1 exceeds the noise).
    """
    kappa, rate = sample_exponent(setting), rate_exponent(setting)
    every = first_gradient(setting)
    along = every if direction is None else first_gradient(setting, direction)
    _check(setting, kappa)
    reach = sympy.oo if gradient_alone else 2 * rate  # slower orders stay below the start
    toward = [-kappa / 2, *_leading(along.moves, sympy.Min(kappa, reach + 1))]
    whole = sympy.Min(kappa - 1, reach)
    length = [(1 - kappa) / 2, *_leading(every.drifts, whole), *_leading(every.moves, whole)]
    if gradient_alone:
        return sympy.Max(*toward) - sympy.Max(*length)
    return sympy.Max(-HALF, rate + sympy.Max(*toward)) - sympy.Max(0, rate + sympy.Max(*length))


def _leading(present: Callable[[int], bool], end: sympy.Expr) -> list[sympy.Expr]:
    """[-q/2] for the first order q < end that is present, or []."""
    order = 0
    while order < end:
        if present(order):
            return [-sympy.Rational(order, 2)]
        order += 1
    return []


def _check(setting: Setting, kappa: sympy.Expr) -> None:
    """Refuse where the noise of the gradient may vanish too, or the removal of the linear part is not clean."""
    activation, linear = setting.student.activation, setting.regime.preprocess == 1
    if linear and kappa < 2:
        raise ProblemError("preprocess=1 needs n of order d^2 at least: below, its own error along C_1 counts")
    slope = activation.derivative
    if slope == 0 or (linear and not slope.has(activation.symbol)):
        raise ProblemError(f"a student {activation.name} has no gradient here")
