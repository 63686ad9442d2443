"""Leap index, per direction, information exponent, Abbe et al.'s leap complexity."""

import math

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from theory_oracles import Poly, expectation, polynomials, slope

from theory import Activation, ProblemError, Target, information_exponent, leap_complexity, leap_index

# target: (leap index, leap complexity)
TABLE = {
    "z1 + z1*z2 + z1*z2*z3": (1, 1),
    "z1 + z1*z2*z3": (1, 2),
    "z1*z2": (2, 2),
    "z1*z2*z3": (3, 3),
    "z1 + z2 + z1**2 - z2**2": (1, 1),
    "z1 + z2 + z1**2 + z2**2": (1, 2),
    "z1 + z2 + z1*z2": (1, 2),
    "z1 + He2(z2)": (1, 2),
    "He3(z1)": (3, 3),
    "He2(z1) + He3(z2)": (2, 3),
    "He4(z1) + z1": (1, 1),
    "He4(z1) + z1*z2": (2, 2),
    "He20(z1)": (20, 20),
    "z1**3 - 3*z1": (3, 3),
    "z1**3": (1, 1),
    "7 + 0*z1": (math.inf, 0),
    "z1 + z1*z2 + z2*z3*z4": (1, 2),
    "tanh(z1)": (1, 1),
    "cos(z1)": (2, 2),
    "sign(z1*z2*z3)": (3, 3),
    "abs(z1) + z2": (1, 2),
    "tanh(z1) - tanh(z1)": (math.inf, 0),
}


@pytest.mark.parametrize("text", TABLE)
def test_known_leaps(text: str) -> None:
    leap, complexity = TABLE[text]
    assert leap_index(text) == information_exponent(text) == leap
    assert leap_complexity(text) == complexity


@pytest.mark.parametrize(
    ("text", "direction", "leap"),
    [
        ("z1 + z1*z2 + z1*z2*z3", (1, 0, 0), 1),
        ("z1 + z1*z2 + z1*z2*z3", (0, 1, 0), 2),
        ("z1 + z1*z2 + z1*z2*z3", (0, 0, 1), 3),
        ("z1 + z1*z2 + z1*z2*z3", (0, 1, -5), 2),
        ("z1 + z2 + z1*z2", (1, -1), 2),
        ("z1 + z2 + z1**2 + z2**2", (1, 1), 1),
        ("z1 + z2", (1, -1), math.inf),
        ("sqrt(2)*z1 + z2 + z1*z2", (1, sympy.sqrt(2)), 1),
        ("sqrt(2)*z1 + z2 + z1*z2", (1, "-sqrt(2)"), 2),
        ("z1 + z2 + z1*z2", (sympy.sqrt(3), -sympy.sqrt(3)), 2),
        ("tanh(z1) + cos(z2)", (0, 1), 2),
        ("tanh(z1) + cos(z2)", (0.5, 0.25), 1),
    ],
)
def test_leaps_of_directions(text: str, direction: tuple[object, ...], leap: float) -> None:
    assert leap_index(text, direction=direction) == leap


@given(polynomials(), st.lists(st.integers(-2, 2), min_size=3, max_size=3))
@settings(max_examples=100, deadline=None)
def test_leaps_of_directions_by_moments(drawn: tuple[Poly, int], entries: list[int]) -> None:
    """C_m contracted with v is E[grad^(m-1) of the slope along v]: its first nonzero order, by brute force."""
    f, k = drawn
    v = entries[:k]
    if not any(v):
        v = [1] * k
    parts = {(): sum_along(f, v)}
    expected: float = math.inf
    for order in range(1, 5):
        if any(expectation(part) for part in parts.values()):
            expected = order
            break
        parts = {(*key, i): slope(part, i) for key, part in parts.items() for i in range(k)}
    assert leap_index(Target(f, k=k), direction=v) == expected  # type: ignore[arg-type]


def sum_along(f: Poly, v: list[int]) -> Poly:
    total: Poly = {}
    for i, weight in enumerate(v):
        for key, c in slope(f, i).items():
            total[key] = total.get(key, c * 0) + weight * c
    return total


@pytest.mark.parametrize(
    ("name", "exponent"),
    [("relu", 1), ("softplus", 1), ("gelu", 1), ("silu", 1), ("tanh", 1), ("sigmoid", 1), ("erf", 1), ("sin", 1),
     ("abs", 2), ("cos", 2), ("He4", 4), ("u**3 - 3*u", 3), ("He0", math.inf), ("sign", 1)],
)  # fmt: skip
def test_information_exponents_of_activations(name: str, exponent: float) -> None:
    assert information_exponent(Activation(name)) == exponent


def test_an_exponent_beyond_the_orders_kept_is_not_guessed() -> None:
    with pytest.raises(ProblemError, match="order 10"):
        leap_index("abs(z1)*He11(z2)")


@pytest.mark.parametrize("direction", [(0, 0), (1,), (1, 2, 3), (1, "x"), (1, float("nan")), ()])
def test_bad_directions_are_refused(direction: tuple[object, ...]) -> None:
    with pytest.raises(ProblemError):
        leap_index("z1 + z2", direction=direction)
