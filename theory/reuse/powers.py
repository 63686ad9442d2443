"""The functions y^m of a label as expansions: what moments E[y^m He_b(u_U) u_perp] are read from."""

from functools import cached_property
from math import prod

import flint
import sympy

from ..hermite import Expansion, balls, expansion
from ..hermite.expansion import hermite_terms
from ..hermite.terms import Terms, add_to
from ..problem import ProblemError, Target
from .finite_values import FiniteValues, finite_values

MAX_POWER = 8  # of a polynomial, unless a product costs more than MAX_PRODUCTS
MAX_POWER_OTHERS = 4
MAX_PRODUCTS = 60_000
FIRST_POWERS = 3  # most targets are settled by these
ORDER_OF_POWERS = 6  # Hermite orders kept of y^m, m >= 2, where it is no polynomial


class Powers:
    """y, y^2, ... up to `limit`, each expanded when it is asked for.

    effort: the largest power handed out for now. exhaustive: they span all functions of y that matter (finitely many
    values). limit may shrink: a power that costs too much or cannot be expanded is the first one not looked at.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.first = expansion(target)
        self.finite: FiniteValues | None = None if target.terms is not None else finite_values(target)
        self.known: list[Expansion] = [self.first]
        if self.finite is not None:
            self.limit = self.finite.bound - 1
        else:
            self.limit = MAX_POWER if self.first.complete else MAX_POWER_OTHERS
        if target.degree is not None and target.degree <= 2:
            self.limit = max(
                target.k, MAX_POWER
            )  # k are enough for the target (the note, item 4), not for odd students
        self.effort = min(FIRST_POWERS, self.limit) if self.first.complete else self.limit
        self._monomials: Terms = self._elements

    @property
    def exhaustive(self) -> bool:
        """Whether nothing beyond `limit` matters."""
        return self.finite is not None and self.limit == self.finite.bound - 1

    @cached_property
    def _elements(self) -> Terms:
        if self.target.terms is None:
            return {}
        return {key: self.first.field.from_sympy(value) for key, value in self.target.terms.items()}

    def expanded(self, power: int) -> Expansion | None:
        """y^power; None beyond `effort` and beyond the limit."""
        if power > self.effort:
            return None
        while len(self.known) < power <= self.limit:
            series = self._next(len(self.known) + 1)
            if series is None:
                self.limit = len(self.known)
            else:
                self.known.append(series)
        return self.known[power - 1] if power <= self.limit else None

    def _next(self, power: int) -> Expansion | None:
        if self.finite is not None:
            return _other(self.finite.power(power))
        if not self.first.complete:
            return _other(_target(self.target, power))
        if len(self._monomials) * len(self._elements) > MAX_PRODUCTS:
            return None
        self._monomials = times(self._monomials, self._elements)
        if sum(prod(e // 2 + 1 for e in key) for key in self._monomials) > MAX_PRODUCTS:  # terms in He_a, uncollected
            return None
        series = self.first
        return Expansion(series.k, hermite_terms(self._monomials), series.field, series.order * power, True, True)


def times(a: Terms, b: Terms) -> Terms:
    """The product of two polynomials."""
    result: Terms = {}
    for left, x in a.items():
        for right, y in b.items():
            add_to(result, tuple(map(int.__add__, left, right)), x * y)
    return {key: value for key, value in result.items() if value}


def _target(target: Target, power: int) -> Target | None:
    try:
        return Target(sympy.expand(target.expr**power, power_exp=False), k=target.k)
    except ProblemError:
        return None


def _other(target: Target | None) -> Expansion | None:
    """The expansion of a power that is no polynomial; None where it cannot be had."""
    try:
        with flint.ctx.workprec(balls.PRECISION):
            return None if target is None else expansion(target, ORDER_OF_POWERS)
    except ProblemError:
        return None
