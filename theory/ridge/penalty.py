"""The numbers of a ridge problem, checked, and its one penalty in two conventions."""

import math
from numbers import Real
from typing import Any

from ..problem import ProblemError
from ..problem.errors import show
from ..problem.scalars import finite

SMALLEST, LARGEST = 1e-60, 1e60  # of ratios and penalties: squares of their products must stay finite


def aspect(value: Any, name: str) -> float:
    """A ratio of dimensions: 0, math.inf, or between 1e-60 and 1e60."""
    infinite = isinstance(value, Real) and not isinstance(value, bool) and value == math.inf
    return math.inf if infinite else _sized(value, name)


def penalties(ridge: float | None, gamma: float | None, n_over_p: float) -> tuple[float, float]:
    """(ridge, gamma) from the one that is given: gamma = ridge n/p, where n/p may be 0 or infinite.

    ridge: |y - F a|^2 + ridge n |a|^2 with features F = sigma(Z W^T). gamma: the same fit with features F/sqrt(p) and
    penalty gamma, for sqrt(p) a. Raises ProblemError unless exactly one is given, 0 or between 1e-60 and 1e60.
    """
    if (ridge is None) == (gamma is None):
        raise ProblemError("give one of ridge (penalty ridge n on sigma(W z)) and gamma (on sigma(W z)/sqrt(p))")
    if ridge is not None:
        ridge = _sized(ridge, "ridge")
        return ridge, ridge * n_over_p if ridge else 0.0
    gamma = _sized(gamma, "gamma")
    if not gamma:
        return 0.0, 0.0
    return (math.inf if n_over_p == 0 else gamma / n_over_p), gamma


def _sized(value: Any, name: str) -> float:
    number = finite(value, name, low=0)
    if number and not SMALLEST <= number <= LARGEST:
        raise ProblemError(f"{name} = {show(value)} is neither 0 nor between {SMALLEST:g} and {LARGEST:g}")
    return number
