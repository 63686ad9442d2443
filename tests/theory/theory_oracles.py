"""Independent oracles: exact polynomials as {exponents: Fraction}, Gaussian moments, ranks. Nothing from
theory.

Everything starts from the definitions: an expectation is a sum of products of Gaussian moments, the mean
gradient mu_{U,x} is E[P grad f(x + P g)], and a dimension is a rank by elimination over the rationals.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import reduce
from itertools import product
from math import prod
from signal import ITIMER_REAL, SIGALRM, setitimer, signal

from hypothesis import strategies as st

Poly = dict[tuple[int, ...], Fraction]
Matrix = list[list[Fraction]]


def moment(power: int) -> int:
    """E g^power for a standard Gaussian: (power - 1)!! for even powers."""
    return 0 if power % 2 else prod(range(1, power, 2))


def expectation(f: Poly) -> Fraction:
    """E f(z), z standard Gaussian."""
    return sum((c * prod(map(moment, key)) for key, c in f.items()), Fraction(0))


def plus(f: Poly, g: Poly) -> Poly:
    keys = set(f) | set(g)
    total = {key: f.get(key, Fraction(0)) + g.get(key, Fraction(0)) for key in keys}
    return {key: c for key, c in total.items() if c}


def times(f: Poly, g: Poly) -> Poly:
    result: Poly = {}
    for (a, x), (b, y) in product(f.items(), g.items()):
        key = tuple(i + j for i, j in zip(a, b, strict=True))
        result[key] = result.get(key, Fraction(0)) + x * y
    return {key: c for key, c in result.items() if c}


def slope(f: Poly, index: int) -> Poly:
    """The partial derivative in coordinate `index`."""
    lowered = {key: [*key] for key in f if key[index]}
    for new in lowered.values():
        new[index] -= 1
    return {tuple(new): f[key] * key[index] for key, new in lowered.items()}


def compose(f: Poly, rows: Matrix) -> Poly:
    """f(A t), A given by rows."""
    width = len(rows[0])
    one: Poly = {(0,) * width: Fraction(1)}
    units = [tuple(int(i == j) for i in range(width)) for j in range(width)]
    forms = [{units[j]: Fraction(a) for j, a in enumerate(row) if a} for row in rows]
    total: Poly = {}
    for key, c in f.items():
        factors = [form for form, power in zip(forms, key, strict=True) for _ in range(power)]
        total = plus(total, {k: c * v for k, v in reduce(times, factors, one).items()})
    return total


def rank(vectors: Sequence[Sequence[Fraction]]) -> int:
    """Gaussian elimination over Q."""
    rows = [[Fraction(x) for x in v] for v in vectors]
    found = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(found, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][column] / rows[found][column]
            rows[i] = [x - factor * y for x, y in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found


def same_span(a: Sequence[Sequence[Fraction]], b: Sequence[Sequence[Fraction]]) -> bool:
    return rank(a) == rank(b) == rank([*a, *b])


def inverse(a: Matrix) -> Matrix:
    """Gauss-Jordan over Q."""
    n = len(a)
    rows = [[Fraction(x) for x in row] + [Fraction(int(i == j)) for j in range(n)] for i, row in enumerate(a)]
    for column in range(n):
        pivot = next(i for i in range(column, n) if rows[i][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [x / rows[column][column] for x in rows[column]]
        for i in range(n):
            if i != column:
                factor = rows[i][column]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[column], strict=True)]
    return [row[n:] for row in rows]


def matmul(a: Matrix, b: Matrix) -> Matrix:
    return [
        [sum((x * y for x, y in zip(row, col, strict=True)), Fraction(0)) for col in zip(*b, strict=True)] for row in a
    ]


def transpose(a: Matrix) -> Matrix:
    return [list(column) for column in zip(*a, strict=True)]


def cayley(entries: Sequence[int], k: int) -> Matrix:
    """(I - A)(I + A)^-1 for the antisymmetric A with these entries above its diagonal: exactly orthogonal."""
    a = [[Fraction(0)] * k for _ in range(k)]
    pairs = [(i, j) for i in range(k) for j in range(i)]
    for (i, j), value in zip(pairs, entries, strict=False):
        a[i][j], a[j][i] = Fraction(value, 2), Fraction(-value, 2)
    minus = [[Fraction(int(i == j)) - a[i][j] for j in range(k)] for i in range(k)]
    return matmul(minus, inverse([[Fraction(int(i == j)) + a[i][j] for j in range(k)] for i in range(k)]))


def complement_projector(basis: Sequence[Sequence[Fraction]], k: int) -> Matrix:
    """I - B (B^T B)^-1 B^T, the orthogonal projector off the span of independent vectors."""
    identity = [[Fraction(int(i == j)) for j in range(k)] for i in range(k)]
    if not basis:
        return identity
    rows = [list(v) for v in basis]
    inside = matmul(matmul(transpose(rows), inverse(matmul(rows, transpose(rows)))), rows)
    return [[identity[i][j] - inside[i][j] for j in range(k)] for i in range(k)]


def mean_gradient(f: Poly, basis: Sequence[Sequence[Fraction]], k: int) -> list[Poly]:
    """mu_{U,x} = E_g[P grad f(x + P g)], x = sum x_i basis_i, as k polynomials in the x_i. From the definition."""
    m, p = len(basis), complement_projector(basis, k)
    rows = [[basis[j][i] for j in range(m)] + p[i] for i in range(k)]
    averaged = []
    for i in range(k):
        part: Poly = {}
        for key, c in compose(slope(f, i), rows).items():
            part = plus(part, {key[:m]: c * prod(map(moment, key[m:]))})
        averaged.append(part)
    result: list[Poly] = []
    for i in range(k):
        total: Poly = {}
        for j in range(k):
            total = plus(total, {key: p[i][j] * c for key, c in averaged[j].items()})
        result.append(total)
    return result


def staircase_dimensions(f: Poly, k: int) -> list[list[list[Fraction]]]:
    """Bases of U_0, U_1, ... until nothing is added, by the definition of mu_{U,x}."""
    levels: list[list[list[Fraction]]] = [[]]
    while True:
        mu, basis = mean_gradient(f, levels[-1], k), list(levels[-1])
        for key in {key for part in mu for key in part}:
            vector = [part.get(key, Fraction(0)) for part in mu]
            if rank([*basis, vector]) > len(basis):
                basis.append(vector)
        if len(basis) == len(levels[-1]):
            return levels
        levels.append(basis)


def fractions(matrix: object) -> list[list[Fraction]]:
    """The columns of a rational sympy matrix."""
    rows, cols = matrix.shape  # type: ignore[attr-defined]
    entry = lambda i, j: Fraction(int(matrix[i, j].p), int(matrix[i, j].q))  # type: ignore[index]  # noqa: E731
    return [[entry(i, j) for i in range(rows)] for j in range(cols)]


small = st.fractions(min_value=-3, max_value=3, max_denominator=4)


@st.composite
def polynomials(draw: st.DrawFn, max_k: int = 3, max_degree: int = 4, max_terms: int = 5) -> tuple[Poly, int]:
    """A rational polynomial in k coordinates with few terms, so that stuck staircases are common."""
    k = draw(st.integers(1, max_k))
    keys = [key for key in product(range(max_degree + 1), repeat=k) if sum(key) <= max_degree]
    terms = draw(st.dictionaries(st.sampled_from(keys), small.filter(bool), min_size=1, max_size=max_terms))
    return dict(terms), k


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TimeoutError if the body takes longer: a bomb must fail the test, not hang it."""

    def ring(*_: object) -> None:
        raise TimeoutError(f"took more than {seconds} s")

    previous = signal(SIGALRM, ring)
    setitimer(ITIMER_REAL, seconds)
    try:
        yield
    finally:
        setitimer(ITIMER_REAL, 0)
        signal(SIGALRM, previous)
