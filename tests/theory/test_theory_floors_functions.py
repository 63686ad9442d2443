"""Floors of functions that are no polynomials: closed forms, and the proven against the estimated route."""

import pickle

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import Floor, ProblemError, Target, error_floor
from theory.floors.certified import certified_floors
from theory.floors.grid import estimated_floors

pi, e, sqrt, asin = sympy.pi, sympy.E, sympy.sqrt, sympy.asin

ALONE = [
    ("abs(z1)", {0: 1 - 2 / pi, 1: 1 - 2 / pi, 2: 1 - 3 / pi, 3: 1 - 3 / pi}),
    ("relu(z1)", {0: sympy.Rational(1, 2) - 1 / (2 * pi), 1: sympy.Rational(1, 4) - 1 / (2 * pi)}),
    ("relu(z1)", {2: sympy.Rational(1, 4) - 3 / (4 * pi)}),
    ("sign(z1)", {0: sympy.Integer(1), 1: 1 - 2 / pi, 2: 1 - 2 / pi, 3: 1 - 2 / pi - 1 / (3 * pi)}),
    ("cos(z1)", {0: (1 + e**-2) / 2 - 1 / e, 1: (1 + e**-2) / 2 - 1 / e, 2: (1 + e**-2) / 2 - 3 / (2 * e)}),
]

# E h(u) h(w) at correlation r: K(r). Given a direction of squared cosine c with that of h, the energy of degree j
# outside is K^(j)(c) (1 - c)^j / j!
r = sympy.Symbol("r")
KERNELS = {
    "abs(z1)": 2 / pi * (sqrt(1 - r**2) + r * asin(r)),
    "sign(z1)": 2 / pi * asin(r),
    "relu(z1)": (sqrt(1 - r**2) + r * (pi / 2 + asin(r))) / (2 * pi),
    "cos(z1)": sympy.cosh(r) / e,
}  # fmt: skip
VECTORS = [(3, 4), (1, -1), (1, 2), (1, 0.5)]
MIXED = [
    "z1*tanh(z2)", "abs(z1)*z2 + z1", "z1*z2 + cos(z1)", "relu(z1) + sign(z1 + z2)", "sign(z1*z2) + z1**2",
    "abs(z1)*cos(z2) + z2", "exp(z1)/4 + z1*z2**2", "Max(z1, z2)", "tanh(z1) + z2*z1", "erf(z1)*sign(z2)",
]  # fmt: skip
small = st.tuples(st.integers(-3, 3), st.integers(-3, 3)).filter(any)


def close(floor: object, expected: sympy.Expr) -> None:
    assert isinstance(floor, Floor)
    assert abs(floor - float(expected)) <= floor.error + 1e-15  # the expected value is rounded to a double


def orthogonal(vectors: list[tuple[int, ...]]) -> list[list[sympy.Expr]]:
    return [list(v) for v in sympy.GramSchmidt([sympy.Matrix(v) for v in vectors])]


@pytest.mark.parametrize(("target", "values"), ALONE)
def test_one_function_and_nothing_learned(target: str, values: dict[int, sympy.Expr]) -> None:
    for kappa, expected in values.items():
        floor = error_floor(target, kappa)
        close(floor, expected)
        assert floor.certified
        assert floor.error < 1e-15
        assert error_floor(target, kappa, [(1,)]) == 0


@pytest.mark.parametrize("target", KERNELS)
@pytest.mark.parametrize("vector", VECTORS)
def test_one_function_and_an_oblique_direction(target: str, vector: tuple[float, float]) -> None:
    kernel = KERNELS[target]
    c = sympy.nsimplify(vector[0] ** 2 / (vector[0] ** 2 + vector[1] ** 2), rational=True)
    left = kernel.subs(r, 1)
    for kappa in range(4):
        left -= kernel.diff(r, kappa).subs(r, c) * (1 - c) ** kappa / sympy.factorial(kappa)
        floor = error_floor(Target(target, k=2), kappa, [vector])
        assert floor.certified
        assert floor.error < 1e-9
        close(floor, left.evalf(30))


def test_a_factor_outside_counts_one_degree() -> None:
    for kappa in range(1, 4):
        close(error_floor("z1*tanh(z2)", kappa), error_floor("tanh(z1)", kappa - 1))
        close(error_floor("z1*tanh(z2)", kappa, [(0, 1)]), sympy.Integer(0))
        close(error_floor("z1*tanh(z2)", kappa, [(1, 0)]), error_floor("tanh(z1)", kappa))
        close(error_floor("abs(z1)*sign(z2)", kappa, [(0, 1)]), error_floor("abs(z1)", kappa))


