"""E[E[u^2 - 1 | y]^2] of an even link y = g(u): sums over preimages, integrated between critical values."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import sympy

from ..hermite.evaluate import evaluate
from ..hermite.forms import canonical
from ..hermite.quadrature import _functions
from ..problem import ProblemError, Target

_END = 12.0  # the Gaussian mass beyond is below 1e-32
_GRID = 24_001
_NODES = (150, 350)
_BISECTIONS = 60
_FLAT, _NEAR_ENDS = 1e-6, 0.02
_SAME, _HUGE = 1e-10, 1e3  # critical values this close are one; a longer piece is the last one of a growing g


def largest_of_even_link(target: Target) -> tuple[float, float]:
    """(norm, estimated error); raises ProblemError for what is no even, continuous function of one coordinate."""
    used = [z for z in target.symbols if target.expr.has(z)]
    expr = canonical(target.expr)
    if len(used) != 1 or expr.has(sympy.sign):
        raise ProblemError(
            "alpha_c is computed for continuous functions of one coordinate, for finitely many values, and for some "
            "quadratic forms"
        )
    x = used[0]
    if sympy.expand(canonical(target.expr.subs(x, -x)) - expr) != 0:
        raise ProblemError("alpha_c of one coordinate is computed for even functions")
    slope = expr.subs(sympy.Abs(x), x).diff(x)  # on the positive half line
    g, dg = _function(expr.subs(sympy.Abs(x), x), x), _function(slope, x)
    edges = _monotone_pieces(dg)
    coarse, fine = (_mean_square(g, dg, edges, nodes) for nodes in _NODES)
    return fine, 3 * abs(fine - coarse) + 1e-12


def _function(expr: sympy.Expr, x: sympy.Symbol) -> Callable[[Any], Any]:
    import numpy as np

    return lambda values: evaluate(expr, {x: values}, _functions(), float) + np.zeros_like(values)


def _monotone_pieces(dg: Callable[[Any], Any]) -> list[float]:
    """0, the points where g' changes sign, and the end; refuses a g that is constant on an interval."""
    import numpy as np

    grid = np.linspace(0.1234567e-4, _END, _GRID)[:-1]  # no critical point of a usual link lies on it
    slopes = dg(grid)
    if np.any((slopes[1:] == 0) & (slopes[:-1] == 0) & (grid[1:] < 1)):
        raise ProblemError("the target is constant on an interval: its label has an atom")
    found = [0.0]
    for i in np.flatnonzero(np.sign(slopes[:-1]) * np.sign(slopes[1:]) < 0):
        found.append(_bisect(dg, np.array([grid[i]]), np.array([grid[i + 1]]), np.zeros(1))[0])
    return [*map(float, found), _END]


def _mean_square(g: Callable[[Any], Any], dg: Callable[[Any], Any], edges: list[float], nodes: int) -> float:
    """The integral over y of (sum_i w_i (t_i^2 - 1))^2 / sum_i w_i, w = 2 phi / |g'| at the preimages t_i > 0.

    y runs through each interval between neighbouring critical values once, by way of its first preimage t, with
    t = middle + half sin(theta), which takes away the root singularities at both ends.
    """
    import numpy as np

    values = g(np.array(edges))
    theta, weight = np.polynomial.legendre.leggauss(nodes)
    theta, weight = theta * np.pi / 2, weight * np.pi / 2
    total = 0.0
    for piece, (a, b) in enumerate(pairwise(edges)):
        cuts = _cuts(g, a, b, values[piece], values[piece + 1], values)
        for left, right in pairwise(cuts):
            t = (left + right) / 2 + (right - left) / 2 * np.sin(theta)
            others = _preimages(g, g(t), edges, values)
            if any(index < piece for index, _ in others):
                continue
            preimages = [t, *[s for index, s in others if index > piece]]
            density = [2 * _phi(s) / np.maximum(np.abs(dg(s)), 1e-300) for s in preimages]
            second = sum(w * (s**2 - 1) for w, s in zip(density, preimages, strict=True))
            integrand = second**2 / np.maximum(sum(density), 1e-300) * np.abs(dg(t))
            slopes = np.min([np.abs(dg(s)) / np.max(np.abs(dg(s))) for s in preimages], axis=0)
            good = (slopes > _FLAT) | (np.abs(theta) < np.pi / 2 - _NEAR_ENDS) | (len(preimages) == 1)
            if np.any(good):  # near a critical value preimages are not resolved; the integrand is continuous there
                integrand = np.interp(theta, theta[good], integrand[good])
            total += float(np.sum(integrand * weight * np.cos(theta)) * (right - left) / 2)
    return total


def _cuts(g: Callable[[Any], Any], a: float, b: float, one: float, other: float, values: Any) -> list[float]:
    """a, b, and between them the preimages of critical values, equal ones counted once."""
    import numpy as np

    near = _SAME * (1 + abs(one) + abs(other)) if abs(other - one) < _HUGE else 0.0
    levels: list[float] = []
    for value in sorted(v for v in values if min(one, other) + near < v < max(one, other) - near):
        if not levels or value - levels[-1] > near:
            levels.append(value)
    inner = _bisect(g, np.full(len(levels), a), np.full(len(levels), b), np.array(levels)) if levels else np.zeros(0)
    return [a, *sorted(map(float, inner)), b]


def _preimages(g: Callable[[Any], Any], y: Any, edges: list[float], values: Any) -> list[tuple[int, Any]]:
    """(piece, points) for every monotone piece that takes the values y; they lie between critical values."""
    import numpy as np

    middle = float(np.median(y))
    found = []
    for index, (a, b) in enumerate(pairwise(edges)):
        if _between(middle, values[index], values[index + 1]):
            found.append((index, _bisect(g, np.full(len(y), a), np.full(len(y), b), y)))
    return found


def _between(value: float, one: float, other: float) -> bool:
    return bool(min(one, other) < value < max(one, other))


def _bisect(g: Callable[[Any], Any], left: Any, right: Any, level: Any) -> Any:
    """The point in (left, right) where the monotone g takes the value `level`."""
    import numpy as np

    rising = g(right) > g(left)
    for _ in range(_BISECTIONS):
        middle = (left + right) / 2
        below = (g(middle) < level) == rising
        left, right = np.where(below, middle, left), np.where(below, right, middle)
    return (left + right) / 2


def _phi(t: Any) -> Any:
    import numpy as np

    return np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi)
