"""Floors of sums of products of one-dimensional functions, with proven error bounds (docs/notes/floors.md).

With y' correlated with y at rho outside U and equal to it inside, E f*(z) f*(z') = sum_j rho^j (1/j!) E ||F_j||^2.
Pair by pair of products this splits into correlations of one-dimensional functions, as power series in rho.
"""

import flint
import sympy

from ..hermite import balls
from ..hermite.products import Direction, Product, products
from ..problem import ProblemError, Target
from .correlation import Entry, Series, correlation, finite_correlation, mean, multiply

MAX_PRODUCTS = 64
Bounded = tuple[float, float]


def certified_floors(target: Target, degrees: list[int], basis: list[list[sympy.Expr]]) -> list[Bounded]:
    """[(floor, error bound)] for each degree; basis: orthogonal vectors that span U.

    Raises ProblemError where f* is no such sum, where U mixes directions of two products of which neither is a
    polynomial there, and where an integral has no proof.
    """
    parts = products(target)
    if parts is None:
        raise ProblemError("f* is no sum of products over orthogonal directions")
    if len(parts) > MAX_PRODUCTS:
        raise ProblemError(f"f* is a sum of {len(parts)} products; at most {MAX_PRODUCTS}")
    inside, identity = _projector(basis, target.k), sympy.ImmutableMatrix(sympy.eye(target.k))
    with flint.ctx.workprec(balls.PRECISION):
        total = _energies(parts, identity, 0)[0]
        energies = _energies(parts, inside, max(degrees))
        floors = [total - sum(energies[: degree + 1], flint.arb(0)) for degree in degrees]
        found = [balls.midpoint_and_error(floor) for floor in floors]
    return [(max(middle, 0.0), error) for middle, error in found]  # a floor is never negative


def _projector(basis: list[list[sympy.Expr]], k: int) -> sympy.ImmutableMatrix:
    """P_U, exactly."""
    total = sympy.zeros(k)
    for vector in basis:
        column = sympy.Matrix(vector)
        total += column * column.T / sum(value**2 for value in vector)
    return sympy.ImmutableMatrix(total.applyfunc(_plain))


def _energies(parts: list[Product], inside: sympy.ImmutableMatrix, degree: int) -> Series:
    """(1/j!) E ||F_j||^2 for j <= degree."""
    total: Series = [flint.arb(0)] * (degree + 1)
    for i, first in enumerate(parts):
        for j, second in enumerate(parts[: i + 1]):
            scale = balls.constant(first.coefficient * second.coefficient) * (1 if i == j else 2)
            series = _pair(first, second, inside, degree)
            total = [a + scale * b for a, b in zip(total, series, strict=True)]
    return total


def _pair(first: Product, second: Product, inside: sympy.ImmutableMatrix, degree: int) -> Series:
    """E first(z) second(z') up to rho^degree: groups of directions that U and rho couple are independent."""
    rows, columns = list(first.functions), list(second.functions)
    entries = {
        (i, j): entry
        for i, (v, _) in enumerate(rows)
        for j, (w, _) in enumerate(columns)
        if (entry := _entry(v, w, inside)) != (0, 0)
    }
    result: Series = [flint.arb(1), *[flint.arb(0)] * degree]
    for left, right in _groups(entries, len(rows), len(columns)):
        above, below = [rows[i][1] for i in left], [columns[j][1] for j in right]
        zero = (sympy.Integer(0), sympy.Integer(0))
        block = [[entries.get((i, j), zero) for j in right] for i in left]
        result = multiply(result, _group(above, below, block, degree))
    return result


def _group(above: list[sympy.Expr], below: list[sympy.Expr], block: list[list[Entry]], degree: int) -> Series:
    nothing = [flint.arb(0)] * degree
    if not below or not above:
        return [mean((above or below)[0]), *nothing]
    if len(above) == len(below) == 1:
        return correlation(above[0], below[0], block[0][0], degree)
    if all(h.is_polynomial() for h in above):
        return finite_correlation(above, below, block, degree)
    if all(h.is_polynomial() for h in below):
        turned = [list(column) for column in zip(*block, strict=True)]
        return finite_correlation(below, above, turned, degree)
    raise ProblemError("U mixes directions of products that are no polynomials there")


def _entry(v: Direction, w: Direction, inside: sympy.ImmutableMatrix) -> Entry:
    """(alpha, beta) with E <v, z> <w, z'> = alpha + beta rho: <v, P_U w> and the rest of <v, w>."""
    support = [(i, j) for i, a in enumerate(v) if a != 0 for j, b in enumerate(w) if b != 0]
    alpha = _plain(sum((v[i] * inside[i, j] * w[j] for i, j in support), sympy.Integer(0)))
    return alpha, _plain(sum((v[i] * w[i] for i, j in support if i == j), sympy.Integer(0)) - alpha)


def _plain(value: sympy.Expr) -> sympy.Expr:
    """An exact number in a form in which 0, 1 and -1 are visible."""
    if value.is_Rational:
        return value
    value = sympy.radsimp(sympy.expand(value))
    if value.is_Rational or (abs(float(value)) > 1e-9 and abs(abs(float(value)) - 1) > 1e-9):
        return value
    return sympy.simplify(value)


def _groups(entries: dict[tuple[int, int], Entry], rows: int, columns: int) -> list[tuple[list[int], list[int]]]:
    """Connected groups (rows, columns) of the bipartite graph whose edges are `entries`."""
    left, right, found = set(range(rows)), set(range(columns)), []
    while left or right:
        seed = ({left.pop()}, set()) if left else (set(), {right.pop()})
        above, below = seed
        while True:
            more = {j for i, j in entries if i in above} - below, {i for i, j in entries if j in below} - above
            if not any(more):
                break
            below |= more[0]
            above |= more[1]
        left, right = left - above, right - below
        found.append((sorted(above), sorted(below)))
    return found
