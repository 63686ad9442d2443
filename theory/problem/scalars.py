"""Numbers from outside, checked at the door."""

import math
from numbers import Integral, Rational, Real
from typing import Any

import sympy

from .errors import ProblemError, show
from .functions import TARGET_FUNCTIONS
from .parse import Grammar, parse

_NUMBER = Grammar("number", lambda name: None, "write a number such as 0.5, 2/3 or sqrt(2)", TARGET_FUNCTIONS)


def integer(value: Any, name: str, low: int, high: int | None = None) -> int:
    """`value` as an int in [low, high]; a float with an integer value passes, a bool does not."""
    whole = isinstance(value, Integral | sympy.Integer) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole or value < low or (high is not None and value > high):
        span = f"at least {low}" if high is None else f"between {low} and {high}"
        raise ProblemError(f"{name} = {show(value)} is not a whole number {span}")
    return int(value)


def finite(value: Any, name: str, low: float | None = None) -> float:
    """`value` as a finite float, at least `low`."""
    if isinstance(value, bool) or not isinstance(value, Real | sympy.Expr):
        raise ProblemError(f"{name} = {show(value)} is not a number")
    try:
        result = float(value)
    except (TypeError, OverflowError):
        raise ProblemError(f"{name} = {show(value)} is not a finite real number") from None
    if not math.isfinite(result) or (low is not None and result < low):
        raise ProblemError(
            f"{name} = {show(value)} is not a finite number" + ("" if low is None else f" of at least {low:g}")
        )
    return result + 0.0  # -0.0 is the same number as 0.0 and must have the same JSON


def number(value: Any, name: str) -> sympy.Expr:
    """An exact real number: a float means the decimal it prints as, text may hold sqrt and pi."""
    if isinstance(value, str):
        return parse(value, _NUMBER)
    if isinstance(value, sympy.Float | float):
        return parse(repr(finite(value, name)), _NUMBER)
    if isinstance(value, sympy.Expr) and not value.free_symbols and value.is_real and value.is_finite:
        return value
    if isinstance(value, Rational) and not isinstance(value, bool):
        return sympy.Rational(int(value.numerator), int(value.denominator))
    raise ProblemError(f"{name} = {show(value)} is not a real number")
