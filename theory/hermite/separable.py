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
from .terms import Terms, add_to, substitute

_X = sympy.Symbol("x", real=True)
Direction = tuple[sympy.Expr, ...]


def separable_terms(target: Target, order: int) -> Terms | None:
    """h_a for |a| <= order as balls; None where f* is no sum of products over orthogonal directions."""
    total: Terms = {}
    for term in sympy.Add.make_args(canonical(target.expr)):
        ridges = _ridges(term, target.symbols)
        if ridges is None:
            return None
        polynomial, functions = ridges
        frame = _frame(list(functions), target.k)
        if frame is None:
            return None
        for key, value in _term(polynomial, functions, frame, target.symbols, order).items():
            add_to(total, key, value)
    return total


def _ridges(
    term: sympy.Expr, symbols: tuple[sympy.Symbol, ...]
) -> tuple[sympy.Expr, dict[Direction, sympy.Expr]] | None:
    """A product as (polynomial factor, {unit direction: function of x along it}); None if a factor is no ridge."""
    polynomial: sympy.Expr = sympy.Integer(1)
    functions: dict[Direction, sympy.Expr] = {}
    for factor in sympy.Mul.make_args(term):
        if factor.is_polynomial(*symbols):
            polynomial *= factor
            continue
        found = _ridge(factor, symbols)
        if found is None:
            return None
        direction, function = found
        flipped = tuple(-value for value in direction)
        if flipped in functions:
            direction, function = flipped, function.subs(_X, -_X)
        functions[direction] = functions.get(direction, sympy.Integer(1)) * function
    return polynomial, functions


def _ridge(factor: sympy.Expr, symbols: tuple[sympy.Symbol, ...]) -> tuple[Direction, sympy.Expr] | None:
    """(unit direction v, h) with factor = h(<v, z>), read off its first inner argument that is affine."""
    used = [z for z in symbols if factor.has(z)]
    if len(used) == 1:
        direction = tuple(sympy.Integer(z == used[0]) for z in symbols)
        return direction, factor.subs(used[0], _X)
    for inner in sympy.preorder_traversal(factor):
        if inner.is_polynomial(*symbols) and inner.free_symbols and sympy.Poly(inner, *symbols).total_degree() == 1:
            slopes = [sympy.Poly(inner, *symbols).coeff_monomial(z) for z in symbols]
            norm = sympy.sqrt(sum(s**2 for s in slopes))
            direction = tuple(s / norm for s in slopes)
            along = {z: _X * v for z, v in zip(symbols, direction, strict=True)}
            function = factor.subs(along, simultaneous=True)
            rebuilt = function.subs(_X, sum(v * z for v, z in zip(direction, symbols, strict=True)))
            return (direction, function) if sympy.simplify(rebuilt - factor) == 0 else None
    return None


def _frame(directions: list[Direction], k: int) -> list[Direction] | None:
    """`directions`, which must be orthogonal, completed to an orthonormal frame of R^k."""
    frame = list(directions)
    for i, v in enumerate(frame):
        if any(_dot(v, w) != 0 for w in frame[:i]):
            return None
    for axis in range(k):
        unit = tuple(sympy.Integer(j == axis) for j in range(k))
        rest = unit
        for v in frame:
            overlap = _dot(unit, v)
            rest = tuple(sympy.simplify(r - overlap * c) for r, c in zip(rest, v, strict=True))
        length = sympy.simplify(_dot(rest, rest))
        if length != 0 and len(frame) < k:
            frame.append(tuple(sympy.simplify(r / sympy.sqrt(length)) for r in rest))
    return frame


def _dot(v: Direction, w: Direction) -> sympy.Expr:
    return sympy.simplify(sum(a * b for a, b in zip(v, w, strict=True)))


def _term(
    polynomial: sympy.Expr,
    functions: dict[Direction, sympy.Expr],
    frame: list[Direction],
    symbols: tuple[sympy.Symbol, ...],
    order: int,
) -> Terms:
    """The generating polynomial of one product, in the coordinates z."""
    axes = sympy.symbols(f"x0:{len(frame)}", real=True)
    turned = {z: sum(v[i] * x for v, x in zip(frame, axes, strict=True)) for i, z in enumerate(symbols)}
    local: Terms = {}
    for powers, coefficient in sympy.Poly(polynomial.subs(turned, simultaneous=True), *axes).terms():
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
        values = coefficient_balls(function * _X**power, _X, order + 1)
    except ProblemError as error:
        raise ProblemError(f"the factor {function} of the target: {error}") from None
    return [value / factorial(j) for j, value in enumerate(values)]
