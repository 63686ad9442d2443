"""A target or an activation as a function of NumPy arrays, and what kind of function it is."""

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import combinations
from typing import TYPE_CHECKING, Any

import sympy

from ..hermite.closed import affine
from ..hermite.evaluate import evaluate
from ..hermite.quadrature import _functions
from ..problem import Activation

if TYPE_CHECKING:
    import numpy as np

_PIECEWISE = (sympy.Max, sympy.Min, sympy.Abs, sympy.sign)


def function(expr: sympy.Expr, symbols: Sequence[sympy.Symbol]) -> Callable[..., "np.ndarray"]:
    """`expr` as a function of one array for each symbol, all of one shape."""
    import numpy as np

    table: dict[type, Callable[..., Any]] = {
        **_functions(),
        sympy.log: np.log,
        sympy.Heaviside: lambda x, *_: np.heaviside(x, 0.5),
        sympy.Max: lambda *args: reduce(np.maximum, args),
        sympy.Min: lambda *args: reduce(np.minimum, args),
    }

    def call(*arrays: "np.ndarray") -> "np.ndarray":
        values = evaluate(expr, dict(zip(symbols, arrays, strict=True)), table, float)
        return np.broadcast_to(values, arrays[0].shape)

    return call


def is_piecewise(expr: sympy.Expr) -> bool:
    """Whether `expr` may have kinks or jumps."""
    return expr.has(*_PIECEWISE)


def degree(activation: Activation) -> int | None:
    """The degree of sigma if it is a polynomial, else None."""
    expr, u = activation.expr, activation.symbol
    return int(sympy.Poly(expr, u).total_degree()) if expr.is_polynomial(u) else None


def kinks(activation: Activation) -> tuple[float, ...] | None:
    """Where sigma may fail to be analytic; None where a piece begins at no root of an affine function."""
    found, u = set(), activation.symbol
    for part in activation.expr.atoms(*_PIECEWISE):
        inner = part.args if len(part.args) == 1 else [a - b for a, b in combinations(part.args, 2)]
        for difference in inner:
            line = affine(difference, u)
            if line is None:
                return None
            found.add(float(-line[1] / line[0]))
    return tuple(sorted(found))
