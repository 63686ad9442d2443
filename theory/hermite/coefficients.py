"""Hermite coefficients of an activation: exact where a closed form is known, else with a proven error bound."""

import math
from collections.abc import Sequence
from typing import Any

import flint
import sympy

from ..problem import Activation, ProblemError
from . import balls
from .certified import ball_coefficients
from .closed import closed_coefficients
from .forms import canonical

MAX_ORDER = 100


class HermiteCoefficients(tuple):
    """(c_0, ..., c_K): exact sympy numbers, or floats; `errors[k]` bounds |c_k - true|, 0 where exact."""

    errors: tuple[float, ...]
    normalized: bool

    def __new__(cls, values: Sequence[Any], errors: Sequence[float], normalized: bool) -> "HermiteCoefficients":
        self = super().__new__(cls, values)
        self.errors = tuple(errors)
        self.normalized = normalized
        return self


def hermite_coefficients(
    activation: Activation | str | sympy.Expr, order: int, normalized: bool = False
) -> HermiteCoefficients:
    """c_0 .. c_order of sigma: c_k = E[sigma(g) He_k(g)], divided by sqrt(k!) when `normalized`.

    Exact sympy numbers for sums of u^m h(a u + b), h in {1, exp, sin, cos, erf, sign, abs, relu, ...}; floats
    with a proven bound in `.errors` otherwise. Coefficients that vanish by parity are exactly 0.
    Raises ProblemError for an order outside 0..100 and for a function that cannot be integrated with a proof.
    """
    if isinstance(order, bool) or not isinstance(order, int) or not 0 <= order <= MAX_ORDER:
        raise ProblemError(f"order = {order!r} is not a whole number between 0 and {MAX_ORDER}")
    sigma = Activation(activation)
    exact, rest = split_coefficients(sigma.expr, sigma.symbol, order + 1)
    values: list[Any] = []
    errors: list[float] = []
    for k in range(order + 1):
        value, error = _merge(exact[k], rest[k], sympy.sqrt(sympy.factorial(k)) if normalized else sympy.Integer(1))
        values.append(value)
        errors.append(error)
    return HermiteCoefficients(values, errors, normalized)


def split_coefficients(expr: sympy.Expr, u: sympy.Symbol, count: int) -> tuple[list[sympy.Expr], list[flint.arb]]:
    """c_k = exact_k + ball_k for k < count; ball_k is exactly 0 where the closed forms say everything."""
    exact = [sympy.Integer(0)] * count
    rest = sympy.Integer(0)
    for term in sympy.Add.make_args(canonical(expr)):
        closed = closed_coefficients(term, u, count)
        if closed is None:
            rest += term
        else:
            exact = [a + b for a, b in zip(exact, closed, strict=True)]
    if rest == 0:
        return exact, [flint.arb(0)] * count
    return exact, ball_coefficients(rest, u, count)


def coefficient_balls(expr: sympy.Expr, u: sympy.Symbol, count: int) -> list[flint.arb]:
    """c_0 .. c_{count-1} as balls; exact zeros stay exactly 0."""
    exact, rest = split_coefficients(expr, u, count)
    with flint.ctx.workprec(balls.PRECISION):
        return [b if a == 0 else balls.constant(a) + b for a, b in zip(exact, rest, strict=True)]


def _merge(exact: sympy.Expr, rest: flint.arb, scale: sympy.Expr) -> tuple[Any, float]:
    if rest == 0:
        return sympy.expand(exact / scale), 0.0
    with flint.ctx.workprec(balls.PRECISION):
        value, error = balls.midpoint_and_error((balls.constant(exact) + rest) / balls.constant(scale))
    if not math.isfinite(error):
        raise ProblemError("the integral did not converge to a finite error bound")
    return value, error
