"""Hermite coefficients of any target in at most three coordinates by the trapezoidal rule, with estimated error."""

from collections.abc import Callable
from math import factorial, prod
from typing import Any

import flint
import sympy

from ..problem import ProblemError, Target
from .evaluate import evaluate
from .terms import Exponents, Terms

MAX_COORDINATES = 3
_POINTS = {1: 4001, 2: 1201, 3: 161}
_COARSE_END = 8.0
_END = 9.0  # the Gaussian weight beyond it is below 1e-17 times a polynomial


def estimated_terms(target: Target, order: int) -> Terms:
    """h_a for |a| <= order as balls whose radius is estimated: ten times the change from a grid half as fine
    and shorter, so that both the mesh and the cut tails are felt.

    Raises ProblemError beyond three coordinates: the grid would be too large and no product structure was
    found.
    """
    if target.k > MAX_COORDINATES:
        raise ProblemError(
            "the target is neither a polynomial nor a sum of products over orthogonal directions, and "
            f"k = {target.k}; such targets are integrated numerically up to k = {MAX_COORDINATES}"
        )
    fine = _grid_terms(target, order, _POINTS[target.k], _END)
    coarse = _grid_terms(target, order, _POINTS[target.k] // 2 + 1, _COARSE_END)
    return {key: _ball(fine[key], coarse[key]) for key in fine}


def _ball(fine: float, coarse: float) -> flint.arb:
    return flint.arb(fine, 10 * abs(fine - coarse) + 1e-12)


def _grid_terms(target: Target, order: int, points: int, end: float) -> dict[Exponents, float]:
    import numpy as np  # most targets never come here, and numpy takes a fifth of a second to import

    x = np.linspace(-end, end, points)
    weight = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi) * (x[1] - x[0])
    hermite = np.stack([np.polynomial.hermite_e.hermeval(x, np.eye(order + 1)[j]) for j in range(order + 1)])
    basis = hermite * weight / np.array([[factorial(j)] for j in range(order + 1)], dtype=float)
    mesh = np.meshgrid(*[x] * target.k, indexing="ij", sparse=True)
    values = evaluate(target.expr, dict(zip(target.symbols, mesh, strict=True)), _functions(), float)
    tensor = np.broadcast_to(values, (points,) * target.k)
    for _ in range(target.k):  # contract the first grid axis; its order index goes last
        tensor = np.tensordot(tensor, basis, axes=(0, 1))
    keys = [key for key in np.ndindex(tensor.shape) if sum(key) <= order]
    return {tuple(map(int, key)): float(tensor[key]) for key in keys if prod(tensor.shape)}


def _functions() -> dict[type, Callable[..., Any]]:
    import numpy as np
    from scipy.special import erf

    return {
        sympy.exp: np.exp, sympy.erf: erf, sympy.tanh: np.tanh, sympy.sin: np.sin, sympy.cos: np.cos,
        sympy.cosh: np.cosh, sympy.Abs: np.abs, sympy.sign: np.sign, sympy.Pow: np.power,
        sympy.Max: lambda *args: np.maximum.reduce(np.broadcast_arrays(*args)),
        sympy.Min: lambda *args: np.minimum.reduce(np.broadcast_arrays(*args)),
    }  # fmt: skip
