"""Arb balls: numbers that carry a proven error bound."""

from collections.abc import Callable
from typing import Any

import flint
import sympy

from .evaluate import evaluate

PRECISION = 128  # bits; results are reported as doubles, so 53 would do if nothing cancelled


def constant(value: sympy.Expr) -> flint.arb:
    """A sympy constant as a ball around its exact value."""
    return evaluate(value, {}, _FUNCTIONS, _number).real


def at(expr: sympy.Expr, symbol: sympy.Symbol) -> Callable[[flint.acb, bool], flint.acb]:
    """`expr` as a function of one complex ball, in the form that rigorous integration asks for."""

    def function(x: flint.acb, analytic: bool) -> flint.acb:
        log = {sympy.log: lambda y: y.log(analytic=analytic)}
        return evaluate(expr, {symbol: x}, {**_FUNCTIONS, **log}, _number)

    return function


def midpoint_and_error(ball: flint.arb) -> tuple[float, float]:
    """The nearest double and a bound for its distance from every point of `ball`."""
    middle = float(ball.mid())
    return middle, float((ball - flint.arb(middle)).abs_upper()) * (1 + 2**-50)


def _number(value: sympy.Expr) -> flint.acb:
    if value is sympy.pi:
        return flint.acb(flint.arb.pi())
    if value is sympy.E:
        return flint.acb(flint.arb.const_e())
    return flint.acb(flint.arb(flint.fmpq(int(value.p), int(value.q))))


def _power(base: flint.acb, exponent: flint.acb) -> flint.acb:
    return base**exponent


_FUNCTIONS: dict[type, Callable[..., Any]] = {
    sympy.exp: flint.acb.exp,
    sympy.erf: flint.acb.erf,
    sympy.tanh: flint.acb.tanh,
    sympy.sin: flint.acb.sin,
    sympy.cos: flint.acb.cos,
    sympy.cosh: flint.acb.cosh,
    sympy.log: flint.acb.log,
    sympy.Pow: _power,
    sympy.Abs: lambda x: flint.acb(abs(x.real)),  # constants only: sign and modulus are resolved before integrating
    sympy.sign: lambda x: flint.acb(x.real.sgn()),
}
