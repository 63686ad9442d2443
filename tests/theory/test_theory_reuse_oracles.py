"""The reuse staircase against oracles: moments by definition, Krylov spaces, rotations, symmetric targets."""

from fractions import Fraction
from itertools import pairwise, product

from hypothesis import given, settings
from hypothesis import strategies as st
from theory_oracles import (
    Poly,
    cayley,
    complement_projector,
    compose,
    expectation,
    fractions,
    matmul,
    polynomials,
    rank,
    same_span,
    small,
    times,
)

from theory import Target, staircase

POWERS = 3


def moments(f: Poly, basis: list[list[Fraction]], k: int, most: int, degree: int) -> list[list[Fraction]]:
    """P E[f^m x^b u] for m <= most and |b| <= degree, x the coordinates <basis_i, u>: from the definition."""
    units = [tuple(int(i == j) for j in range(k)) for i in range(k)]
    forms: list[Poly] = [{units[j]: c for j, c in enumerate(v) if c} for v in basis]
    p, found = complement_projector(basis, k), []
    power: Poly = {(0,) * k: Fraction(1)}
    for _ in range(most):
        power = times(power, f)
        for exponents in product(range(degree + 1), repeat=len(basis)):
            weighted = power
            for form, e in zip(forms, exponents, strict=True):
                for _ in range(e):
                    weighted = times(weighted, form)
            mean = [expectation(times(weighted, {unit: Fraction(1)})) for unit in units]
            found.append([sum((a * b for a, b in zip(row, mean, strict=True)), Fraction(0)) for row in p])
    return found


@given(polynomials(max_k=2, max_degree=3, max_terms=4))
@settings(max_examples=40, deadline=None)
def test_levels_hold_the_moments_of_the_definition(drawn: tuple[Poly, int]) -> None:
    """Every moment of low order lies in the next level, and where a level ends all of them vanish."""
    f, k = drawn
    bases = [fractions(basis) for basis in staircase(Target(f, k=k), reuse=True).subspaces]  # type: ignore[arg-type]
    for t, basis in enumerate(bases):
        after = bases[min(t + 1, len(bases) - 1)]
        seen = moments(f, basis, k, POWERS, 2)
        assert rank([*after, *seen]) == len(after)
        if t == 0 and len(after) > 0 and len(bases) == 2:
            assert rank(moments(f, basis, k, 7, 0)) == len(after)  # and they fill the level


@st.composite
def quadratics(draw: st.DrawFn) -> tuple[list[Fraction], list[list[Fraction]]]:
    k = draw(st.integers(1, 3))
    entry = st.one_of(st.just(Fraction(0)), small)
    b = draw(st.lists(entry, min_size=k, max_size=k))
    matrix = [[Fraction(0)] * k for _ in range(k)]
    for i in range(k):
        for j in range(i + 1):
            matrix[i][j] = matrix[j][i] = draw(entry)
    return b, matrix


@given(quadratics())
@settings(max_examples=60, deadline=None)
def test_quadratics_reach_the_whole_krylov_space_at_once(drawn: tuple[list[Fraction], list[list[Fraction]]]) -> None:
    """span{b, B b, ...} in one level (the note, item 4); late steps add the range of B."""
    b, matrix = drawn
    k = len(b)
    terms: Poly = {tuple(int(i == j) for i in range(k)): b[j] for j in range(k)}
    for i, j in product(range(k), repeat=2):
        key = tuple((m == i) + (m == j) for m in range(k))
        terms[key] = terms.get(key, Fraction(0)) + matrix[i][j] / 2
    ours = staircase(Target(terms, k=k), reuse=True)  # type: ignore[arg-type]
    krylov = [b]
    for _ in range(k):
        krylov.append([row[0] for row in matmul(matrix, [[x] for x in krylov[-1]])])
    assert len(ours.subspaces) == 1 + any(b)
    assert same_span(fractions(ours.subspaces[-1]), krylov)
    assert same_span(fractions(ours.late[-1]), [*krylov, *matrix])
    assert ours.certified


