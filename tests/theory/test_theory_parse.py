"""What a target's text means: against NumPy, which reads the same formula in its own way."""

import math

import numpy as np
import pytest
import sympy
from scipy.special import erf

from theory import Activation, Target
from theory.problem.functions import HERMITE

relu = lambda x: np.maximum(x, 0)  # noqa: E731
sigmoid = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731

TARGETS = {
    "z1 + z1*z2 + z1*z2*z3": lambda a, b, c: a + a * b + a * b * c,
    "-z1**2/3 + 0.1*z2 - +z3": lambda a, b, c: -(a**2) / 3 + 0.1 * b - c,
    "2 - 3 - z1 - (z2 - z3)": lambda a, b, c: -1 - a - (b - c),
    "z1**2**2": lambda a, b, c: a**4,
    "-z1**2": lambda a, b, c: -(a**2),
    "1e-3*z1 + 1_000*z2": lambda a, b, c: a / 1000 + 1000 * b,
    "sqrt(2)*z1 + pi*z2 + 2**(1/2)*z3": lambda a, b, c: math.sqrt(2) * (a + c) + math.pi * b,
    "(z1 + z2)**3": lambda a, b, c: (a + b) ** 3,
    "relu(z1 - 1/2)*z2": lambda a, b, c: relu(a - 0.5) * b,
    "abs(z1)*sign(z2)": lambda a, b, c: np.abs(a) * np.sign(b),
    "exp(z1/2 - z2)": lambda a, b, c: np.exp(a / 2 - b),
    "exp(-z1**2)*z2": lambda a, b, c: np.exp(-(a**2)) * b,
    "erf(z1) + tanh(z2) + sin(z3)": lambda a, b, c: erf(a) + np.tanh(b) + np.sin(c),
    "cos(z1)*cosh(z2)": lambda a, b, c: np.cos(a) * np.cosh(b),
    "Max(z1, z2, 0) - Min(z1, z3)": lambda a, b, c: np.maximum(np.maximum(a, b), 0) - np.minimum(a, c),
    "sqrt(z1**2)": lambda a, b, c: np.abs(a),
    "He0(z1) + He2(z2) + He3(z1 + z3)": lambda a, b, c: 1 + b**2 - 1 + (a + c) ** 3 - 3 * (a + c),
    " ( z1 ) ": lambda a, b, c: a,
}

ACTIVATIONS = {
    "relu": relu,
    "leaky_relu": lambda x: np.where(x > 0, x, x / 100),
    "erf": erf,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "softplus": lambda x: np.log1p(np.exp(x)),
    "gelu": lambda x: x * (1 + erf(x / np.sqrt(2))) / 2,
    "silu": lambda x: x * sigmoid(x),
    "sin": np.sin,
    "cos": np.cos,
    "abs": np.abs,
    "sign": np.sign,
    "exp": np.exp,
    "He2": lambda x: x**2 - 1,
    "He3": lambda x: x**3 - 3 * x,
    "relu(u + 1/2) - softplus(-u)": lambda x: relu(x + 0.5) - np.log1p(np.exp(-x)),
    "2*tanh(3*u)*u": lambda x: 2 * np.tanh(3 * x) * x,
}


def assert_agree(expr: sympy.Expr, symbols: tuple[sympy.Symbol, ...], expected: object, count: int) -> None:
    rng = np.random.default_rng()
    for point in rng.normal(size=(8, count)):
        values = {s: sympy.Float(float(x), 30) for s, x in zip(symbols, point, strict=False)}
        got, want = float(expr.subs(values).evalf(25)), float(expected(*point))  # type: ignore[operator]
        # NumPy rounds each of fewer than 20 operations by 2^-53, on numbers below 1e4 (six-sigma points)
        assert got == pytest.approx(want, rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("text", TARGETS)
def test_targets_mean_what_numpy_computes(text: str) -> None:
    target = Target(text, k=3)
    assert_agree(target.expr, target.symbols, TARGETS[text], 3)


@pytest.mark.parametrize("text", ACTIVATIONS)
def test_activations_mean_what_numpy_computes(text: str) -> None:
    sigma = Activation(text)
    assert_agree(sigma.expr, (sigma.symbol,), ACTIVATIONS[text], 1)


@pytest.mark.parametrize("text", [name for name in ACTIVATIONS if name != "sign"])
def test_derivatives_are_slopes(text: str) -> None:
    sigma, function = Activation(text), ACTIVATIONS[text]
    step = 1e-5
    slope = lambda x: (function(x + step) - function(x - step)) / (2 * step)  # type: ignore[operator]  # noqa: E731
    for x in (-1.7, -0.6, 0.3, 1.1, 2.3):  # off the kinks at 0 and -1/2
        got = float(sigma.derivative.subs(sigma.symbol, sympy.Float(x, 30)).evalf(25))
        # truncation |f'''| step^2/6 <= 1e2 * 1e-10, rounding |f| 2^-53/step <= 1e2 * 1e-11
        assert got == pytest.approx(float(slope(x)), abs=2e-8)


@pytest.mark.parametrize("order", range(21))
def test_hermite_polynomials_are_numpys(order: int) -> None:
    x = sympy.Symbol("x")
    ours = [int(c) for c in reversed(sympy.Poly(HERMITE[f"He{order}"](x), x).all_coeffs())]
    assert ours == [int(c) for c in np.polynomial.hermite_e.herme2poly([0] * order + [1])]


def test_decimals_are_exact_decimals() -> None:
    assert Target("0.1*z1").terms == {(1,): sympy.Rational(1, 10)}
    assert Target({(1,): 0.1}).terms == {(1,): sympy.Rational(1, 10)}


@pytest.mark.parametrize(
    ("text", "k", "degree"),
    [
        ("z3", 3, 1),
        ("0*z4 + z1", 4, 1),
        ("z1**0", 1, 0),
        ("tanh(z2)", 2, None),
        ("z1 # z9", 1, 1),
        ("z1 - z1 + z2", 2, 1),
    ],
)
def test_k_is_the_largest_index_written(text: str, k: int, degree: int | None) -> None:
    assert (Target(text).k, Target(text).degree) == (k, degree)


def test_softplus_stays_finite_and_has_a_finite_slope() -> None:
    sigma = Activation("softplus")
    slope = sympy.lambdify(sigma.symbol, sigma.derivative, "numpy")
    assert [float(slope(x)) for x in (-800.0, 800.0)] == [0.0, 1.0]


def test_long_sums_are_read() -> None:
    text = "+".join(f"z{i % 9 + 1}**{i // 9 + 1}" for i in range(396))
    assert len(Target(text).terms or ()) == 396
