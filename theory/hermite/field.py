"""Two kinds of numbers for one algebra: exact elements of Q, an algebraic field or Q(pi), and Arb balls."""

from typing import Any, Protocol

import flint
import sympy
from sympy.polys.constructor import construct_domain

from ..problem import ProblemError
from . import balls

MAX_RADICALS = 4


class Field(Protocol):
    """What elimination and substitution ask of a number system."""

    exact: bool

    def from_sympy(self, value: sympy.Expr) -> Any:
        """The element equal to (or the ball around) a sympy constant."""

    def to_sympy(self, value: Any) -> sympy.Expr:
        """An element as a sympy number: for a ball its midpoint, 0 where it contains 0."""

    def is_zero(self, value: Any) -> bool:
        """Whether the element is zero, or cannot be told from zero."""

    def size(self, value: Any) -> float:
        """A rough magnitude, for choosing pivots and for reporting."""


class ExactField:
    """A field in which equality with zero is decidable. `domain` is a sympy domain of characteristic 0."""

    exact = True

    def __init__(self, domain: Any) -> None:
        self.domain = domain

    def from_sympy(self, value: sympy.Expr) -> Any:
        return self.domain.from_sympy(value)

    def to_sympy(self, value: Any) -> sympy.Expr:
        return self.domain.to_sympy(value)

    def is_zero(self, value: Any) -> bool:
        return not value

    def size(self, value: Any) -> float:
        return 0.0 if not value else 1.0


class BallField:
    """Balls: what contains zero counts as zero, and `uncertainty` remembers the largest such magnitude."""

    exact = False

    def __init__(self) -> None:
        self.uncertainty = 0.0

    def from_sympy(self, value: sympy.Expr) -> flint.arb:
        return balls.constant(value)

    def to_sympy(self, value: flint.arb) -> sympy.Expr:
        return sympy.Integer(0) if value.contains(0) else sympy.Float(float(value.mid()))

    def is_zero(self, value: flint.arb) -> bool:
        if not value.contains(0):
            return False
        self.uncertainty = max(self.uncertainty, float(value.abs_upper()))
        return True

    def size(self, value: flint.arb) -> float:
        return abs(float(value.mid()))


def coefficient_field(values: list[sympy.Expr]) -> ExactField:
    """The smallest field of ours that holds `values`: Q, a real algebraic extension, or one of these with pi.

    pi is transcendental, so treating it as a variable is exact. Raises ProblemError for anything else, and
    for more than MAX_RADICALS different roots.
    """
    algebraic = [part for value in values for part in _coefficients_in_pi(value)]
    radicals = {root for part in algebraic for root in part.atoms(sympy.Pow) if not root.exp.is_Integer}
    if len(radicals) > MAX_RADICALS:
        raise ProblemError(
            f"the coefficients hold {len(radicals)} different roots; exact ranks are computed with at most "
            f"{MAX_RADICALS}, since the number field doubles with every square root"
        )
    if all(part.is_Rational for part in algebraic):
        domain = sympy.QQ
    else:
        domain = construct_domain(algebraic, extension=True, field=True)[0]
    with_pi = any(value.has(sympy.pi) for value in values)
    return ExactField(domain.frac_field(sympy.pi) if with_pi else domain)


def _coefficients_in_pi(value: sympy.Expr) -> list[sympy.Expr]:
    """The algebraic numbers in a quotient of polynomials in pi. Raises ProblemError for any other constant."""
    pi = sympy.Dummy("pi")
    parts = sympy.fraction(sympy.together(value.xreplace({sympy.pi: pi}))) if value.has(sympy.pi) else [value]
    if all(part.is_polynomial(pi) for part in parts):
        found = [c for part in parts for c in (sympy.Poly(part, pi).all_coeffs() if part.has(pi) else [part])]
        if all(c.is_algebraic for c in found):
            return found
    raise ProblemError(
        f"the coefficient {value} is neither algebraic nor a quotient of polynomials in pi: no rank is exact"
    )
