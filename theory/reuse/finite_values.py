"""Targets with finitely many values, such as sign(z1 z2 z3) or sign(z1) + sign(z2 - 1)."""

from itertools import product

import sympy

from ..hermite.forms import canonical
from ..problem import Target

MAX_SIGNS = 6


class FiniteValues:
    """f* as a polynomial in signs. bound: at least the number of its values, so 1, ..., y^(bound - 1) span all F(y)."""

    def __init__(self, target: Target, polynomial: sympy.Expr, signs: dict[sympy.Symbol, sympy.Expr]) -> None:
        self.target = target
        self.signs = signs
        self.polynomial = polynomial
        choices = product((-1, 1), repeat=len(signs))
        self.values = {sympy.nsimplify(polynomial.subs(dict(zip(signs, choice, strict=True)))) for choice in choices}

    @property
    def bound(self) -> int:
        """An upper bound for the number of values."""
        return len(self.values)

    def function(self, of_value: "sympy.Expr") -> Target:
        """F(y) as a target, F a polynomial given in the symbol y: squares of signs are 1."""
        expr = sympy.Poly(of_value.subs(Y, self.polynomial), *self.signs) if self.signs else None
        if expr is None:
            return Target(of_value.subs(Y, self.polynomial), k=self.target.k)
        total = sympy.Integer(0)
        for powers, coefficient in expr.terms():
            total += coefficient * sympy.Mul(*[s for s, e in zip(self.signs.values(), powers, strict=True) if e % 2])
        return Target(total, k=self.target.k)

    def power(self, exponent: int) -> Target:
        """y^exponent as a target."""
        return self.function(Y**exponent)


Y = sympy.Symbol("y", real=True)


def finite_values(target: Target) -> FiniteValues | None:
    """`target` as a function with finitely many values; None if it is not written as one, or with too many signs."""
    expr = canonical(target.expr)
    parts = sorted((part for part in expr.atoms(sympy.sign) if part.free_symbols), key=str)
    if len(parts) > MAX_SIGNS or (not parts and expr.free_symbols):
        return None
    symbols = {sympy.Dummy(f"s{i}", real=True): part for i, part in enumerate(parts)}
    polynomial = expr.xreplace({part: symbol for symbol, part in symbols.items()})
    if polynomial.free_symbols - set(symbols) or not polynomial.is_polynomial(*symbols):
        return None
    return FiniteValues(target, polynomial, symbols)
