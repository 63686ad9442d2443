"""A lowered expression takes the values sympy gives it."""

import math

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from sim.expressions import evaluate as ev
from sim.expressions.lower import lower
from theory.problem import Activation, ProblemError

X, Y = sympy.symbols("x y", real=True)
POINTS = np.array([[0.0, 0.0], [0.3, -1.7], [-2.2, 0.4], [1.0, 1.0], [-0.5, 3.1], [1e-9, -1e-9]])
EPSILON = np.finfo(float).eps


def run(expressions: tuple[sympy.Expr, ...], points: np.ndarray) -> np.ndarray:
    outputs = np.empty((len(expressions), len(points)))
    lower(tuple(map(sympy.sympify, expressions)), (X, Y))(np.ascontiguousarray(points.T), outputs)
    return outputs


def exact(expr: sympy.Expr, point: np.ndarray) -> sympy.Expr:
    """The value at the doubles in `point`, which sympy takes as exact rationals."""
    x, y = (sympy.Rational(*float(value).as_integer_ratio()) for value in point)
    return sympy.N(sympy.sympify(expr).subs({X: x, Y: y}), 40)


ONE_OPERATION = [
    X + Y,
    X * Y,
    sympy.Max(X, Y),
    sympy.Min(X, Y),
    sympy.Abs(X),
    sympy.sign(X),
    sympy.Heaviside(X),
    sympy.Heaviside(X, 1),
    sympy.exp(X),
    sympy.log(1 + sympy.exp(X)),
    sympy.erf(X),
    sympy.tanh(X),
    sympy.sin(X),
    sympy.cos(X),
    sympy.sinh(X),
    sympy.cosh(X),
    X**2,
    X**7,
    sympy.sqrt(1 + X**2),
    1 / (1 + X**2),
    (1 + X**2) ** sympy.Rational(-3, 2),
]


@pytest.mark.parametrize("expr", ONE_OPERATION, ids=str)
def test_each_operation_is_right_to_round_off(expr: sympy.Expr) -> None:
    values = run((expr,), POINTS)[0]
    for value, point in zip(values, POINTS, strict=True):
        # At most 8 roundings, each of half an ulp; the library functions are good to 4 ulp; no cancellation
        # here, since the only sums are of like signs or of the bare inputs.
        truth = exact(expr, point)
        assert abs(sympy.Float(value, 40) - truth) <= 16 * EPSILON * abs(truth)


def test_constants_are_rounded_once() -> None:
    expressions = (sympy.pi, sympy.sqrt(2) / 3, sympy.Rational(1, 10), sympy.exp(1), sympy.Integer(0))
    expected = [math.pi, float(sympy.N(sympy.sqrt(2) / 3, 40)), 0.1, math.e, 0.0]
    np.testing.assert_array_equal(run(expressions, POINTS), np.repeat(np.array(expected)[:, None], len(POINTS), axis=1))


def test_an_argument_can_be_a_result() -> None:
    np.testing.assert_array_equal(run((Y, X), POINTS), POINTS.T[::-1])


def test_softplus_neither_overflows_nor_underflows_early() -> None:
    points = np.array([[1000.0, 0.0], [-700.0, 0.0], [-40.0, 0.0]])
    values = run((sympy.log(1 + sympy.exp(X)),), points)[0]
    np.testing.assert_allclose(values, [1000.0, math.exp(-700), math.exp(-40)], rtol=8 * EPSILON)


@pytest.mark.parametrize(
    "expr",
    [
        X + Y,
        X * Y,
        sympy.Max(X, 0),
        sympy.Min(X, 0),
        sympy.Max(0, Y),
        sympy.Abs(X),
        sympy.sign(X),
        sympy.Heaviside(X),
        X**2,
        sympy.sqrt(1 + X**2),
        sympy.tanh(X),
    ],
    ids=str,
)
def test_nan_goes_in_and_comes_out(expr: sympy.Expr) -> None:
    assert np.isnan(run((expr,), np.full((3, 2), np.nan))).all()


def test_heaviside_and_sign_at_zero() -> None:
    zero = np.zeros((1, 2))
    np.testing.assert_array_equal(
        run((sympy.Heaviside(X), sympy.Heaviside(X, 1), sympy.sign(X)), zero), [[0.5], [1.0], [0.0]]
    )


@pytest.mark.parametrize("count", [1, ev.BLOCK - 1, ev.BLOCK, ev.BLOCK + 1, 3 * ev.BLOCK + 7])
def test_blocks_join_without_a_seam(count: int) -> None:
    points = np.random.default_rng(count).normal(size=(count, 2))
    np.testing.assert_array_equal(
        run((X + 2 * Y, X * Y), points), [points[:, 0] + 2 * points[:, 1], points.prod(axis=1)]
    )


def test_evaluation_in_place() -> None:
    fields = np.random.default_rng(0).normal(size=(2, 1300))
    u = fields[0].copy()
    lower((sympy.tanh(X), 1 - sympy.tanh(X) ** 2), (X,))(fields[0].reshape(1, -1), fields)
    np.testing.assert_array_equal(fields[0], run((sympy.tanh(X),), np.stack([u, u], axis=1))[0])
    np.testing.assert_array_equal(fields[1], 1 - fields[0] ** 2)


