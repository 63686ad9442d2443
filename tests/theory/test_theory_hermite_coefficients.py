"""Hermite coefficients of activations: formulas, mpmath quadrature at 30 digits, and the certified route."""

from collections.abc import Callable

import flint
import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import Activation, ProblemError, hermite_coefficients
from theory.hermite import balls
from theory.hermite.certified import ball_coefficients
from theory.hermite.coefficients import coefficient_balls
from theory.hermite.forms import canonical

mp = mpmath.mp
half = mpmath.mpf(1) / 2
U = Activation.symbol

# written for mpmath, from the textbook definitions; the second entry lists the kinks
FUNCTIONS: dict[str, tuple[Callable[[mpmath.mpf], mpmath.mpf], list[float]]] = {
    "relu": (lambda x: max(x, 0), [0]),
    "leaky_relu": (lambda x: x if x > 0 else x / 100, [0]),
    "abs": (abs, [0]),
    "sign": (mpmath.sign, [0]),
    "erf": (mpmath.erf, []),
    "tanh": (mpmath.tanh, []),
    "sigmoid": (lambda x: 1 / (1 + mpmath.exp(-x)), []),
    "softplus": (lambda x: mpmath.log(1 + mpmath.exp(x)), []),
    "gelu": (lambda x: x * mpmath.ncdf(x), []),
    "silu": (lambda x: x / (1 + mpmath.exp(-x)), []),
    "sin": (mpmath.sin, []),
    "cos": (mpmath.cos, []),
    "exp": (mpmath.exp, []),
    "He3": (lambda x: x**3 - 3 * x, []),
    "relu(u + 1/2)": (lambda x: max(x + half, 0), [-0.5]),
    "abs(u - 1)*u": (lambda x: abs(x - 1) * x, [1]),
    "tanh(u)**2 + erf(u/3 - 1)": (lambda x: mpmath.tanh(x) ** 2 + mpmath.erf(x / 3 - 1), []),
    "Max(u**2 - 1, 0)": (lambda x: max(x**2 - 1, 0), [-1, 1]),
    "exp(-u**2)*u": (lambda x: mpmath.exp(-(x**2)) * x, []),
    "Max(sin(u), -2)": (mpmath.sin, []),
}
EXACT = {
    "relu",
    "leaky_relu",
    "abs",
    "sign",
    "erf",
    "gelu",
    "sin",
    "cos",
    "exp",
    "He3",
    "relu(u + 1/2)",
    "abs(u - 1)*u",
}
REFUSED = {"Max(sin(u), -2)"}  # the kinks of max(sin u, -2) are not roots of a polynomial


def he(order: int, x: mpmath.mpf) -> mpmath.mpf:
    previous, current = mpmath.mpf(0), mpmath.mpf(1)
    for j in range(order):
        previous, current = current, x * current - j * previous
    return current


def integral(function: Callable[[mpmath.mpf], mpmath.mpf], kinks: list[float], order: int) -> mpmath.mpf:
    """E[f(g) He_order(g)] by Gauss-Legendre panels at 30 digits; the weight beyond 13 is below 1e-36."""
    edges = sorted({-13.0, 13.0, *map(float, range(-12, 13, 2)), *kinks})
    with mp.workdps(30):
        weight = lambda x: function(x) * he(order, x) * mpmath.exp(-(x**2) / 2)  # noqa: E731
        return mpmath.quad(weight, edges, method="gauss-legendre") / mpmath.sqrt(2 * mpmath.pi)


def at_thirty_digits(value: sympy.Expr | float) -> mpmath.mpf:
    """An exact number to 30 digits; a double as the number it is."""
    return mpmath.mpf(str(value.evalf(30))) if isinstance(value, sympy.Expr) else mpmath.mpf(value)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in REFUSED])
def test_coefficients_against_mpmath(name: str) -> None:
    function, kinks = FUNCTIONS[name]
    ours = hermite_coefficients(name, 5)
    for k, (value, error) in enumerate(zip(ours, ours.errors, strict=True)):
        with mp.workdps(30):
            got = at_thirty_digits(value)
            # 1e-24: what 30-digit panels leave, seen as the change between 30 and 40 digits (below 1e-27)
            assert abs(got - integral(function, kinks, k)) <= mpmath.mpf(error) + mpmath.mpf("1e-24")
            assert error <= 1e-15 * max(1, abs(float(value)))  # a double cannot be 1e-16-close, nor need it be worse
    assert (name in EXACT) <= all(error == 0 for error in ours.errors)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_cannot_be_proven_is_refused(name: str) -> None:
    with pytest.raises(ProblemError, match="kinks"):
        hermite_coefficients(name, 2)


