"""Exponents of cosines after one step: leaps and sample sizes, missing coefficients, drift along the rows."""

from typing import Any

import pytest
import sympy

from theory import ProblemError, Regime, Setting, Student, Target, one_step_exponent

HALF = sympy.Rational(1, 2)


def exponent(
    target: str,
    activation: str = "relu",
    n: str = "d",
    eta: str = "p",
    direction: tuple[Any, ...] | None = None,
    alone: bool = False,
    bias: Any = 0.0,
    preprocess: int | None = None,
) -> sympy.Expr:
    regime = Regime(d=100, n=n, eta=eta, preprocess=preprocess)
    return one_step_exponent(Setting(Target(target), Student(activation, 4, bias=bias), regime), direction, alone)


@pytest.mark.parametrize(
    ("target", "activation", "leap"),
    [("z1", "relu", 1), ("He2(z1)", "relu", 2), ("z1*z2", "gelu", 2), ("He3(z1)", "tanh", 3), ("He4(z1)", "relu", 4)],
)
@pytest.mark.parametrize("delta", ["0", "1/4", "1/2", "3/4", "1"])
def test_fewer_samples_than_the_leap(target: str, activation: str, leap: int, delta: str) -> None:
    """n = d^(l - delta): -delta/2, at the giant step and for the gradient alone."""
    expected = -sympy.Rational(delta) / 2
    n = f"d**({leap} - {delta})"
    assert exponent(target, activation, n, f"p*d**({leap - 1}/2)") == expected
    assert exponent(target, activation, n, "p*sqrt(n/d)") == expected
    assert exponent(target, activation, n, "p", alone=True) == expected


@pytest.mark.parametrize(
    ("eta", "expected"), [("p/d", -HALF), ("p", -HALF), ("p*d**(1/4)", -HALF / 2), ("p*sqrt(d)", 0), ("p*d", 0)]
)
def test_step_sizes_at_the_second_leap(eta: str, expected: sympy.Expr) -> None:
    """At n = d^2 the signal d^(e' - 1/2) meets a start of d^(-1/2) and a norm of at least one."""
    assert exponent("He2(z1)", n="d**2", eta=eta) == expected


@pytest.mark.parametrize(
    ("target", "activation", "order", "bias", "expected"),
    [
        ("He3(z1)", "relu", 3, 0.0, -HALF),  # c_3 = 0
        ("He3(z1)", "relu", 3, 0.5, 0),
        ("z1*z2", "tanh", 2, 0.0, -HALF),
        ("z1*z2", "tanh", 2, 1.0, 0),
        ("z1", "He3", 1, 0.0, -HALF),
        ("He2(z1) + He3(z2)", "tanh", 3, 0.0, 0),
        ("sign(z1*z2)", "relu", 2, 0.0, 0),
        ("tanh(z1) + z2", "tanh", 1, 0.0, 0),
    ],
)
def test_missing_coefficients(target: str, activation: str, order: int, bias: float, expected: sympy.Expr) -> None:
    assert exponent(target, activation, f"d**{order}", f"p*d**({order - 1}/2)", bias=bias) == expected


@pytest.mark.parametrize(
    ("n", "eta", "direction", "preprocess", "expected"),
    [
        ("2*d", "p", (1, 0), None, 0),
        ("2*d", "p", (0, 1), None, -HALF),
        ("2*d", "p", (1, 1), None, 0),
        ("d**2", "p*sqrt(d)", (0, 1), None, -HALF),  # raw overlap of order one, norm of order sqrt(d)
        ("d**2", "p*sqrt(d)", (0, 1), 1, 0),
        ("d**3", "p*d", (0, 1), 1, 0),
    ],
)
def test_directions(n: str, eta: str, direction: tuple[int, ...], preprocess: int | None, expected: Any) -> None:
    assert exponent("z1 + z1*z2", n=n, eta=eta, direction=direction, preprocess=preprocess) == expected


def test_a_mean_label_swamps_the_second_leap() -> None:
    at = {"n": "d**2", "eta": "p*sqrt(d)"}
    assert exponent("z1**2", **at) == exponent("z1**2", alone=True, **at) == -HALF
    assert exponent("z1**2", preprocess=0, **at) == 0
    assert exponent("z1 + 1", n="d") == 0


def test_drift_and_signal_can_cancel() -> None:
    """C_2 = -C_0: what the target asks of e1 is what the drift along the rows takes back; rows only get longer."""
    assert exponent("3/2 - z1**2/2", n="d**2", eta="p*sqrt(d)") == -1
    assert exponent("3/2 - z1**2/2", n="d**2", eta="p*sqrt(d)", alone=True) == -1


def test_a_blocked_first_order_swamps_the_third() -> None:
    """He3 student: c_1 = 0 < c_3, so C_1 moves rows along themselves by d^(1/2) when eta = p d."""
    assert exponent("z1 + He3(z2)", "He3", "d**3", "p*d") == -HALF
    assert exponent("z1", "He3", "d**3", "p*d", alone=True) == -HALF


def test_a_random_stretch_of_order_one_does_no_harm() -> None:
    assert exponent("z1 + He2(z2)", "u**2/2 + (u**3 - 3*u)/6", "d**2", "p*sqrt(d)") == 0


@pytest.mark.parametrize(
    ("target", "direction"),
    [("tanh(z1) + tanh(z2)", (1, -1)), ("tanh(z1 + z2*z3)", (0, 1, 0)), ("Max(z1, z2, z3)", (0, 1, -1))],
)
def test_symmetry_proves_what_numbers_cannot(target: str, direction: tuple[int, ...]) -> None:
    assert exponent(target, direction=direction) == -HALF


def test_the_number_of_neurons_is_a_constant() -> None:
    assert exponent("z1", n="p*d", eta="p**2") == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"target": "z1 + z1*z2", "preprocess": 1}, "order d.2"),
        ({"target": "z1", "direction": (0,)}, "not all zero"),
        ({"target": "z1", "direction": (1, 0)}, "give 1 numbers"),
        ({"target": "z1", "bias": "uniform"}, "one number as bias"),
        ({"target": "z1", "n": "sqrt(d*(d + 1))"}, "no sum of powers"),
        ({"target": "0*z1"}, "nothing is left"),
        ({"target": "He2(z1)", "activation": "u", "n": "d**2", "preprocess": 1}, "no gradient"),
    ],
)
def test_refusals(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        exponent(**arguments)


def test_what_cannot_be_told_from_zero_is_refused() -> None:
    """C_1 is (c, -c) with c in a ball, and no reflection keeps the target: along (1, 1) nothing is proven."""
    target = "tanh(z1) - tanh(z2) + He3(z1)"
    assert exponent(target, direction=(1, 0)) == 0
    with pytest.raises(ProblemError, match="degree 0 along the direction cannot be told from zero"):
        exponent(target, direction=(1, 1))
    assert exponent(target, n="d**0", direction=(1, 1)) == -HALF  # too few samples for it to matter
