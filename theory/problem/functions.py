"""The functions a target or an activation may call, and nothing else."""

from collections.abc import Callable
from typing import Any

import sympy

MAX_HERMITE = 20
LEAKY_SLOPE = sympy.Rational(1, 100)


def hermite_polynomial(order: int, x: sympy.Expr) -> sympy.Expr:
    """Probabilists' He_order(x), expanded in powers of `x`."""
    previous, current = [0], [1]
    for j in range(order):  # He_{j+1} = x He_j - j He_{j-1}, on coefficient lists, lowest power first
        shifted = [0, *current]
        previous = previous + [0] * (len(shifted) - len(previous))
        previous, current = current, [a - j * b for a, b in zip(shifted, previous, strict=True)]
    return sympy.Add(*[c * x**i for i, c in enumerate(current) if c])


def _relu(x: sympy.Expr) -> sympy.Expr:
    return sympy.Max(x, 0)


def _sigmoid(x: sympy.Expr) -> sympy.Expr:
    return (1 + sympy.tanh(x / 2)) / 2  # never overflows, unlike 1 / (1 + exp(-x))


def _gelu(x: sympy.Expr) -> sympy.Expr:
    return x * (1 + sympy.erf(x / sympy.sqrt(2))) / 2


def _leaky_relu(x: sympy.Expr) -> sympy.Expr:
    return sympy.Max(x, 0) + LEAKY_SLOPE * sympy.Min(x, 0)


Function = Callable[..., Any]

HERMITE: dict[str, Function] = {f"He{j}": (lambda x, j=j: hermite_polynomial(j, x)) for j in range(MAX_HERMITE + 1)}

TARGET_FUNCTIONS: dict[str, Function] = {
    "relu": _relu,
    "abs": sympy.Abs,
    "Abs": sympy.Abs,  # as sympy prints it
    "sign": sympy.sign,
    "exp": sympy.exp,
    "erf": sympy.erf,
    "tanh": sympy.tanh,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "cosh": sympy.cosh,
    "sqrt": sympy.sqrt,
    "Max": sympy.Max,
    "Min": sympy.Min,
    **HERMITE,
}

ACTIVATION_FUNCTIONS: dict[str, Function] = {
    **TARGET_FUNCTIONS,
    "leaky_relu": _leaky_relu,
    "sigmoid": _sigmoid,
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "gelu": _gelu,
    "silu": lambda x: x * _sigmoid(x),
}
