"""The student's side: which orders an activation follows, against mpmath integrals and the stated theorems."""

from collections.abc import Callable

import mpmath
import numpy as np
import pytest
import sympy
from test_theory_hermite_coefficients import FUNCTIONS, he

from theory import Activation, Regime, Setting, Student, Target, fresh_limit, staircase
from theory.reach import seen_at_any_norm, seen_at_unit_norm

mp = mpmath.mp
CHAIN = "z1 + z1*z2 + z1*z2*z3"

# activation: orders j <= 4 of mu that rows follow at unit norm, and at generic norm
REACH = {
    "relu": ({0, 1, 3}, {0, 1, 3}),
    "gelu": ({0, 1, 3}, {0, 1, 3}),
    "silu": ({0, 1, 3}, {0, 1, 3}),
    "softplus": ({0, 1, 3}, {0, 1, 3}),
    "tanh": ({0, 2, 4}, {0, 2, 4}),
    "erf": ({0, 2, 4}, {0, 2, 4}),
    "sigmoid": ({0, 2, 4}, {0, 2, 4}),
    "sin": ({0, 2, 4}, {0, 2, 4}),
    "He3": ({2}, {0, 2}),
    "abs": ({1, 3}, {1, 3}),
    "cos": ({1, 3}, {1, 3}),
    "exp": ({0, 1, 2, 3, 4}, {0, 1, 2, 3, 4}),
}


def shifted_mean(function: Callable[[mpmath.mpf], mpmath.mpf], kinks: list[float], r: float, b: float, j: int) -> float:
    """E[sigma^(j+1)(r g + b)] r^(j+1) = E[sigma(r g + b) He_{j+1}(g)], by 30-digit panels."""
    edges = sorted({-13.0, 13.0, *map(float, range(-12, 13, 2)), *[(x - b) / r for x in kinks]})
    with mp.workdps(30):
        weight = lambda g: function(r * g + b) * he(j + 1, g) * mpmath.exp(-(g**2) / 2)  # noqa: E731
        return float(mpmath.quad(weight, edges, method="gauss-legendre") / mpmath.sqrt(2 * mpmath.pi))


@pytest.mark.parametrize("name", REACH)
def test_criterion_against_integrals_at_several_norms(name: str) -> None:
    """Zeros come out below 1e-20 with 30 digits; of these functions no nonzero value at these r is below 1e-8."""
    function, kinks = FUNCTIONS[name]
    unit, generic = seen_at_unit_norm(Activation(name)), seen_at_any_norm(Activation(name))
    for j in range(5):
        at_one = abs(shifted_mean(function, kinks, 1.0, 0.0, j))
        values = [abs(shifted_mean(function, kinks, r, 0.0, j)) for r in (0.625, 1.375, 2.25)]
        assert all(value < 1e-14 or value > 1e-8 for value in (at_one, *values))
        assert unit(j) == (at_one > 1e-8) == (j in REACH[name][0])
        assert generic(j) == (max(values) > 1e-8) == (j in REACH[name][1])
    assert unit.proven
    assert generic.proven


@pytest.mark.parametrize("name", ["relu", "gelu", "softplus", "tanh", "erf"])
@pytest.mark.parametrize("bias", [0.25, -0.75])
def test_a_bias_cures_parity(name: str, bias: float) -> None:
    function, kinks = FUNCTIONS[name]
    unit, generic = seen_at_unit_norm(Activation(name), bias), seen_at_any_norm(Activation(name), bias)
    for j in range(4):
        value = abs(shifted_mean(function, kinks, 1.0, bias, j))
        assert unit(j) == (value > 1e-8)
        assert value < 1e-14 or value > 1e-8
        assert generic(j)  # an analytic function of the norm that is not zero at r = 1 or near it