def test_registers_are_reused_and_equal_parts_evaluated_once() -> None:
    long_sum = sympy.Add(*[i * X**i * Y ** (i % 7 + 1) for i in range(1, 60)])
    program = lower((long_sum,), (X, Y))
    assert program.registers - len(program.constants) < 60  # without reuse: one for each of more than 200 lines
    tanh_lines = lower((sympy.tanh(X), 1 - sympy.tanh(X) ** 2), (X,)).code[:, 0]
    assert (tanh_lines == ev.TANH).sum() == 1


LEAVES = st.sampled_from([X, Y, sympy.Integer(2), sympy.Rational(-1, 3), sympy.pi / 4])


def grow(inner: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: a * b, inner, inner),
        st.builds(lambda a, n: a**n, inner, st.integers(1, 4)),
        *[st.builds(f, inner) for f in (sympy.tanh, sympy.sin, sympy.cos, sympy.erf, sympy.Abs)],
        *[st.builds(f, inner, inner) for f in (sympy.Max, sympy.Min)],
    )


class Ball:
    """A number with a bound on the error a floating-point evaluation may have made: running error analysis."""

    def __init__(self, value: float, error: float) -> None:
        self.value, self.error = value, error


def ball(expr: sympy.Expr, point: np.ndarray) -> Ball:
    """Evaluates `expr` in doubles in any order of operations; `error` bounds the distance to the exact value."""
    if not expr.free_symbols:
        value = float(sympy.N(expr, 30))
        return Ball(value, EPSILON * abs(value))
    if expr.is_Symbol:
        return Ball(float(point[0] if expr == X else point[1]), 0.0)
    args = [ball(arg, point) for arg in expr.args]
    if expr.is_Add:  # any order: every partial sum is at most the sum of the sizes
        size = sum(abs(a.value) + a.error for a in args)
        return Ball(sum(a.value for a in args), sum(a.error for a in args) + len(args) * EPSILON * size)
    if expr.is_Mul or expr.is_Pow:
        factors = args if expr.is_Mul else [args[0]] * int(expr.exp)
        size = math.prod(abs(a.value) + a.error for a in factors)
        value = math.prod(a.value for a in factors)
        return Ball(value, size - math.prod(abs(a.value) for a in factors) + 4 * len(factors) * EPSILON * size)
    if isinstance(expr, sympy.Max | sympy.Min):
        values = [a.value for a in args]
        return Ball(max(values) if isinstance(expr, sympy.Max) else min(values), max(a.error for a in args))
    (a,) = args  # the remaining functions: bounded by max(1, |a|), Lipschitz with constant below 1.2, good to 4 ulp
    function = {
        sympy.tanh: math.tanh,
        sympy.sin: math.sin,
        sympy.cos: math.cos,
        sympy.erf: math.erf,
        sympy.Abs: abs,
    }
    return Ball(function[expr.func](a.value), 1.2 * a.error + 4 * EPSILON * max(1.0, abs(a.value)))


@given(st.recursive(LEAVES, grow, max_leaves=12), st.tuples(st.floats(-2, 2), st.floats(-2, 2)))
def test_random_expressions_are_right_within_a_running_error_bound(
    expr: sympy.Expr, point: tuple[float, float]
) -> None:
    if not expr.free_symbols:
        expr = expr + X
    bound = ball(expr, np.array(point))
    if not bound.error < 1e100:
        return  # a tower of powers left the range of doubles
    value = run((expr,), np.array([point]))[0, 0]
    assert abs(value - bound.value) <= 2 * bound.error + 1e-300  # both sides are within bound.error of the truth


@pytest.mark.parametrize(
    "expr", [sympy.gamma(X), sympy.log(X), sympy.tan(X), X**Y, sympy.zeta(X) + 1, sympy.log(2 + X)], ids=str
)
def test_unknown_functions_are_refused_by_name(expr: sympy.Expr) -> None:
    with pytest.raises(ProblemError, match="cannot be simulated"):
        lower((expr,), (X, Y))


@pytest.mark.parametrize("constant", [sympy.I, sympy.oo, sympy.zoo, sympy.nan, sympy.sqrt(-2)], ids=str)
def test_constants_that_are_no_real_numbers_are_refused(constant: sympy.Expr) -> None:
    with pytest.raises(ProblemError, match="not a finite real number"):
        lower((constant,), (X,))


@pytest.mark.parametrize(
    "name",
    [
        "relu",
        "leaky_relu",
        "erf",
        "tanh",
        "sigmoid",
        "softplus",
        "gelu",
        "silu",
        "sin",
        "cos",
        "abs",
        "He0",
        "He3",
        "exp",
        "relu(u + 1/2)",
        "sqrt(1 + u**2)",
    ],
)
def test_every_activation_and_its_derivative_can_be_lowered(name: str) -> None:
    activation = Activation(name)
    points = np.array([-3.0, -0.4, 0.7, 2.5])
    outputs = np.empty((2, 4))
    lower((activation.expr, activation.derivative), (activation.symbol,))(points[None, :].copy(), outputs)
    for expr, values in zip((activation.expr, activation.derivative), outputs, strict=True):
        for value, point in zip(values, points, strict=True):
            truth = float(sympy.N(expr.subs(activation.symbol, sympy.Rational(*point.as_integer_ratio())), 30))
            # at most 12 operations on numbers of size at most |He3 terms| <= 36 or exp(3) <= 21, 4 ulp each
            assert abs(value - truth) <= 12 * 4 * EPSILON * 36
