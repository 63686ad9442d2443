"""Reflections that leave a target unchanged: the reason why a staircase is stuck."""

from collections.abc import Sequence
from itertools import combinations

import sympy

from .hermite import Expansion
from .hermite.forms import canonical
from .hermite.terms import substitute
from .problem import Target
from .span import Vector, dot

MAX_DIRECTIONS = 8


def blocking_symmetries(target: Target, series: Expansion, outside: Sequence[Vector]) -> list[tuple[int, ...]]:
    """Sets of the orthogonal directions `outside`, smallest first, whose joint sign change leaves f*
    unchanged.

    If it does, none of them ever enters a staircase (docs/notes/staircase.md). The test is exact for
    polynomials and structural (canonical forms equal) for other targets: what is returned is proven.
    """
    blocked: set[int] = set()
    found = []
    for size in range(1, len(outside) + 1 if len(outside) <= MAX_DIRECTIONS else 2):
        for group in combinations(range(len(outside)), size):
            if not blocked.issuperset(group) and is_invariant(target, series, [outside[i] for i in group]):
                found.append(group)
                blocked.update(group)
    return found


def is_invariant(target: Target, series: Expansion, directions: Sequence[Vector]) -> bool:
    """Whether f* stays the same when its coordinates along the orthogonal `directions` change sign."""
    k, field = series.k, series.field
    one = field.from_sympy(sympy.Integer(1))
    rows = []
    for i in range(k):
        row = [one if i == j else one - one for j in range(k)]
        for v in directions:
            factor = v[i] * 2 / dot(v, v)
            row = [r - factor * x for r, x in zip(row, v, strict=True)]
        rows.append(row)
    if series.complete:
        turned = substitute(series.terms, [[(j, r) for j, r in enumerate(row) if r] for row in rows])
        keys = set(turned) | set(series.terms)
        return all(turned.get(key, one - one) == series.terms.get(key, one - one) for key in keys)
    exact = _rational_orthogonal([[field.to_sympy(entry) for entry in row] for row in rows])
    if exact is None:
        return False
    images = [sum(r * z for r, z in zip(row, target.symbols, strict=True)) for row in exact]
    turned_expr = target.expr.subs(dict(zip(target.symbols, images, strict=True)), simultaneous=True)
    return sympy.expand(canonical(turned_expr) - canonical(target.expr)) == 0


def is_constant_along(target: Target, series: Expansion, direction: Vector) -> bool:
    """Whether f* is proven not to change along (the rational vector near) `direction`. Structural: may miss it."""
    exact = [sympy.nsimplify(series.field.to_sympy(c), tolerance=1e-9, rational=True) for c in direction]
    expr = canonical(target.expr)
    return sympy.expand(sum(c * expr.diff(z) for c, z in zip(exact, target.symbols, strict=True))) == 0


def _rational_orthogonal(rows: list[list[sympy.Expr]]) -> list[list[sympy.Expr]] | None:
    """The nearby rational matrix if it is exactly orthogonal: then whatever invariance it shows is a true one."""
    exact = [[sympy.nsimplify(entry, tolerance=1e-9, rational=True) for entry in row] for row in rows]
    matrix = sympy.Matrix(exact)
    return exact if matrix * matrix.T == sympy.eye(len(rows)) else None


def describe(series: Expansion, directions: Sequence[Vector]) -> str:
    """The joint sign change along `directions` in words."""
    vectors = [_rational([series.field.to_sympy(value) for value in v]) for v in directions]
    names = [direction_name(v) for v in vectors]
    if len(names) == 1:
        i, *others = [j for j, value in enumerate(vectors[0]) if value != 0]
        if not others:
            return f"{names[0]} -> -{names[0]}"
        if len(others) == 1 and vectors[0][i] == -vectors[0][others[0]]:
            return f"the exchange of z{i + 1} and z{others[0] + 1}"
        return f"the reflection along {names[0]}"
    return f"the joint sign change of {', '.join(names)}"


def direction_name(vector: Sequence[sympy.Expr]) -> str:
    """A direction as a linear form: (1, -1) is z1 - z2."""
    return sympy.sstr(sum(c * sympy.Symbol(f"z{i + 1}") for i, c in enumerate(_rational(vector))))


def _rational(vector: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    """The middle of every ball as a short rational, so that it can be read; exact numbers as they are."""
    return [sympy.nsimplify(c, tolerance=1e-6, rational=True) if c.is_Float else c for c in vector]
