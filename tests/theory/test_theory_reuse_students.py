"""What a student on a reused batch feels, from its own second gradient; the theorem about a last direction."""

from collections.abc import Callable

import numpy as np
import pytest
import sympy

from theory import Activation, generative_exponent, staircase
from theory.reuse import powers
from theory.reuse.parity import student_kind

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(16)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
OUT, ETA = 0.8, 0.7  # the output weight, which does not cancel, and the step


def second_gradient(activation: str) -> Callable[..., np.ndarray]:
    """f^1 of one neuron (arXiv 2402.03220): h^1 = g^1 - eta f^0, f = -a (y - a s(h)) s'(h)."""
    sigma = Activation(activation)
    s = sympy.lambdify(sigma.symbol, sigma.expr, ["scipy", "numpy"])
    ds = sympy.lambdify(sigma.symbol, sigma.expr.diff(sigma.symbol), ["scipy", "numpy"])
    signal = lambda h, y: -OUT * (y - OUT * s(h)) * (ds(h) + 0 * h)  # noqa: E731
    return lambda g, now, y: signal(now - ETA * signal(g, y), y)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "cos", "sin(u) + u/2", "exp(-u**2/2) + u"])
def test_parities_are_those_of_the_second_gradient(activation: str) -> None:
    """E[f^1 y^m He_b(x)] and E[(df^1/dg^0) y^m He_b(x)] vanish exactly where the student is said to feel nothing.

    g^0 standard, g^1 = x/2 + g^0/3 + noise, y and x independent and symmetric: every moment not forbidden shows.
    """
    student, gradient = student_kind(Activation(activation), 0.0, False), second_gradient(activation)
    g, noise, y, x = np.meshgrid(NODES, NODES, NODES, NODES, indexing="ij", sparse=True)
    weight = np.einsum("i,j,k,l->ijkl", *[WEIGHTS] * 4)
    now = x / 2 + g / 3 + 0.6 * noise
    step = 1e-5
    first = gradient(g, now, y)
    slope = (gradient(g + step, now + step / 3, y) - gradient(g - step, now - step / 3, y)) / (2 * step)
    for m in range(1, 4):
        for order in range(3):
            test = weight * y**m * np.polynomial.hermite_e.hermeval(x, np.eye(3)[order])
            moments = [abs((values * test).sum()) for values in (first, slope)]
            for moment, felt in zip(moments, (student.first(m, order), student.second(m, order)), strict=True):
                assert (moment > 1e-6) == felt, (m, order, moments)


@pytest.mark.parametrize(("text", "bias", "balanced", "kind"), [
    ("tanh", 0.0, False, "odd"), ("sigmoid", 0.0, False, "any"), ("sigmoid", 0.0, True, "odd"),
    ("relu", 0.0, True, "any"),
    ("tanh(u + 1)", -1, False, "odd"), ("He2", 0.0, False, "even"), ("He2", 0.5, False, "any"),
    ("He3", 0.0, False, "odd"),
    ("u + 3", 0.0, False, "linear"), ("abs", (0.0, 0.0), False, "even"), ("abs", (0.0, 1.0), False, "any"),
    ("tanh", "gaussian", False, "any"), ("exp(u) - exp(-u)", 0.0, False, "odd"),
])  # fmt: skip
def test_kinds_of_students(text: str, bias: object, balanced: bool, kind: str) -> None:
    assert student_kind(Activation(text), bias, balanced).kind == kind  # type: ignore[arg-type]


def test_a_last_direction_needs_no_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the label alone, no power of it, only the theorem can add what is not even."""
    monkeypatch.setattr(powers, "MAX_POWER", 1)
    for text, dimension in {"He3(z1)": 1, "z1 + He3(z2)": 2, "z1 + He4(z2)": 1, "He5(z1) + He2(z1)": 1}.items():
        ours = staircase(text, reuse=True)
        assert (ours.dimensions[-1], ours.certified, ours.powers) == (dimension, True, 1)
    assert generative_exponent("He7(z1)") == 1
    assert staircase("He3(z1)*z2 + He3(z2)*z1", reuse=True).dimensions == (0,)  # two are open: nothing is claimed