# (target, activation, options): dimensions
LEARNS = [
    (CHAIN, "relu", {}, (0, 1, 2)),
    (CHAIN, "gelu", {}, (0, 1, 2)),
    (CHAIN, "silu", {}, (0, 1, 2)),
    (CHAIN, "softplus", {}, (0, 1, 2)),
    (CHAIN, "leaky_relu", {}, (0, 1, 2)),
    (CHAIN, "relu", {"bias": 0.5}, (0, 1, 2, 3)),
    (CHAIN, "relu", {"bias": "uniform"}, (0, 1, 2, 3)),
    (CHAIN, "softplus", {"bias": "gaussian"}, (0, 1, 2, 3)),
    (CHAIN, "relu", {"bias": (0.0, 0.5, 0.5, 0.0)}, (0, 1, 2, 3)),
    (CHAIN, "relu", {"bias": (0.0, 0.0)}, (0, 1, 2)),
    (CHAIN, "relu(u + 1/2)", {}, (0, 1, 2, 3)),
    (CHAIN, "exp", {}, (0, 1, 2, 3)),
    (CHAIN, "u + u**2 + u**3", {}, (0, 1, 2, 3)),
    (CHAIN, "u + u**2", {}, (0, 1, 2)),
    (CHAIN, "u", {}, (0, 1)),
    (CHAIN, "u", {"bias": "gaussian"}, (0, 1)),
    (CHAIN, "u", {"bias": "gaussian", "unit_rows": True}, (0, 1)),
    (CHAIN, "u + u**2", {"bias": "uniform", "unit_rows": True}, (0, 1, 2)),
    (CHAIN, "tanh", {}, (0, 1)),
    (CHAIN, "erf", {}, (0, 1)),
    (CHAIN, "sigmoid", {}, (0, 1)),
    (CHAIN, "tanh", {"bias": 0.5}, (0, 1, 2, 3)),
    ("z1 + He2(z1)*z2", "relu", {}, (0, 1)),
    ("z1 + He2(z1)*z2", "tanh", {}, (0, 1, 2)),
    ("z1 + z1*z2", "tanh", {}, (0, 1)),
    ("z1 + z1*z2", "relu", {}, (0, 1, 2)),
    ("z1 + z1*z2", "abs", {}, (0,)),
    ("z1", "He2", {}, (0,)),
    ("z1", "abs", {}, (0,)),
    ("z1", "cos", {}, (0,)),
    ("z1", "He4", {}, (0,)),
    ("z1", "He3", {}, (0, 0, 1)),  # c_1 = 0 blocks step one only: rows grow, and E[He3'(r g)] = 3 (r^2 - 1)
    ("z1", "He3", {"unit_rows": True}, (0,)),
    ("z1", "He5", {}, (0, 0, 1)),
    ("z1 + z1*z2", "He3 (u) + He2(u)", {}, (0, 0, 1, 2)),
    ("z1*z2", "relu", {}, (0,)),
    ("tanh(z1) + tanh(z1)*z2", "tanh", {}, (0, 1)),
    ("tanh(z1) + tanh(z1)*z2", "relu", {}, (0, 1, 2)),
    # E[sigma'(r g)] = (r^2 - 1)(r^2 - 9/4)(r^2 - 4) vanishes at three norms and at no other
    ("z1", "u**7/105 - 29*u**5/60 + 61*u**3/12 - 9*u", {}, (0, 0, 1)),
    # E[sigma'(g + b)] = (b - 1/4)(b + 1/2)(b - 3/4): a random bias avoids its roots, at norm one too
    ("z1", "He4(u)/4 - He3(u)/6 - 5*He2(u)/32 + 3*u/32", {"bias": "uniform", "unit_rows": True}, (0, 1)),
    ("z1", "He4(u)/4 - He3(u)/6 - 5*He2(u)/32 + 3*u/32", {"bias": 0.25, "unit_rows": True}, (0,)),
]


@pytest.mark.parametrize(("target", "name", "options", "dimensions"), LEARNS)
def test_what_students_learn(target: str, name: str, options: dict, dimensions: tuple[int, ...]) -> None:
    ours = staircase(target, activation=name, **options)
    assert ours.dimensions == dimensions
    assert ours.complete == (dimensions[-1] == staircase(target).subspaces[0].rows)
    # where a series is cut at order 10, a student blind to the orders seen may still follow a later one
    assert ours.certified == (ours.complete or "tanh(z1)" not in target)


