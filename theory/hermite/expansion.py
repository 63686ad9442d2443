"""f* = sum over multi-indices a of h_a He_a(z): the one representation that leap, staircase and floors read.

The generating polynomial F(s) = E f*(z + s) = sum_a h_a s^a is the same list of numbers. It turns statements
about Hermite tensors into statements about derivatives of a polynomial; see docs/notes/staircase.md.
"""

from dataclasses import dataclass
from functools import cached_property
from math import comb, factorial, prod
from typing import Any

import flint
import sympy

from ..problem import Target
from . import balls
from .field import BallField, Field, coefficient_field
from .quadrature import estimated_terms
from .separable import separable_terms
from .terms import Terms, add_to, derivative

ORDER = 10  # Hermite orders kept of a target that is not a polynomial


@dataclass(frozen=True)
class Expansion:
    """h_a by multi-index, over `field`.

    complete: nothing was cut off (polynomials). order: largest |a| kept.
    certified: every coefficient is exact or carries a proven error bound; False: its error was only
    estimated.
    """

    k: int
    terms: Terms
    field: Field
    order: int
    complete: bool
    certified: bool

    @cached_property
    def gradient(self) -> tuple[Terms, ...]:
        """The k partial derivatives of the generating polynomial F."""
        return tuple(derivative(self.terms, i) for i in range(self.k))

    def orders(self) -> list[int]:
        """Orders |a| at which some coefficient is not zero, ascending."""
        return sorted({sum(key) for key, value in self.terms.items() if not self.field.is_zero(value)})

    def energy(self, order: int) -> Any:
        """||C_order||_F^2 / order! = sum over |a| = order of a! h_a^2, an element of the field."""
        total = self.field.from_sympy(sympy.Integer(0))
        for key, value in self.terms.items():
            if sum(key) == order:
                total = total + value * value * prod(factorial(e) for e in key)
        return total


def expansion(target: Target, order: int = ORDER) -> Expansion:
    """The Hermite expansion of a target: exact for polynomials (all orders), else balls up to `order`.

    Targets that are sums of products of one-dimensional functions of orthogonal directions get proven error
    bounds; others (k <= 3) get estimated ones. Raises ProblemError where neither is possible.
    """
    if target.terms is not None:
        field = coefficient_field(list(target.terms.values()))
        elements = {key: field.from_sympy(value) for key, value in target.terms.items()}
        return Expansion(target.k, hermite_terms(elements), field, target.degree or 0, True, True)
    with flint.ctx.workprec(balls.PRECISION):
        terms = separable_terms(target, order)
        certified = terms is not None
        if terms is None:
            terms = estimated_terms(target, order)
    kept = {key: value for key, value in terms.items() if not value.is_zero()}  # exact zeros only
    return Expansion(target.k, kept, BallField(), order, False, certified)


def hermite_terms(monomials: Terms) -> Terms:
    """From powers of z to He_a: z^n = sum_j n! / (2^j j! (n - 2j)!) He_{n-2j}, one coordinate at a time."""
    result = monomials
    for index in range(len(next(iter(monomials), ()))):
        changed: Terms = {}
        for key, value in result.items():
            power = key[index]
            for j in range(power // 2 + 1):
                weight = comb(power, 2 * j) * factorial(2 * j) // (2**j * factorial(j))
                add_to(changed, (*key[:index], power - 2 * j, *key[index + 1 :]), value * weight)
        result = changed
    return {key: value for key, value in result.items() if value}
