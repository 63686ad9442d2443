"""Slopes and limits over a ladder of dimensions: linear functionals of medians known up to intervals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from theory.problem import ProblemError

from .interval import EVERYTHING, Interval


class Slopes(NamedTuple):
    """The least-squares slope over the whole ladder, and the slope of each rung to the next."""

    overall: Interval
    local: tuple[Interval, ...]


def slope_weights(x: Sequence[float] | np.ndarray) -> np.ndarray:
    """The weights c, shape (m,), with least-squares slope sum_j c_j y_j of y against x."""
    points = np.asarray(x, dtype=float)
    if points.size < 2 or not np.isfinite(points).all() or not np.all(np.diff(points) > 0):
        raise ProblemError(f"a slope needs at least two finite increasing abscissae, got {list(x)}")
    centred = points - points.mean()
    return centred / (centred @ centred)


def limit_weights(dims: Sequence[int], order: float) -> np.ndarray:
    """The weights c, shape (m,), that fit v + C d^(-order) by least squares and return v.

    With two dimensions d and 2d this is Richardson extrapolation. `dims` increase, `order` > 0.
    """
    if not order > 0:
        raise ProblemError(f"the order of a finite-size correction must be positive, got {order}")
    x = np.asarray(dims, dtype=float) ** -order
    return 1 / x.size - x.mean() * slope_weights(x[::-1])[::-1]


def range_over_box(weights: Sequence[float] | np.ndarray, box: Sequence[Interval]) -> Interval:
    """The exact range of sum_j c_j y_j with each y_j in its interval.

    Where a median is itself censored (lo = +inf or hi = -inf) nothing bounds the sum: (-inf, inf).
    """
    used = [(float(c), side) for c, side in zip(weights, box, strict=True) if c != 0]
    if any(side.lo == np.inf or side.hi == -np.inf for _, side in used):
        return EVERYTHING
    return Interval(
        sum(c * (side.lo if c > 0 else side.hi) for c, side in used),
        sum(c * (side.hi if c > 0 else side.lo) for c, side in used),
    )


def slope_interval(log_x: Sequence[float], log_medians: Sequence[Interval]) -> Slopes:
    """Every slope that the box of log medians allows, of log median against log x (dimensionless).

    If each of the m intervals misses with probability at most alpha/m, then all slopes returned, the
    local ones included, hold together with probability at least 1 - alpha.
    """
    rungs = zip(pairwise(log_x), pairwise(log_medians), strict=True)
    return Slopes(
        range_over_box(slope_weights(log_x), log_medians),
        tuple(range_over_box(slope_weights(x), box) for x, box in rungs),
    )