def test_relu_exactly() -> None:
    """c_0 = c_2 = phi(0), c_1 = 1/2, c_2m = (-1)^(m-1) (2m - 3)!! phi(0), other odd ones 0."""
    ours = hermite_coefficients("relu", 20)
    density = 1 / sympy.sqrt(2 * sympy.pi)
    expected = [density, sympy.Rational(1, 2)]
    for k in range(2, 21):
        double = sympy.prod(range(1, k - 2, 2))  # (k - 3)!!
        expected.append(sympy.Integer(0) if k % 2 else (-1) ** (k // 2 - 1) * double * density)
    assert [sympy.simplify(a - b) for a, b in zip(ours, expected, strict=True)] == [0] * 21
    assert ours.errors == (0.0,) * 21


@pytest.mark.parametrize(("name", "blind"), [("relu", (3, 5, 7)), ("gelu", (3, 5, 7)), ("silu", (3, 5, 7)),
                                             ("softplus", (3, 5, 7)), ("tanh", (0, 2, 4)), ("erf", (0, 2, 4)),
                                             ("sigmoid", (2, 4, 6)), ("abs", (1, 3, 5)), ("He2", (0, 1, 3, 4)),
                                             ("He3", (0, 1, 2, 4))])  # fmt: skip
def test_zeros_by_parity_are_exact(name: str, blind: tuple[int, ...]) -> None:
    ours = hermite_coefficients(name, 7)
    assert all(ours[k] == 0 and ours.errors[k] == 0 for k in blind)


@pytest.mark.parametrize("name", ["relu", "tanh", "He4", "exp"])
def test_normalized_divides_by_the_root_of_k_factorial(name: str) -> None:
    plain, scaled = hermite_coefficients(name, 6), hermite_coefficients(name, 6, normalized=True)
    assert (plain.normalized, scaled.normalized) == (False, True)
    for k in range(7):
        slack = scaled.errors[k] * 30 + plain.errors[k] + 1e-14 * abs(float(plain[k]))  # sqrt(6!) < 30, roundings
        assert abs(float(plain[k]) - float(scaled[k]) * float(sympy.sqrt(sympy.factorial(k)))) <= slack


def test_parseval_of_a_normalized_series() -> None:
    """sum c_k^2 = E e^(2g) = e^2 for exp; the tail beyond 40 is e/41! (1 + 1/42 + ...) < 1e-48."""
    total = sum(c**2 for c in hermite_coefficients("exp", 40, normalized=True))
    assert abs(sympy.N(total - sympy.exp(2), 40)) < sympy.Float("1e-38")


CLOSED = ["exp({l})", "sin({l})", "cos({l})", "erf({l})", "sign({l})", "abs({l})", "relu({l})", "u**2*erf({l})",
          "u*abs({l})", "gelu({l})", "u*exp({l})", "u**3 - {l}", "leaky_relu({l})", "cosh({l})"]  # fmt: skip
scales = st.fractions(-2, 2, max_denominator=5).filter(bool)
shifts = st.fractions(-2, 2, max_denominator=5)


@given(st.sampled_from(CLOSED), scales, shifts)
@settings(max_examples=60, deadline=None)
def test_closed_forms_meet_rigorous_integration(form: str, scale: object, shift: object) -> None:
    sigma = Activation(form.format(l=f"({scale}*u + {shift})"))
    closed = coefficient_balls(sigma.expr, U, 6)
    integrated = ball_coefficients(canonical(sigma.expr), U, 6)
    for a, b in zip(closed, integrated, strict=True):
        with flint.ctx.workprec(balls.PRECISION):
            assert a.overlaps(b)
            limit = 1e-20 * max(1.0, abs(float(a.mid())))  # the two balls are small, so overlapping says something
            assert float(a.rad()) < limit
            assert float(b.rad()) < limit


@given(st.sampled_from(["tanh", "softplus", "silu", "sigmoid"]), scales, shifts)
@settings(max_examples=8, deadline=None)
def test_certified_bounds_are_honest_off_centre(name: str, scale: object, shift: object) -> None:
    ours = hermite_coefficients(f"{name}({scale}*u + {shift})", 4)
    function, _ = FUNCTIONS[name]
    for k in range(5):
        with mp.workdps(30):
            a, b = (mpmath.mpf(x.numerator) / x.denominator for x in (scale, shift))  # type: ignore[attr-defined]
            true = integral(lambda x, a=a, b=b: function(a * x + b), [], k)  # type: ignore[misc]
            assert abs(at_thirty_digits(ours[k]) - true) <= mpmath.mpf(ours.errors[k]) + mpmath.mpf("1e-20")


@pytest.mark.parametrize("order", [-1, 101, 2.0, True, "3", None])
def test_bad_orders_are_refused(order: object) -> None:
    with pytest.raises(ProblemError, match="order"):
        hermite_coefficients("relu", order)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["exp(1000*tanh(u))", "exp(40*u)*tanh(u)", "abs(abs(u) - tanh(u))"])
def test_what_overflows_or_is_too_hard_is_a_problem_error(text: str) -> None:
    with pytest.raises(ProblemError):
        hermite_coefficients(text, 2)
