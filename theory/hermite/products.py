"""Products of one-dimensional functions along orthogonal directions: what a target's terms are split into."""

from dataclasses import dataclass

import sympy

from ..problem import Target
from .forms import canonical

X = sympy.Symbol("x", real=True)
Direction = tuple[sympy.Expr, ...]


@dataclass(frozen=True)
class Product:
    """coefficient * prod_v h_v(<v, z>), v orthonormal; `functions` holds (v, h_v of X) where h_v is not 1."""

    coefficient: sympy.Expr
    functions: tuple[tuple[Direction, sympy.Expr], ...]


def products(target: Target) -> list[Product] | None:
    """f* as a sum of such products, each in a frame of its own; None where a term is none."""
    found: list[Product] = []
    for term in sympy.Add.make_args(canonical(target.expr)):
        split = ridges(term, target.symbols)
        frame = complete_frame(list(split[1]), target.k) if split else None
        if split is None or frame is None:
            return None
        found.extend(_expanded(*split, frame, target.symbols))
    return found


def _expanded(
    polynomial: sympy.Expr,
    functions: dict[Direction, sympy.Expr],
    frame: list[Direction],
    symbols: tuple[sympy.Symbol, ...],
) -> list[Product]:
    """The polynomial factor expanded in the coordinates of `frame`, its powers given to the functions there."""
    result = []
    for powers, coefficient in in_frame(polynomial, frame, symbols):
        local = [(v, functions.get(v, sympy.Integer(1)) * X**power) for v, power in zip(frame, powers, strict=True)]
        result.append(Product(coefficient, tuple((v, h) for v, h in local if h != 1)))
    return result


def in_frame(
    polynomial: sympy.Expr, frame: list[Direction], symbols: tuple[sympy.Symbol, ...]
) -> list[tuple[tuple[int, ...], sympy.Expr]]:
    """[(powers, coefficient)] of a polynomial in the coordinates along the orthonormal directions `frame`."""
    axes = sympy.symbols(f"x0:{len(frame)}", real=True)
    turned = {z: sum(v[i] * x for v, x in zip(frame, axes, strict=True)) for i, z in enumerate(symbols)}
    return sympy.Poly(polynomial.subs(turned, simultaneous=True), *axes).terms()


def ridges(
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
            direction, function = flipped, function.subs(X, -X)
        functions[direction] = functions.get(direction, sympy.Integer(1)) * function
    return polynomial, functions


def _ridge(factor: sympy.Expr, symbols: tuple[sympy.Symbol, ...]) -> tuple[Direction, sympy.Expr] | None:
    """(unit direction v, h) with factor = h(<v, z>), read off its first inner argument that is affine."""
    used = [z for z in symbols if factor.has(z)]
    if len(used) == 1:
        direction = tuple(sympy.Integer(z == used[0]) for z in symbols)
        return direction, factor.subs(used[0], X)
    for inner in sympy.preorder_traversal(factor):
        if inner.is_polynomial(*symbols) and inner.free_symbols and sympy.Poly(inner, *symbols).total_degree() == 1:
            slopes = [sympy.Poly(inner, *symbols).coeff_monomial(z) for z in symbols]
            norm = sympy.sqrt(sum(s**2 for s in slopes))
            direction = tuple(s / norm for s in slopes)
            along = {z: X * v for z, v in zip(symbols, direction, strict=True)}
            function = factor.subs(along, simultaneous=True)
            rebuilt = function.subs(X, sum(v * z for v, z in zip(direction, symbols, strict=True)))
            return (direction, function) if sympy.simplify(rebuilt - factor) == 0 else None
    return None


def complete_frame(directions: list[Direction], k: int) -> list[Direction] | None:
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