def test_known_values_in_three_coordinates() -> None:
    """Max: E Max^2 = 1 + sqrt3/(2 pi), E Max = 3/(2 sqrt(pi)), C_1 = (1, 1, 1)/3. Signs: see below."""
    variance = 1 + sqrt(3) / (2 * pi) - 9 / (4 * pi)
    first, second = (error_floor("Max(z1, z2, z3)", kappa) for kappa in (0, 1))
    close(first, variance)
    close(second, variance - sympy.Rational(1, 3))
    assert not first.certified
    assert second.error < 1e-6
    # given u = (z1 + z2)/sqrt2, E sign(z1 z2) = 2 erf(|u|/sqrt2) - 1 is uniform on [-1, 1]: mean square 1/3
    close(error_floor("sign(z1*z2*z3)", 0, [(1, 1, 0)]), sympy.Integer(1))
    third = error_floor("sign(z1*z2*z3)", 1, [(1, 1, 0)])
    close(third, 1 - 2 / (3 * pi))
    assert third.error < 1e-6  # a grid that did not follow where kinks meet would be off by 0.01


def test_opposite_directions_are_one() -> None:
    """(exp(s) + exp(-s))/32, s = z1 + z2: E e^s e^(-s) = 1, and along the unit direction c_2 = 2 * 2 e / 32."""
    target = Target("exp(z1 + z2)/32 + exp(-z1 - z2)/32")
    variance = (2 * e**4 + 2 - 4 * e**2) / 1024
    for kappa, expected in enumerate([variance, variance, variance - 8 * e**2 / 1024]):
        floor = error_floor(target, kappa)
        close(floor, expected)
        assert floor.certified
    close(error_floor(target, 0, [(1, 1)]), sympy.Integer(0))


def proven(target: Target, kappa: int, basis: list[list[sympy.Expr]]) -> tuple[float, float] | None:
    try:
        return certified_floors(target, [kappa], basis)[0]
    except ProblemError:
        return None


@given(st.sampled_from(MIXED), st.lists(small, max_size=1), st.integers(0, 4))
@settings(max_examples=20, deadline=None)
def test_the_two_routes_meet(source: str, vectors: list[tuple[int, int]], kappa: int) -> None:
    target, basis = Target(source, k=2), orthogonal(vectors)
    ((estimate, spread),) = estimated_floors(target, [kappa], basis)
    proof = proven(target, kappa, basis)
    if proof is None:  # U mixes two directions
        assert all(all(v) for v in vectors)
        assert vectors
    value, bound = proof or (estimate, 0.0)
    assert abs(value - estimate) <= bound + spread
    floor = error_floor(target, kappa, vectors)
    assert abs(floor - value) <= bound + spread


@given(st.sampled_from(MIXED), small, st.fractions(0, 4), st.fractions(0, 4))
@settings(max_examples=20, deadline=None)
def test_monotone(source: str, vector: tuple[int, int], a: sympy.Rational, b: sympy.Rational) -> None:
    target, (low, high) = Target(source, k=2), sorted((a, b))
    chain = [error_floor(target, high, [vector]), error_floor(target, low, [vector]), error_floor(target, low)]
    for smaller, larger in zip([Floor(0.0, 0.0, True), *chain], chain, strict=False):
        assert smaller - smaller.error <= larger + larger.error


@pytest.mark.parametrize("source", MIXED)
def test_turning_target_and_subspace_changes_nothing(source: str) -> None:
    """z -> Q z with Q = [[3, 4], [-4, 3]]/5: U turns by Q^T. What was proven may become estimated."""
    target, (z1, z2) = Target(source, k=2), Target(source, k=2).symbols
    turned = Target(target.expr.subs({z1: (3 * z1 + 4 * z2) / 5, z2: (3 * z2 - 4 * z1) / 5}, simultaneous=True), k=2)
    for vector in [(1, 0), (2, 1)]:
        moved = (3 * vector[0] - 4 * vector[1], 4 * vector[0] + 3 * vector[1])
        for kappa in (0, 2):
            first, second = error_floor(target, kappa, [vector]), error_floor(turned, kappa, [moved])
            assert abs(first - second) <= first.error + second.error


def test_what_a_floor_says_of_itself() -> None:
    floor = error_floor("tanh(z1)", 1)
    again = pickle.loads(pickle.dumps(floor))
    assert (again, again.error, again.certified) == (floor, floor.error, True)
    assert str(Floor(0.123456789, 1e-4, False)) == "0.123"
    assert str(Floor(1e-13, 1e-12, False)) == str(Floor(0.0, 0.0, True)) == "0"
    assert error_floor(Target("tanh(z1)", k=5), 1, [(0, 0, 1, 0, 2)]) == pytest.approx(floor, abs=1e-15)


@pytest.mark.parametrize(
    ("target", "kappa", "subspace", "words"),
    [
        ("tanh(z1*z2 + z3*z4)", 1, None, "4 coordinates"),
        ("tanh(z1)", 41, None, "up to 40"),
        ("tanh(z1)*z2", 1, [(1, 2), (2, 4)], "dependent"),
        ("tanh(z1)", 1, [(1, 2)], "length"),
        ("tanh(z1*z2*z3)", 20, None, "projections"),
    ],
)
def test_refusals(target: str, kappa: int, subspace: object, words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        error_floor(target, kappa, subspace)  # type: ignore[arg-type]
