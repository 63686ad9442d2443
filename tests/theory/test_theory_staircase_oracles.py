"""Staircases against oracles that start from the definition: Krylov spaces, E[P grad f(x + P g)], rotations."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from theory_oracles import (
    Poly,
    cayley,
    compose,
    fractions,
    matmul,
    polynomials,
    same_span,
    small,
    staircase_dimensions,
)

from theory import Target, leap_complexity, leap_index, staircase


@st.composite
def quadratics(draw: st.DrawFn) -> tuple[list[Fraction], list[list[Fraction]]]:
    """(b, B) for <b, z> + z^T B z / 2, with many zeros so that Krylov spaces end early."""
    k = draw(st.integers(1, 5))
    entry = st.one_of(st.just(Fraction(0)), small)
    b = draw(st.lists(entry, min_size=k, max_size=k))
    matrix = [[Fraction(0)] * k for _ in range(k)]
    for i in range(k):
        for j in range(i + 1):
            matrix[i][j] = matrix[j][i] = draw(entry)
    return b, matrix


@given(quadratics())
@settings(max_examples=500, deadline=None)
def test_quadratic_staircases_are_krylov_spaces(drawn: tuple[list[Fraction], list[list[Fraction]]]) -> None:
    b, matrix = drawn
    k = len(b)
    terms: Poly = {tuple(int(i == j) for i in range(k)): b[j] for j in range(k)}
    for i in range(k):
        for j in range(i + 1):
            key = tuple((l == i) + (l == j) for l in range(k))  # noqa: E741
            terms[key] = matrix[i][j] / 2 if i == j else matrix[i][j]
    ours = staircase(Target(terms, k=k))  # type: ignore[arg-type]
    assert ours.certified
    krylov: list[list[Fraction]] = []
    vector = b
    for basis in ours.subspaces:
        assert same_span(fractions(basis), krylov)
        krylov = [*krylov, vector]
        vector = [row[0] for row in matmul(matrix, [[x] for x in vector])]
    assert same_span(fractions(ours.subspaces[-1]), krylov)  # and it stops only where the Krylov space does


@given(polynomials(max_degree=4))
@settings(max_examples=250, deadline=None)
def test_staircases_follow_the_definition(drawn: tuple[Poly, int]) -> None:
    f, k = drawn
    ours = [fractions(basis) for basis in staircase(Target(f, k=k)).subspaces]  # type: ignore[arg-type]
    expected = staircase_dimensions(f, k)
    assert len(ours) == len(expected)
    assert all(same_span(a, b) for a, b in zip(ours, expected, strict=True))


@given(polynomials(max_degree=4), st.lists(st.integers(-2, 2), min_size=3, max_size=3))
@settings(max_examples=100, deadline=None)
def test_rotating_the_target_rotates_the_staircase(drawn: tuple[Poly, int], entries: list[int]) -> None:
    """U_t(f o Q) = Q^T U_t(f); leaps do not notice."""
    f, k = drawn
    q = cayley(entries, k)
    turned = compose(f, q) or {(0,) * k: Fraction(0)}
    plain, rotated = Target(f, k=k), Target(turned, k=k)  # type: ignore[arg-type]
    first, second = staircase(plain), staircase(rotated)
    assert (first.dimensions, first.complete) == (second.dimensions, second.complete)
    for a, b in zip(first.subspaces, second.subspaces, strict=True):
        expected = matmul(fractions(a), q) if a.cols else []  # rows are vectors: (Q^T v)^T = v^T Q
        assert same_span(fractions(b), expected)
    assert leap_index(plain) == leap_index(rotated)
    assert leap_complexity(plain) == leap_complexity(rotated)


@given(polynomials())
@settings(max_examples=100, deadline=None)
def test_levels_are_nested_orthogonal_and_end(drawn: tuple[Poly, int]) -> None:
    f, k = drawn
    ours = staircase(Target(f, k=k + 1))  # type: ignore[arg-type]  one direction that f* does not use
    bases = [fractions(basis) for basis in ours.subspaces]
    assert ours.dimensions == tuple(map(len, bases))
    assert all(a < b for a, b in pairwise(ours.dimensions))
    for small_basis, large in pairwise(bases):
        assert large[: len(small_basis)] == small_basis
    last = bases[-1]
    gram = matmul(last, [list(column) for column in zip(*last, strict=True)]) if last else []
    assert all(gram[i][j] == 0 for i in range(len(last)) for j in range(i))
    assert all(vector[k] == 0 for vector in last)  # the unused direction is never learned
    assert ours.complete == (ours.why_stuck is None)


@given(polynomials(), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_nothing_depends_on_scale_or_a_constant(drawn: tuple[Poly, int], factor: int) -> None:
    f, k = drawn
    changed = {key: -factor * c for key, c in f.items()}
    changed[(0,) * k] = changed.get((0,) * k, Fraction(0)) + 7
    a, b = staircase(Target(f, k=k)), staircase(Target(changed, k=k))  # type: ignore[arg-type]
    assert (a.subspaces, a.complete, a.why_stuck) == (b.subspaces, b.complete, b.why_stuck)


@given(polynomials())
@settings(max_examples=100, deadline=None)
def test_leap_complexity_one_means_complete(drawn: tuple[Poly, int]) -> None:
    """The largest conditional leap is at most 1 iff fresh batches at n = O(d) learn every direction."""
    target = Target(drawn[0], k=drawn[1])  # type: ignore[arg-type]
    assert staircase(target).complete == (leap_complexity(target) <= 1)
