"""Which moments of (y, u_U) a student on a reused batch feels: the parity of its activation."""

from dataclasses import dataclass

import sympy

from ..hermite.forms import canonical
from ..problem import Activation
from ..problem.scalars import number

_POINTS = (sympy.Rational(1, 3), sympy.Rational(9, 7), sympy.Rational(31, 11))
_DIGITS = 40


@dataclass(frozen=True)
class Student:
    """What restricts a student: kind "any", "even", "odd", "linear" or "constant" (docs/notes/reuse_staircase.md).

    proven: False where a parity was seen only in numbers.
    """

    kind: str = "any"
    proven: bool = True
    name: str = ""

    def first(self, power: int, order: int) -> bool:
        """Whether E[y^power He_b(u_U) u_perp], |b| = order, moves rows."""
        match self.kind:
            case "any":
                return True
            case "even":
                return order % 2 == 1
            case "odd":
                return (power + order) % 2 == 1
        return self.kind == "linear" and (power, order) == (1, 0)

    def second(self, power: int, order: int) -> bool:
        """Whether E[y^power He_b(u_U) (u_perp u_perp^T - I)], |b| = order, can amplify small overlaps."""
        match self.kind:
            case "any":
                return True
            case "even":
                return order % 2 == 0
            case "odd":
                return (power + order) % 2 == 0
        return False


def student_kind(activation: Activation | None, bias: float | str | tuple[float, ...], balanced: bool) -> Student:
    """The kind of sigma(u + bias) if all neurons share one bias; biases that differ leave nothing restricted.

    balanced: the second layer sums to zero, or the loss is the correlation: constants in sigma then do not count.
    """
    if activation is None:
        return Student()
    values = set(bias) if isinstance(bias, tuple) else {bias}
    u, name = activation.symbol, activation.name
    if len(values) > 1 or isinstance(bias, str):
        return Student(name=name)
    sigma = canonical(activation.expr.subs(u, u + number(values.pop(), "bias")))
    if sigma.is_polynomial(u) and sympy.degree(sigma, u) <= 1:
        return Student("constant" if not sigma.has(u) else "linear", True, name)
    mirrored = canonical(sigma.subs(u, -u))
    if (proven := _vanishes(sigma - mirrored, u)) is not None:
        return Student("even", proven, name)
    total = sigma + mirrored
    if (proven := _vanishes(total.diff(u) if balanced else total, u)) is not None:
        return Student("odd", proven, name)
    return Student(name=name)


def quadratic(activation: Activation, bias: float | str | tuple[float, ...]) -> bool:
    """Whether sigma is a polynomial of degree two that moves rows, not an even one without bias.

    With the correlation loss a sample's error v sigma'(h) y is then affine in h: of degree t + 1 in y at step t.
    """
    sigma, u = canonical(activation.expr), activation.symbol
    if not sigma.is_polynomial(u) or sympy.degree(sigma, u) != 2:
        return False
    return student_kind(activation, bias, True).kind != "even"


def _vanishes(expr: sympy.Expr, u: sympy.Symbol) -> bool | None:
    """True: `expr` is 0 as written out. False: it is so small at some points that it seems 0. None: it is not 0."""
    if sympy.expand(expr) == 0:
        return True
    values = [abs(sympy.N(expr.subs(u, point), _DIGITS)) for point in _POINTS]
    return False if all(value < sympy.Float(10) ** (10 - _DIGITS) for value in values) else None
