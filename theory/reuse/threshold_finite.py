"""The operator S -> E[T(y) S T(y)] of a label with finitely many values: a sum over them."""

from typing import Any

import sympy

from ..hermite import expansion
from ..hermite.balls import midpoint_and_error
from ..problem import ProblemError, Target
from .finite_values import FiniteValues, Y


def largest_of_finitely_many(finite: FiniteValues) -> tuple[float, float]:
    """(norm, proven error) of sum over values v of A_v S A_v / P(y = v), A_v = E[1{y = v} (u u^T - I)].

    Positive and symmetric on matrices S, so that its norm is its largest eigenvalue, which moves by at most the norm
    of what is added to it (Weyl).
    """
    import numpy as np

    k = finite.target.k
    total, error = np.zeros((k * k, k * k)), 0.0
    for value in finite.values:
        mass, matrix, slack = _moments(_indicator(finite, value), k)
        if mass[0] <= 0:
            continue
        if mass[0] <= 2 * mass[1]:
            raise ProblemError(f"the probability of the value {value} is not told from zero")
        total += np.kron(matrix, matrix) / mass[0]
        size = float(np.linalg.norm(matrix))
        # |A x A / P| with A and P known up to slack: first order doubled, since both are tiny
        error += 2 * (2 * size * slack + slack**2 + size**2 * mass[1] / mass[0]) / mass[0]
    norm = float(np.linalg.eigvalsh(total)[-1])
    return norm, error + 1e-14 * k * k * max(norm, 1.0)  # rounding of the eigenvalue


def _indicator(finite: FiniteValues, value: sympy.Expr) -> Target:
    """1{y = value}, Lagrange's polynomial in y."""
    others = [other for other in finite.values if other != value]
    return finite.function(sympy.Mul(*[(Y - other) / (value - other) for other in others]))


def _moments(indicator: Target, k: int) -> tuple[tuple[float, float], Any, float]:
    """(P, its error), E[1{y = v} (u u^T - I)] and a bound for the Frobenius norm of its error."""
    import numpy as np

    series = expansion(indicator, 2)
    if series.complete or not series.certified:
        raise ProblemError("the probabilities of the target's values cannot be integrated with a proof")
    mass, matrix, squares = (0.0, 0.0), np.zeros((k, k)), 0.0
    for key, coefficient in series.terms.items():
        middle, radius = midpoint_and_error(coefficient)
        if sum(key) == 0:
            mass = (middle, radius)
        elif sum(key) == 2:
            i, j = [axis for axis, power in enumerate(key) for _ in range(power)]
            scale = 2 if i == j else 1
            matrix[i, j] = matrix[j, i] = scale * middle
            squares += 2 * (scale * radius) ** 2
    return mass, matrix, squares**0.5
