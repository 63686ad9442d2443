"""How much of labels and features is constant, linear, and the rest: second moments by Hermite order."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import flint
import sympy

from .hermite import balls, expansion
from .hermite.coefficients import coefficient_balls
from .problem import Activation, ProblemError, Target


@lru_cache(maxsize=256)
def label_energy(target: Target) -> tuple[Any, tuple[Any, Any]]:
    """E[y^2], label noise included, and (||C_0||^2, ||C_1||^2): exact for polynomials."""
    series = expansion(target)
    constant, linear = (series.field.to_sympy(series.energy(m)) for m in range(2))
    if series.complete:
        full = sum(series.field.to_sympy(series.energy(m)) for m in range(series.order + 1))
    else:
        square = expansion(Target(target.expr**2, k=target.k), 0)
        full = square.field.to_sympy(square.terms[(0,) * target.k])
    return full + sympy.Rational(str(target.noise)) ** 2, (constant, linear)


DIGITS = 40  # bits that must be certain


@dataclass(frozen=True)
class FeatureEnergy:
    """Of sigma(g) - E sigma(g): linear = c_1^2, nonlinear = E sigma^2 - c_0^2 - c_1^2 (c_k = E[sigma He_k])."""

    linear: float
    nonlinear: float


@lru_cache(maxsize=256)
def feature_energy(activation: Activation) -> FeatureEnergy:
    """The two parts, from 128-bit balls, so that a nearly linear sigma loses no digits.

    nonlinear is exactly 0 for an affine sigma, and only then. Raises ProblemError for a constant sigma and where the
    two parts cannot be told from zero.
    """
    u, expr = activation.symbol, activation.expr
    affine = expr.is_polynomial(u) and sympy.Poly(expr, u).degree() <= 1
    c_0, c_1 = coefficient_balls(expr, u, 2)
    square = sympy.expand(_without_squared_signs(expr**2))
    with flint.ctx.workprec(balls.PRECISION):
        linear = c_1**2
        nonlinear = flint.arb(0) if affine else coefficient_balls(square, u, 1)[0] - c_0**2 - linear
        if affine and linear == 0:
            raise ProblemError("the activation is constant: its features carry nothing")
        if not affine and not (nonlinear > 0 and nonlinear.rel_accuracy_bits() > DIGITS):
            raise ProblemError("the activation cannot be told from an affine function")
        return FeatureEnergy(float(linear.mid()), float(nonlinear.mid()))


def _without_squared_signs(expr: sympy.Expr) -> sympy.Expr:
    """sign(x)^2 = 1 almost everywhere."""
    is_power = lambda x: x.is_Pow and x.base.func is sympy.sign and x.exp.is_Integer  # noqa: E731
    return sympy.expand(expr).replace(is_power, lambda x: x.base ** (x.exp % 2))