@given(polynomials(max_degree=3), st.lists(st.integers(-2, 2), min_size=3, max_size=3))
@settings(max_examples=50, deadline=None)
def test_rotating_the_target_rotates_the_staircase(drawn: tuple[Poly, int], entries: list[int]) -> None:
    f, k = drawn
    q = cayley(entries, k)
    turned = compose(f, q) or {(0,) * k: Fraction(0)}
    first = staircase(Target(f, k=k), reuse=True)  # type: ignore[arg-type]
    second = staircase(Target(turned, k=k), reuse=True)  # type: ignore[arg-type]
    for a, b in [(first.subspaces[-1], second.subspaces[-1]), (first.late[-1], second.late[-1])]:
        assert same_span(fractions(b), matmul(fractions(a), q) if a.cols else [])


@given(polynomials())
@settings(max_examples=60, deadline=None)
def test_nested_above_fresh_batches_and_complete_in_the_end(drawn: tuple[Poly, int]) -> None:
    target = Target(drawn[0], k=drawn[1])  # type: ignore[arg-type]
    ours, fresh = staircase(target, reuse=True), staircase(target)
    for levels in (ours.subspaces, ours.late):
        assert all(rank([*fractions(a), *fractions(b)]) == b.cols > a.cols for a, b in pairwise(levels))
    for t, basis in enumerate(fresh.subspaces):
        above = ours.subspaces[min(t, len(ours.subspaces) - 1)]
        assert rank([*fractions(above), *fractions(basis)]) == above.cols
    assert ours.late[0] == ours.subspaces[-1]
    assert ours.late_complete  # polynomials: the note, item 7
    assert ours.complete == (ours.why_stuck is None)


@given(polynomials(max_terms=4), st.sampled_from(["relu", "tanh", "erf(u + 1)", "He2", "u"]))
@settings(max_examples=60, deadline=None)
def test_a_student_reaches_no_more_than_the_target_allows(drawn: tuple[Poly, int], activation: str) -> None:
    target = Target(drawn[0], k=drawn[1])  # type: ignore[arg-type]
    ours, full = staircase(target, activation, reuse=True), staircase(target, reuse=True)
    own, allowed = ours.subspaces[-1], full.subspaces[-1]
    assert rank([*fractions(allowed), *fractions(own)]) == allowed.cols
    fresh = staircase(target, activation).subspaces[-1]
    assert rank([*fractions(own), *fractions(fresh)]) == own.cols


@given(polynomials(max_k=2, max_degree=3), st.sampled_from(["exchange", "sign", "turn"]))
@settings(max_examples=50, deadline=None)
def test_symmetrised_targets_stay_in_the_fixed_space(drawn: tuple[Poly, int], kind: str) -> None:
    """f(z) + f(R z) + ... for a group R in O(2): (1, -1), (0, 1) or everything is out of reach."""
    f = {(*key, 0)[:2]: value for key, value in drawn[0].items()}
    zero, one = Fraction(0), Fraction(1)
    maps = {
        "exchange": [[[zero, one], [one, zero]]],
        "sign": [[[one, zero], [zero, -one]]],
        "turn": [[[zero, -one], [one, zero]], [[-one, zero], [zero, -one]], [[zero, one], [-one, zero]]],
    }[kind]
    total = dict(f)
    for rows in maps:
        for key, value in compose(f, rows).items():
            total[key] = total.get(key, zero) + value
    last = fractions(staircase(Target(total, k=2), reuse=True).subspaces[-1])  # type: ignore[arg-type]
    for vector in last:
        image = matmul(maps[0], [[x] for x in vector])
        assert [row[0] for row in image] == vector


@given(polynomials(max_terms=3))
@settings(max_examples=50, deadline=None)
def test_odd_students_stay_where_an_odd_map_keeps_them(drawn: tuple[Poly, int]) -> None:
    """z1 -> -z1 changes the sign of f = z1 g(z1^2, z2, ...): rows of an odd student stay on z1."""
    f, k = drawn
    odd: Poly = {(key[0] - key[0] % 2 + 1, *key[1:]): value for key, value in f.items()}
    last = fractions(staircase(Target(odd, k=k), "tanh", reuse=True).subspaces[-1])  # type: ignore[arg-type]
    assert all(not any(vector[1:]) for vector in last)
