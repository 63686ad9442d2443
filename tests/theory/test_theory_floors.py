"""Error floors against Gauss-Hermite projection in a rotated orthonormal frame, and against their definition."""

from fractions import Fraction
from itertools import product
from math import factorial, prod

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from theory_oracles import (
    Poly,
    cayley,
    complement_projector,
    compose,
    expectation,
    matmul,
    moment,
    plus,
    polynomials,
    rank,
    times,
)

from theory import ProblemError, Target, error_floor

CHAIN = "z1 + z1*z2 + z1*z2*z3"
vectors = st.lists(st.lists(st.integers(-2, 2), min_size=3, max_size=3), max_size=2)


def independent(drawn: list[list[int]], k: int) -> list[list[Fraction]]:
    chosen: list[list[Fraction]] = []
    for v in drawn:
        candidate = list(map(Fraction, v[:k]))
        if rank([*chosen, candidate]) > len(chosen):
            chosen.append(candidate)
    return chosen


def exact(value: sympy.Expr) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def projected_energy(f: Poly, k: int, basis: list[list[Fraction]], degree: int) -> tuple[float, float]:
    """(energy above `degree` outside U, E f^2) by nodes that are exact for polynomials, in an orthonormal frame."""
    columns = np.array([[float(x) for x in v] for v in basis]).reshape(len(basis), k).T
    frame = np.linalg.qr(np.hstack([columns, np.eye(k)]))[0][:, :k]  # first columns span U
    nodes, weights = np.polynomial.hermite_e.hermegauss(12)  # exact to degree 23 > 2 * 4
    weights = weights / weights.sum()
    grid = np.array(list(product(nodes, repeat=k)))
    weight = np.array([prod(w) for w in product(weights, repeat=k)])
    points = grid @ frame.T
    values = sum(float(c) * np.prod(points ** np.array(key), axis=1) for key, c in f.items())
    total = 0.0
    for key in product(range(5), repeat=k):
        if sum(key) <= 4 and sum(key[len(basis) :]) > degree:
            he = [np.polynomial.hermite_e.hermeval(grid[:, i], [0] * n + [1]) for i, n in enumerate(key)]
            total += float(np.sum(weight * values * np.prod(he, axis=0))) ** 2 / prod(map(factorial, key))
    return total, float(np.sum(weight * values**2))


