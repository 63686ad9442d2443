"""The operator S -> E[T(y) S T(y)] of quadratic forms whose conditional second moments are known."""

import sympy

from ..hermite import Expansion
from ..problem import ProblemError


def largest_of_quadratic(series: Expansion, rank: int) -> tuple[float, float, bool]:
    """(norm, error, whether it is proven) for y = z^T B z / 2 with eigenvalues (l, ..., l) or (l, -l) next to zeros.

    Equal ones: y gives |u|^2 alone and the norm is 2/rank. A pair: y is a multiple of u1 u2 in the frame turned by 45
    degrees, and the norm is 1 + E[(|y| K_1(|y|) / K_0(|y|) - 1)^2].
    """
    entry = lambda i, j: series.field.to_sympy(_coefficient(series, i, j))  # noqa: E731
    matrix = sympy.Matrix(series.k, series.k, entry)
    square, trace = matrix * matrix, matrix.trace()
    if _is_zero(square - matrix * trace / rank):
        return 2 / rank, 0.0, True
    power = square.trace() / 2
    if rank == 2 and sympy.expand(trace) == 0 and _is_zero(square * matrix - power * matrix):
        excess, error = _product_excess()
        return 1 + excess, error, False
    raise ProblemError(
        "alpha_c of a quadratic form is known for equal eigenvalues and for a pair of opposite ones only"
    )


def _coefficient(series: Expansion, i: int, j: int) -> object:
    key = tuple((i == m) + (j == m) for m in range(series.k))
    value = series.terms.get(key, series.field.from_sympy(sympy.Integer(0)))
    return value * 2 if i == j else value


def _is_zero(matrix: sympy.Matrix) -> bool:
    return bool(all(sympy.expand(value) == 0 for value in matrix))


def _product_excess() -> tuple[float, float]:
    """E[(|y| K_1(|y|)/K_0(|y|) - 1)^2], y with density K_0(|y|)/pi, and ten times the change from twice the mesh.

    With |y| = e^s the integrand is analytic and decays exponentially: the trapezoidal rule converges exponentially.
    """
    import numpy as np
    from scipy.special import k0e, k1e

    def rule(points: int) -> float:
        s, mesh = np.linspace(-45.0, 4.0, points, retstep=True)
        y = np.exp(s)
        excess = y * k1e(y) / k0e(y) - 1
        return float(np.sum(excess**2 * k0e(y) * np.exp(-y) * y) * mesh * 2 / np.pi)

    fine = rule(4001)
    return fine, 10 * abs(fine - rule(2001)) + 1e-14