def test_every_bias_counts() -> None:
    """E[sigma'(g + b)] = prod (b - i/8), i = 0..8: the tenth bias is the only one that moves rows."""
    roots = [i / 8 for i in range(9)]
    u = Activation.symbol
    derivative = sympy.Poly(sympy.prod(u - sympy.Rational(i, 8) for i in range(9)), u)
    # h with E h(g + b) = b^n is He_n, and sigma' = sum a_n He_n integrates to sum a_n He_{n+1}/(n + 1)
    parts = [f"{c}*He{n + 1}(u)/{n + 1}" for (n,), c in derivative.terms()]
    sigma = " + ".join(parts)
    assert staircase("z1", activation=sigma, bias=tuple(roots), unit_rows=True).dimensions == (0,)
    assert staircase("z1", activation=sigma, bias=(*roots, 1.25), unit_rows=True).dimensions == (0, 1)


@pytest.mark.parametrize(("target", "name", "words"), [
    ("z1 + z1*z2", "tanh", "z2: needs E[sigma^(2)(r g + b)], which vanish for tanh"),
    (CHAIN, "relu", "z3: needs E[sigma^(3)(r g + b)], which vanish for relu"),
    ("z1", "abs", "z1: needs E[sigma^(1)(r g + b)], which vanish for abs"),
    ("z1 + He2(z2)", "tanh", "z2 -> -z2"),
    ("z1 + He3(z2)", "relu", "leap 3"),
])  # fmt: skip
def test_reasons_name_the_coefficient_or_the_symmetry(target: str, name: str, words: str) -> None:
    assert words in (staircase(target, activation=name).why_stuck or "")


def test_a_coefficient_too_small_to_see_is_not_called_zero() -> None:
    ours = staircase("z1", activation="tanh(u)/10**40")
    assert ours.dimensions == (0,)
    assert not ours.certified


def test_a_random_bias_opens_every_order_unless_the_student_is_a_polynomial_of_low_degree():
    assert staircase("z1 + z1*z2", "sin(4*pi*u)", bias="uniform").dimensions == (0, 1, 2)
    assert staircase("z1", "cos(4*pi*u)", bias="gaussian").dimensions == (0, 1)
    blocked = staircase("z1 + z1*z2", "u", bias="uniform")
    assert (blocked.dimensions, blocked.certified) == ((0, 1), True)


def test_a_constant_in_disguise_moves_nothing_and_nothing_is_claimed_proven():
    constant = staircase("z1", "sin(u)**2 + cos(u)**2", bias="uniform")
    assert (constant.dimensions, constant.certified) == ((0,), False)


def test_neurons_learn_of_each_other_under_the_squared_loss():
    """At bias 0 the student is even but for a linear part, at 3 odd but for a constant: z1 z2 is for the first, which
    tells the second, z1 z2 z3 for the second, a step after it has heard of z2. Checked against the limit of descent.
    """
    target, sigma = Target("z1 + z1*z2 + 6*z1*z2*z3"), "u + 4*cos(pi*u/6)"
    assert staircase(target, sigma, bias=(0.0, 3.0)).dimensions == (0, 1, 2, 2, 3)
    assert staircase(target, sigma, bias=(0.0, 3.0), loss="correlation").dimensions == (0, 1, 2)
    student = Student(sigma, 2, (1.0, -1.0), init="plain", bias=(0.0, 3.0))
    for loss in ("squared", "correlation"):
        found = fresh_limit(Setting(target, student, Regime(1000, "400*d", "p", steps=4, loss=loss)))
        assert found.error.max() < 0.01
        learned = np.abs(found.overlaps) > 0.1
        assert learned[2, 0, 1]
        assert learned[3, 1, 1] == learned[4, 1, 2] == (loss == "squared")
        assert not learned[2, 1, 1]
        assert not learned[3, :, 2].any()


def test_every_neuron_climbs_with_its_own_bias():
    """cos(pi u/2) is even at bias 0 and odd at bias 1: no neuron can follow both rungs of z1 + z1 z2."""
    assert staircase("z1 + z1*z2", "cos(pi*u/2)", bias=(0.0, 1.0, 1.0, 0.0)).dimensions == (0, 1)
    assert staircase("z1 + z1*z2", "relu", bias=(0.0, 1.0, 1.0, 0.0)).dimensions == (0, 1, 2)
