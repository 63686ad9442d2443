"""Walk a sympy expression with somebody else's arithmetic: NumPy arrays, or Arb balls."""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import add, mul
from typing import Any

import sympy

from ..problem import ProblemError


def evaluate(
    expr: sympy.Expr,
    values: Mapping[sympy.Symbol, Any],
    functions: Mapping[type, Callable[..., Any]],
    number: Callable[[sympy.Expr], Any],
) -> Any:
    """`expr` at `values`, with `functions` for sympy's functions and `number` for its constants.

    Raises ProblemError for a function that `functions` does not hold.
    """
    if expr in values:
        return values[expr]
    if expr.is_Rational or expr is sympy.pi or expr is sympy.E:
        return number(expr)
    if expr.is_Pow and expr.exp.is_Integer:
        return evaluate(expr.base, values, functions, number) ** int(expr.exp)
    args = [evaluate(arg, values, functions, number) for arg in expr.args]
    if expr.is_Add:
        return reduce(add, args)
    if expr.is_Mul:
        return reduce(mul, args)
    function = functions.get(expr.func)
    if function is None:
        raise ProblemError(f"{expr.func.__name__} cannot be integrated here")
    return function(*args)
