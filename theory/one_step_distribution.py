"""The distribution function of the one-step law.

ratio <= x is a quadratic inequality D y^2 - 2 T y - C <= 0, C >= 0: at l = 1 in y = alpha; at l >= 2, given the
direction of xi, in y = |xi|^(l-1), where |xi|^2 is chi-squared. So their laws enter in closed form.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammainc, ndtr, roots_gegenbauer, roots_legendre

from .one_step_parts import basis, drift, signal_square
from .problem import ProblemError
from .problem.student import SECOND_LAYERS

if TYPE_CHECKING:
    from .one_step_laws import OneStepLaw

AIM, LIMIT = 1e-6, 1e-4
MAX_NODES = 2**22
Alpha = str | float | Sequence[float]
Law = Callable[[np.ndarray], np.ndarray]


def distribution(law: "OneStepLaw", x: np.ndarray | float, alpha: Alpha) -> np.ndarray:
    """P(ratio <= x), the shape of x."""
    x = np.asarray(x, dtype=float)
    inside = (x >= 0) & (x < 1)
    result = np.where(np.isnan(x), np.nan, np.where(x < 0, 0.0, 1.0))
    if inside.any():
        result[inside] = (_at_leap_one if law.order == 1 else _refined)(law, x[inside], _law(law, alpha))
    return result


def _law(law: "OneStepLaw", alpha: Alpha) -> str | np.ndarray:
    """The values of alpha, or the name of a continuous law."""
    if isinstance(alpha, str) and alpha not in SECOND_LAYERS:
        raise ProblemError(f"alpha = {alpha!r}; known: {', '.join(SECOND_LAYERS)}, a number, or several")
    if not law.start:
        return np.ones(1)
    if isinstance(alpha, str):
        return np.array([-1.0, 1.0]) if alpha == "rademacher" else alpha
    values = np.atleast_1d(np.asarray(alpha, dtype=float))
    if not values.size or not np.isfinite(values).all():
        raise ProblemError(f"alpha = {alpha!r}; give finite numbers, at least one")
    return values


def _at_leap_one(law: "OneStepLaw", x: np.ndarray, alpha: str | np.ndarray) -> np.ndarray:
    """S and T are constants, so only alpha is random."""
    origin = np.zeros(law.k)
    if not isinstance(alpha, str):
        return np.mean(law.ratio(np.broadcast_to(origin, (len(alpha), law.k)), alpha)[:, None] <= x, axis=0)
    r, s, t = float(law.rate), signal_square(law, origin), drift(law, origin)
    below: Law = ndtr if alpha == "gaussian" else lambda y: np.clip((y + 1) / 2, 0, 1)
    return _probability(r**2 * (s * (1 - x) - x * (t**2 + float(law.noise))), x * t * r, x, below)


def _refined(law: "OneStepLaw", x: np.ndarray, alpha: str | np.ndarray) -> np.ndarray:
    """One x after the other, by rules of 16, 32, ... points for each angle and for a continuous alpha."""
    frame = basis(law)
    exact = frame.shape[1] == 1 and not isinstance(alpha, str)
    return np.array([_at(law, float(level), alpha, frame, exact) for level in x])


def _at(law: "OneStepLaw", x: float, alpha: str | np.ndarray, frame: np.ndarray, exact: bool) -> float:
    points, before, change = 16, np.inf, np.inf
    while True:
        values, weights = _alphas(alpha, points)
        directions, areas = _sphere(frame.shape[1], points)
        found = float(areas @ _given(law, x, directions @ frame.T, frame.shape[1], values) @ weights)
        change = abs(found - before)
        if exact or change < AIM:
            return found
        if 2 ** (frame.shape[1] - 1 + isinstance(alpha, str)) * len(areas) * len(values) > MAX_NODES:
            break
        before, points = found, 2 * points
    if change > LIMIT:
        raise ProblemError(f"the distribution function at {x:g} is known to {change:.1g} only: sample .ratio instead")
    return found


def _given(law: "OneStepLaw", x: float, directions: np.ndarray, m: int, alpha: np.ndarray) -> np.ndarray:
    """P(ratio <= x | direction of xi, alpha), shape (directions, alpha); |xi|^2 is chi-squared with m degrees."""
    below: Law = lambda y: gammainc(m / 2, np.clip(y, 0, None) ** (2 / (law.order - 1)) / 2)  # noqa: E731
    s, t = signal_square(law, directions)[:, None], drift(law, directions)[:, None]
    moved = float(law.rate) * alpha
    constant = x * (law.start + moved**2 * float(law.noise))
    return _probability(moved**2 * (s * (1 - x) - x * t**2), x * law.start * moved * t, constant, below)


def _probability(square: np.ndarray, half: np.ndarray, constant: np.ndarray, below: Law) -> np.ndarray:
    """P(square y^2 - 2 half y - constant <= 0) for y with distribution function `below`; constant >= 0.

    An interval around 0 where square > 0; where square < 0 everything but an interval on one side of 0, if any.
    """
    square, half, constant = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (square, half, constant)))
    root2 = half**2 + square * constant
    root = np.sqrt(np.maximum(root2, 0))
    outer = half + np.where(half < 0, -root, root)  # no cancellation: the roots are outer/square and -constant/outer
    with np.errstate(divide="ignore", invalid="ignore"):
        far, near = outer / square, np.where(outer == 0, 0.0, -constant / outer)
    far = np.where(square == 0, np.where(half < 0, -np.inf, np.inf), far)
    between = below(np.maximum(far, near)) - below(np.minimum(far, near))
    inside = np.where(square < 0, 1 - between, between)
    return np.where((root2 <= 0) & (square <= 0), 1.0, inside)


def _alphas(alpha: str | np.ndarray, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for a law of alpha; a continuous one's crowd towards 0, where the integrand is steepest."""
    if not isinstance(alpha, str):
        return alpha, np.full(len(alpha), 1 / len(alpha))
    nodes, weights = roots_legendre(points)
    nodes, weights = (nodes + 1) / 2, weights / 2
    end = 1.0 if alpha == "uniform" else 9.0
    values = end * nodes**3
    density = 0.5 if alpha == "uniform" else np.exp(-(values**2) / 2) / np.sqrt(2 * np.pi)
    half = weights * 3 * end * nodes**2 * density
    return np.concatenate([-values, values]), np.concatenate([half, half])


@lru_cache(maxsize=8)
def _sphere(m: int, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Directions, shape (., m), and weights of sum 1: equal angles on a circle, Gauss-Gegenbauer for other axes."""
    if m == 1:
        return np.array([[1.0], [-1.0]]), np.full(2, 0.5)
    if m == 2:
        angles = (np.arange(points) + 0.5) * 2 * np.pi / points
        return np.stack([np.cos(angles), np.sin(angles)], axis=1), np.full(points, 1 / points)
    lower, areas = _sphere(m - 1, points)
    heights, weights = roots_gegenbauer(points // 2, (m - 2) / 2)
    height, first = np.repeat(heights, len(lower)), np.tile(lower, (len(heights), 1))
    directions = np.concatenate([np.sqrt(1 - height**2)[:, None] * first, height[:, None]], axis=1)
    return directions, np.outer(weights / weights.sum(), areas).ravel()