@given(polynomials(max_degree=4), vectors, st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_against_quadrature(drawn: tuple[Poly, int], chosen: list[list[int]], kappa: int) -> None:
    f, k = drawn
    basis = independent(chosen, k)
    ours = float(error_floor(Target(f, k=k), kappa, basis))  # type: ignore[arg-type]
    expected, energy = projected_energy(f, k, basis, kappa)
    # each of < 40 projections sums 12^3 terms; Cauchy-Schwarz bounds sum |weight f he| by sqrt(E f^2 a!), so
    # its relative rounding is below 1e4 * 2^-53 * sqrt(E f^2): 1e-10 leaves a factor of ten or more
    assert abs(ours - expected) <= 1e-10 * (1 + energy)


@given(polynomials(), vectors)
@settings(max_examples=60, deadline=None)
def test_bounded_width_leaves_the_conditional_variance(drawn: tuple[Poly, int], chosen: list[list[int]]) -> None:
    """kappa = 0: E f^2 - E (E[f | P_U z])^2, exactly; the conditional mean is E_g f(Q z + P g)."""
    f, k = drawn
    basis = independent(chosen, k)
    p = complement_projector(basis, k)
    rows = [[int(i == j) - p[i][j] for j in range(k)] + p[i] for i in range(k)]
    mean: Poly = {}
    for key, c in compose(f, rows).items():
        mean = plus(mean, {key[:k]: c * prod(map(moment, key[k:]))})
    expected = expectation(times(f, f)) - expectation(times(mean, mean))
    assert exact(error_floor(Target(f, k=k), 0, basis)) == expected  # type: ignore[arg-type]


@given(polynomials(), vectors, st.fractions(0, 4), st.fractions(0, 4))
@settings(max_examples=80, deadline=None)
def test_monotone(drawn: tuple[Poly, int], chosen: list[list[int]], a: Fraction, b: Fraction) -> None:
    f, k = drawn
    target, basis = Target(f, k=k), independent(chosen, k)  # type: ignore[arg-type]
    low, high = sorted((a, b))
    floor = exact(error_floor(target, low, basis))
    assert 0 <= exact(error_floor(target, high, basis)) <= floor  # in kappa
    assert floor <= exact(error_floor(target, low, basis[:1])) <= exact(error_floor(target, low))  # and in U
    assert exact(error_floor(target, 0)) == expectation(times(f, f)) - expectation(f) ** 2  # Var f*


@given(polynomials(), vectors, st.lists(st.integers(-2, 2), min_size=3, max_size=3), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_turning_target_and_subspace_changes_nothing(
    drawn: tuple[Poly, int], chosen: list[list[int]], entries: list[int], kappa: int
) -> None:
    f, k = drawn
    q, basis = cayley(entries, k), independent(chosen, k)
    turned = compose(f, q) or {(0,) * k: Fraction(0)}
    moved = matmul(basis, q) if basis else []
    first = error_floor(Target(f, k=k), kappa, basis)  # type: ignore[arg-type]
    assert first == error_floor(Target(turned, k=k), kappa, moved)  # type: ignore[arg-type]


@pytest.mark.parametrize(("dimension", "values"), [(0, (3, 3, 2, 1, 0)), (1, (2, 2, 1, 0, 0)), (2, (1, 1, 0, 0, 0)),
                                                   (3, (0, 0, 0, 0, 0))])  # fmt: skip
def test_the_worked_table(dimension: int, values: tuple[int, ...]) -> None:
    subspace = sympy.eye(3)[:, :dimension]
    found = [error_floor(CHAIN, kappa, subspace) for kappa in (0, 0.75, 1, 2.5, 3)]
    assert found == list(values)


def test_defaults_and_kinds_of_subspace() -> None:
    assert error_floor(CHAIN) == error_floor(CHAIN, 1, None) == error_floor(CHAIN, 1, []) == 2
    assert error_floor(CHAIN, 1, [[1, 0, 0]]) == error_floor(CHAIN, 1, sympy.Matrix([5, 0, 0])) == 1


def test_irrational_numbers_stay_exact() -> None:
    target = "sqrt(2)*z1 + pi*z1*z2 + (z1 + sqrt(3)*z2)**2"
    # C_2 / 2 is [[1, pi/2 + sqrt3], [., 3]]: ||C_2||^2 / 2 = 2 (1 + 9 + 2 (pi/2 + sqrt3)^2)
    expected = 20 + 4 * (sympy.pi / 2 + sympy.sqrt(3)) ** 2
    assert sympy.simplify(error_floor(target, 1) - expected) == 0
    v = [1, sympy.sqrt(3)]  # then only the part of C_2 with both legs outside is above degree 1
    inside, outside = sympy.Matrix(v) / 2, sympy.Matrix([sympy.sqrt(3), -1]) / 2
    second = sympy.Matrix([[2, sympy.pi + 2 * sympy.sqrt(3)], [sympy.pi + 2 * sympy.sqrt(3), 6]])
    left = (outside.T * second * outside)[0] ** 2 / 2
    assert sympy.simplify(error_floor(target, 1, [v]) - left) == 0
    assert (inside.T * outside)[0] == 0


@pytest.mark.parametrize("kappa", [-1, float("nan"), float("inf"), "1", None, True])
def test_bad_degrees_are_refused(kappa: object) -> None:
    with pytest.raises(ProblemError, match="kappa"):
        error_floor("z1", kappa)  # type: ignore[arg-type]
