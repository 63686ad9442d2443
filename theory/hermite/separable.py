"""Targets such as sign(z1 z2), z1 tanh(z2) or tanh(z1) + tanh(z1 + z2): sums of products over orthogonal
directions.

Every Hermite coefficient of such a product is a product of one-dimensional ones, so proven bounds carry over.
"""

from itertools import product
from math import factorial

import flint
import sympy

from ..problem import ProblemError, Target
from .balls import constant
from .coefficients import coefficient_balls
from .forms import canonical
from .products import Direction, X, complete_frame, in_frame, ridges
from .terms import Terms, add_to, substitute


def separable_terms(target: Target, order: int) -> Terms | None:
    """h_a for |a| <= order as balls; None where f* is no sum of products over orthogonal directions."""
    total: Terms = {}
    for term in sympy.Add.make_args(canonical(target.expr)):
        split = ridges(term, target.symbols)
        if split is None:
            return None
        polynomial, functions = split
        frame = complete_frame(list(functions), target.k)
        if frame is None:
            return None
        for key, value in _term(polynomial, functions, frame, target.symbols, order).items():
            add_to(total, key, value)
    return total


def _term(
    polynomial: sympy.Expr,
    functions: dict[Direction, sympy.Expr],
    frame: list[Direction],
    symbols: tuple[sympy.Symbol, ...],
    order: int,
) -> Terms:
    """The generating polynomial of one product, in the coordinates z."""
    local: Terms = {}
    for powers, coefficient in in_frame(polynomial, frame, symbols):
        columns = [
            _column(functions.get(v, sympy.Integer(1)), power, order) for v, power in zip(frame, powers, strict=True)
        ]
        for key in product(*[[j for j, c in enumerate(column) if not c.is_zero()] for column in columns]):
            if sum(key) <= order:
                value = constant(coefficient)
                for j, column in zip(key, columns, strict=True):
                    value *= column[j]
                add_to(local, key, value)
    rows = [[(i, constant(v[i])) for i in range(len(symbols)) if v[i] != 0] for v in frame]
    return substitute(local, rows)


def _column(function: sympy.Expr, power: int, order: int) -> list[flint.arb]:
    """Coefficients of x^power h(x) in He_j, j <= order: c_j / j!."""
    if function == 1 and power == 0:
        return [flint.arb(1)]
    try:
        values = coefficient_balls(function * X**power, X, order + 1)
    except ProblemError as error:
        raise ProblemError(f"the factor {function} of the target: {error}") from None
    return [value / factorial(j) for j, value in enumerate(values)]
