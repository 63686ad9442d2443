"""Orthogonal maps R with f*(R z) = f*(z) or -f*(z): what keeps rows away from directions on a reused batch."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations, product
from typing import Any

import sympy

from ..frame import frame
from ..hermite import Expansion
from ..hermite.evaluate import evaluate
from ..hermite.forms import canonical
from ..hermite.quadrature import _functions
from ..hermite.terms import Terms
from ..problem import Target
from ..span import Span, Vector
from ..symmetry import describe, is_invariant

MAX_ALL_PERMUTATIONS = 5  # coordinates: all signed permutations up to here, exchanges and sign changes beyond
MAX_SIGN_CHANGES = 8


@dataclass(frozen=True)
class Automorphism:
    """R and the sign s of f*(R z) = s f*(z), in words; `moved` spans the range of R - s I, orthogonal to all rows."""

    sign: int
    words: str
    moved: tuple[Vector, ...]


def automorphisms(
    target: Target, series: Expansion, frames: Sequence[Sequence[Vector]], signs: tuple[int, ...]
) -> list[Automorphism]:
    """Proven automorphisms, each of which keeps away directions that the ones before do not.

    Sought: sign changes in the coordinates and in the orthogonal `frames`, and signed permutations of the
    coordinates. signs: (1,), or (1, -1) for those that change the sign of f* too. Complete for sign changes of
    polynomials; others may be missed.
    """
    span = Span(series.field, series.k)
    kept = []
    candidates = [_sign_changes(target, series, axes, sign) for sign in signs for axes in ([], *frames)]
    candidates.append(_signed_permutations(target, series, signs))
    for found in (one for many in candidates for one in many):
        if sum(map(span.add, found.moved)):
            kept.append(found)
    return kept


def _sign_changes(target: Target, series: Expansion, axes: Sequence[Vector], sign: int) -> Iterator[Automorphism]:
    """The joint sign changes of axes of an orthogonal frame (the completion of `axes`)."""
    view = frame(series, axes)
    basis = [*view.inside, *view.outside]
    if series.complete:
        keys = [key for key, value in view.terms.items() if not series.field.is_zero(value) and (any(key) or sign < 0)]
        groups: Any = _parity_solutions(keys, len(basis), int(sign < 0))
    else:
        sizes = range(1, len(basis) + 1) if len(basis) <= MAX_SIGN_CHANGES else range(1, 3)
        groups = (group for size in sizes for group in combinations(range(len(basis)), size))
    span = Span(series.field, series.k)
    for group in groups:
        moved = tuple(b for i, b in enumerate(basis) if (i in group) == (sign > 0))
        flipped = [basis[i] for i in group]
        if not flipped or all(_known(span, v) for v in moved):
            continue
        if series.complete or _changes_sign(target, series, flipped, sign):
            for v in moved:
                span.add(v)
            yield Automorphism(sign, describe(series, flipped), moved)


def _parity_solutions(keys: Sequence[tuple[int, ...]], k: int, odd: int) -> list[tuple[int, ...]]:
    """Sets of axes in which every exponent of `keys` has total parity `odd`: a generating list, over GF(2)."""
    rows: list[tuple[int, list[int]]] = []  # (pivot, row with the right side last), reduced
    for key in {tuple(e % 2 for e in key) for key in keys}:
        row = [*key, odd]
        for pivot, known in rows:
            if row[pivot]:
                row = [a ^ b for a, b in zip(row, known, strict=True)]
        if not any(row[:k]):
            if row[k]:
                return []
            continue
        pivot = row.index(1)
        rows = [(q, [a ^ b for a, b in zip(r, row, strict=True)] if r[pivot] else r) for q, r in rows]
        rows.append((pivot, row))
    free = [i for i in range(k) if i not in {pivot for pivot, _ in rows}]
    particular = [pivot for pivot, row in rows if row[k]]
    shifts = [[i, *[pivot for pivot, row in rows if row[i]]] for i in free]
    plain = [tuple(sorted(shift)) for shift in shifts]
    return plain if not odd else [tuple(sorted(set(particular) ^ set(shift))) for shift in ([], *plain)]


def _changes_sign(target: Target, series: Expansion, directions: Sequence[Vector], sign: int) -> bool:
    if sign > 0:
        return is_invariant(target, series, directions)
    axes = [i for v in directions for i in range(series.k) if v[i] != 0]
    if len(axes) != len(directions):  # sign changes of single coordinates only
        return False
    turned = target.expr.subs({target.symbols[i]: -target.symbols[i] for i in axes}, simultaneous=True)
    return sympy.expand(canonical(turned) + canonical(target.expr)) == 0


def _signed_permutations(target: Target, series: Expansion, signs: tuple[int, ...]) -> Iterator[Automorphism]:
    """Maps z_i -> e_i z_{p(i)} with p not the identity, fewest moved coordinates first."""
    used = [i for i, z in enumerate(target.symbols) if _uses(target, i, z)]
    span = Span(series.field, series.k)
    one, zero = series.field.from_sympy(sympy.Integer(1)), series.field.from_sympy(sympy.Integer(0))
    test = _PolynomialTest(series.terms, signs) if series.complete else _NumericalTest(target, signs)
    for image in _permutations(used, series.k):
        if len(span) == len(used):
            return
        moved_axes = [i for i in used if image[i] != i]
        flips = product((1, -1), repeat=len(used) if len(used) <= 4 else len(moved_axes))
        for flip in flips:
            flipped = used if len(flip) == len(used) else moved_axes
            epsilon = [1] * series.k
            for i, e in zip(flipped, flip, strict=True):
                epsilon[i] = e
            for sign in signs:
                columns = _columns(image, epsilon, sign, used, one, zero)
                if all(_known(span, c) for c in columns) or not test(image, epsilon, sign):
                    continue
                for column in columns:
                    span.add(column)
                yield Automorphism(sign, _permutation_words(image, epsilon, used), tuple(columns))


def _known(span: Span, vector: Vector) -> bool:
    return all(span.field.is_zero(value) for value in span.reduce(vector))


def _uses(target: Target, index: int, symbol: sympy.Symbol) -> bool:
    return any(key[index] for key in target.terms) if target.terms is not None else target.expr.has(symbol)


def _permutations(used: list[int], k: int) -> Iterator[list[int]]:
    """Images of all coordinates, those not used fixed; the identity excluded."""
    if len(used) <= MAX_ALL_PERMUTATIONS:
        every = sorted(permutations(used), key=lambda p: sum(a != b for a, b in zip(p, used, strict=True)))
    else:
        every = [tuple(j if m == i else i if m == j else m for m in used) for i, j in combinations(used, 2)]
    for images in every:
        if list(images) != used:
            table = dict(zip(used, images, strict=True))
            yield [table.get(i, i) for i in range(k)]


def _columns(image: list[int], epsilon: list[int], sign: int, used: list[int], one: Any, zero: Any) -> list[Vector]:
    """R e_i - sign e_i for R e_i = epsilon_i e_image(i), where it is not zero."""
    columns = []
    for i in used:
        column = [zero] * len(image)
        column[image[i]] = column[image[i]] + one * epsilon[i]
        column[i] = column[i] - one * sign
        if any(value != 0 for value in column):
            columns.append(tuple(column))
    return columns


class _PolynomialTest:
    """f*(R z) = sign f*(z), exactly, on the list of terms."""

    def __init__(self, terms: Terms, signs: tuple[int, ...]) -> None:
        self.terms = terms

    def __call__(self, image: list[int], epsilon: list[int], sign: int) -> bool:
        for key, value in self.terms.items():
            turned, factor = [0] * len(key), sign
            for i, power in enumerate(key):
                turned[image[i]] += power
                factor *= epsilon[i] ** (power % 2)
            other = self.terms.get(tuple(turned))
            if other is None or other != value * factor:
                return False
        return True


class _NumericalTest:
    """The same for any target: first at a few points, to save time, then by comparing canonical forms."""

    def __init__(self, target: Target, signs: tuple[int, ...]) -> None:
        self.target = target
        self.points = [
            [math.sin(1 + 7 * i + 3 * j) + 1.1 * math.cos(5 * i - j) for j in range(3)] for i in range(target.k)
        ]
        self.values = self._at(self.points)
        self.form = canonical(target.expr)

    def _at(self, points: Sequence[Sequence[float]]) -> Any:
        import numpy as np

        arrays = {z: np.array(row, dtype=float) for z, row in zip(self.target.symbols, points, strict=True)}
        return evaluate(self.target.expr, arrays, _functions(), float)

    def __call__(self, image: list[int], epsilon: list[int], sign: int) -> bool:
        import numpy as np

        turned = [[epsilon[i] * x for x in self.points[image[i]]] for i in range(len(image))]
        if not np.allclose(self._at(turned), sign * self.values, rtol=1e-9, atol=1e-9):
            return False
        symbols = self.target.symbols
        images = {z: epsilon[i] * symbols[image[i]] for i, z in enumerate(symbols)}
        form = canonical(self.target.expr.subs(images, simultaneous=True))
        return bool(sympy.expand(form - sign * self.form) == 0)


def _permutation_words(image: list[int], epsilon: list[int], used: list[int]) -> str:
    moved = [i for i in used if image[i] != i or epsilon[i] < 0]
    if len(moved) == 2 and epsilon[moved[0]] == epsilon[moved[1]] == 1:
        return f"the exchange of z{moved[0] + 1} and z{moved[1] + 1}"
    arrows = ", ".join(f"z{i + 1} -> {'-' if epsilon[i] < 0 else ''}z{image[i] + 1}" for i in moved)
    return f"the map {arrows}"


def eigenframe(series: Expansion) -> list[Vector]:
    """Rational eigenvectors, with simple eigenvalues, of C_2 = E[y (u u^T - I)] for the label y that `series` expands.

    Automorphisms with s = 1 commute with C_2, so they are sign changes along these.
    """
    order_two = {key: value for key, value in series.terms.items() if sum(key) == 2}
    used = sorted({i for key in series.terms for i, power in enumerate(key) if power})
    entry = lambda i, j: series.field.to_sympy(_second_moment(order_two, i, j, series))  # noqa: E731
    matrix = sympy.Matrix(len(used), len(used), lambda a, b: entry(used[a], used[b]))
    if not used or not all(value.is_Rational for value in matrix):
        return []
    vectors = []
    for root, multiplicity in sympy.Poly(matrix.charpoly().as_expr()).ground_roots().items():
        if multiplicity == 1:
            short = (matrix - root * sympy.eye(len(used))).nullspace()[0]
            long = dict(zip(used, short, strict=True))
            vectors.append(tuple(series.field.from_sympy(long.get(i, sympy.Integer(0))) for i in range(series.k)))
    return vectors


def _second_moment(terms: Terms, i: int, j: int, series: Expansion) -> Any:
    key = tuple((i == m) + (j == m) for m in range(series.k))
    value = terms.get(key, series.field.from_sympy(sympy.Integer(0)))
    return value * 2 if i == j else value
