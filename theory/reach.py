"""The student's side: which orders of mu_{U,x} a given activation lets through."""

from collections.abc import Callable

import flint
import sympy

from .hermite import balls
from .hermite.coefficients import coefficient_balls
from .hermite.forms import canonical
from .problem import Activation
from .problem.scalars import number

Seen = Callable[[int], bool]
_SAMPLE_BIASES = (0.3, -0.7, 0.11)
_SCALES = (sympy.Integer(1), sympy.Rational(3, 2), sympy.Integer(2))


class Reach:
    """Whether rows move on order j. A coefficient counts as nonzero only where its ball excludes zero.

    proven: no order was refused so far without a proof that its coefficient vanishes.
    """

    def __init__(self, decide: Callable[[int], bool | None]) -> None:
        self.decide = decide
        self.known: dict[int, bool | None] = {}

    @property
    def proven(self) -> bool:
        """Whether every answer so far is a proof."""
        return None not in self.known.values()

    def __call__(self, order: int) -> bool:
        if order not in self.known:
            self.known[order] = self.decide(order)
        return bool(self.known[order])


def seen_at_unit_norm(activation: Activation, bias: float | str = 0.0) -> Reach:
    """Whether a row of norm one moves on order j: c_{j+1}(sigma(. + b)) != 0; bias: a number, or a law by name."""
    if isinstance(bias, str):
        return _seen_with_random_bias(activation)
    sigma = _shifted(activation, bias)
    return Reach(lambda j: _coefficient(sigma, sympy.Integer(1), j + 1))


def seen_at_any_norm(activation: Activation, bias: float | str = 0.0) -> Reach:
    """Whether rows of generic norm r do: E[sigma^(j+1)(r g + b)] is not zero for every r.

    It vanishes for every r iff the part of sigma of parity j + 1 is a polynomial of degree at most j
    (docs/notes/student.md).
    """
    if isinstance(bias, str):
        return _seen_with_random_bias(activation)
    sigma = _shifted(activation, bias)
    return Reach(lambda j: _at_generic_norm(sigma, j))


def _seen_with_random_bias(activation: Activation) -> Reach:
    """E[sigma^(j+1)(r g + b)] vanishes for almost every b only if sigma is a polynomial of degree at most j.

    What is no polynomial as written may be one in disguise: one bias that moves a row proves that it is not.
    """
    degree = _degree(activation.expr)
    shifted = [_shifted(activation, bias) for bias in _SAMPLE_BIASES]

    def decide(j: int) -> bool | None:
        if degree is not None:
            return degree > j
        return True if any(_coefficient(sigma, sympy.Integer(1), j + 1) for sigma in shifted) else None

    return Reach(decide)


def _at_generic_norm(sigma: sympy.Expr, j: int) -> bool | None:
    u = Activation.symbol
    expr = canonical(sigma)
    part = sympy.expand(expr + (-1) ** (j + 1) * expr.subs(u, -u))
    if (degree := _degree(part)) is not None:
        return degree > j
    return True if any(_coefficient(sigma, scale, j + 1) for scale in _SCALES) else None


def _degree(expr: sympy.Expr) -> float | None:
    """The degree of a polynomial (-1 for zero), None for anything else."""
    u, expr = Activation.symbol, canonical(expr)
    if not expr.is_polynomial(u):
        return None
    return -1 if expr == 0 else sympy.Poly(expr, u).degree()


def _shifted(activation: Activation, bias: float) -> sympy.Expr:
    """sigma(u + b)."""
    u = activation.symbol
    return activation.expr.subs(u, u + number(bias, "bias"))


def _coefficient(sigma: sympy.Expr, scale: sympy.Expr, order: int) -> bool | None:
    """Whether E[sigma(r g) He_order(g)], proportional to E[sigma^(order)(r g)], differs from 0; None: not known."""
    u = Activation.symbol
    with flint.ctx.workprec(balls.PRECISION):
        value = coefficient_balls(canonical(sigma).subs(u, scale * u), u, order + 1)[order]
    if not value.contains(0):
        return True
    return False if value.is_zero() else None
