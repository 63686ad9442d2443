"""Floors of any target in at most three coordinates by quadrature, with estimated errors.

Coordinates t = R^T z, the first m along U. Integrands are cut where kinks lie on planes; the rest is trapezoidal.
"""

from collections.abc import Iterator
from itertools import combinations, product
from math import comb
from typing import TYPE_CHECKING

import sympy

from ..fresh.axes import product as product_rule
from ..fresh.axes import trapezoidal
from ..fresh.functions import function
from ..fresh.panels import panels
from ..problem import ProblemError, Target

if TYPE_CHECKING:
    import numpy as np

MAX_COORDINATES = 3
MAX_PROJECTIONS = 300  # Hermite polynomials in the outside coordinates
_SPACING = {1: 1 / 64, 2: 1 / 24, 3: 1 / 10}  # without kinks
_ROUGH = {1: 1 / 128, 2: 1 / 64, 3: 1 / 10}  # with kinks that are not followed
_NODES = {1: 40, 2: 48, 3: 16}  # of a panel


def estimated_floors(target: Target, degrees: list[int], basis: list[list[sympy.Expr]]) -> list[tuple[float, float]]:
    """[(floor, estimated error)]: ten times the change from a rule two thirds as fine; basis: orthogonal, spans U.

    Raises ProblemError beyond three coordinates that f* or U touches, and for too many projections.
    """
    import numpy as np

    used = [i for i, z in enumerate(target.symbols) if target.expr.has(z) or any(v[i] != 0 for v in basis)]
    if len(used) > MAX_COORDINATES:
        raise ProblemError(
            f"f* and U touch {len(used)} coordinates; floors are integrated numerically up to {MAX_COORDINATES}"
        )
    outside = len(used) - len(basis)
    if comb(outside + max(degrees), outside) > MAX_PROJECTIONS:
        raise ProblemError(f"kappa = {max(degrees)} asks for more than {MAX_PROJECTIONS} projections on a grid")
    columns = np.array([[float(v[i]) for i in used] for v in basis]).reshape(len(basis), len(used)).T
    frame = np.linalg.qr(np.hstack([columns, np.eye(len(used))]))[0][:, : len(used)]
    frame = np.where(np.abs(frame) < 1e-14, 0.0, frame)
    symbols = [target.symbols[i] for i in used]
    fine, coarse = (_floors(target, symbols, frame, len(basis), max(degrees), step) for step in (1.0, 1.5))
    slack = 1e-12 * (1 + fine[0])  # rounding of sums of some million terms, far from felt in practice
    return [(max(fine[1][j], 0.0), 10 * abs(fine[1][j] - coarse[1][j]) + slack) for j in degrees]


def _floors(
    target: Target, symbols: list[sympy.Symbol], frame: "np.ndarray", m: int, degree: int, step: float
) -> "tuple[float, list[float]]":
    """(E f*^2, floors at degrees 0 .. degree) by one rule; frame: orthonormal columns, the first m along U."""
    import numpy as np

    call, total = function(target.expr, symbols), 0.0
    keys = [key for key in product(range(degree + 1), repeat=len(symbols) - m) if sum(key) <= degree]
    energies, whole = np.zeros(degree + 1), np.zeros(len(keys))
    for nodes, weights in _nodes(_planes(target.expr, symbols, frame), len(symbols), step):
        weighted = weights * (values := call(*(nodes @ frame.T).T))
        total += float(weighted @ values)
        hermite = [_hermite(nodes[:, i], degree) for i in range(m, len(symbols))]
        starts = _starts(nodes[:, :m])
        mass = np.add.reduceat(weights, starts)
        for index, key in enumerate(keys):
            factor = np.prod([h[n] for h, n in zip(hermite, key, strict=True)], axis=0)
            sums = np.add.reduceat(weighted * factor, starts)
            if m == 0:
                whole[index] += sums[0]
            else:
                energies[sum(key)] += float(np.sum(sums**2 / mass))
    for index, key in enumerate(keys if m == 0 else []):
        energies[sum(key)] += whole[index] ** 2
    return total, [float(value) for value in total - np.cumsum(energies)]


def _hermite(x: "np.ndarray", degree: int) -> "list[np.ndarray]":
    """He_j(x) / sqrt(j!) for j <= degree."""
    import numpy as np

    values = [np.ones_like(x), x]
    for j in range(1, degree):
        values.append((x * values[j] - np.sqrt(j) * values[j - 1]) / np.sqrt(j + 1))
    return values[: degree + 1]


def _starts(inside: "np.ndarray") -> "np.ndarray":
    """Where a new point of U begins in nodes that are sorted by it."""
    import numpy as np

    changed = np.any(inside[1:] != inside[:-1], axis=1)
    return np.concatenate([[0], 1 + np.nonzero(changed)[0]])


def _planes(expr: sympy.Expr, symbols: list[sympy.Symbol], frame: "np.ndarray") -> "np.ndarray | None":
    """Kinks and jumps as rows (normal in t, offset); None where one may lie on no plane."""
    import numpy as np

    arguments = [part.args[0] for part in expr.atoms(sympy.Abs, sympy.sign)]
    for part in expr.atoms(sympy.Max, sympy.Min):
        arguments += [a - b for a, b in combinations(part.args, 2)]
    rows = []
    for argument in arguments:
        if not argument.is_polynomial(*symbols):
            return None
        for factor, _ in sympy.factor_list(argument, *symbols)[1]:
            plane = sympy.Poly(factor, *symbols)
            roots = _axis_roots(plane)
            if plane.total_degree() == 1:
                slopes = np.array([float(plane.coeff_monomial(z)) for z in symbols])
                rows.append([*(slopes @ frame), -float(plane.coeff_monomial(1))])
            elif roots is not None:
                index, values = roots
                rows += [[*frame[index], value] for value in values]
            else:
                return None
    found = np.array(rows).reshape(len(rows), len(symbols) + 1)
    return np.where(np.abs(found) < 1e-13, 0.0, found)


def _axis_roots(poly: sympy.Poly) -> "tuple[int, list[float]] | None":
    """(index, real roots) of a polynomial in one of its generators; None where it holds several."""
    held = [i for i, power in enumerate(poly.degree_list()) if power]
    if len(held) != 1:
        return None
    return held[0], [float(root) for root in sympy.Poly(poly.as_expr(), poly.gens[held[0]]).nroots() if root.is_real]


def _nodes(planes: "np.ndarray | None", k: int, step: float) -> "Iterator[tuple[np.ndarray, np.ndarray]]":
    """Blocks of nodes (N, k), sorted by their first coordinates, and weights (N,)."""
    import numpy as np

    count = round(_NODES[k] / step)
    smooth = planes is None or not len(planes)
    axis = trapezoidal((_ROUGH if planes is None else _SPACING)[k] * step)
    if k < MAX_COORDINATES:
        yield product_rule([axis] * k) if smooth or planes is None else panels(planes[:, :-1], planes[:, -1], count)
        return
    outer = axis
    if planes is not None and not smooth:
        breaks = _outer_breaks(planes)
        nodes, weights = panels(np.ones((len(breaks), 1)), breaks, count)
        outer = nodes[:, 0], weights
    for x, w in zip(*outer, strict=True):
        if planes is None or smooth:
            inner, inner_weights = product_rule([axis] * 2)
        else:
            slanted = planes[np.any(planes[:, 1:3], axis=1)]
            inner, inner_weights = panels(slanted[:, 1:3], slanted[:, 3] - x * slanted[:, 0], count)
        yield np.column_stack([np.full(len(inner), x), inner]), w * inner_weights


def _outer_breaks(planes: "np.ndarray") -> "np.ndarray":
    """First coordinates at which the lines that planes (normal, offset) leave in the other two change their pattern.

    Planes across the first axis, pairs of parallel lines that coincide, and points where three planes meet.
    """
    import numpy as np

    found = [row[3] / row[0] for row in planes if not np.any(row[1:3])]
    lines = [row / np.linalg.norm(row[1:3]) for row in planes if np.any(row[1:3])]
    for first, second in combinations(lines, 2):
        if abs(first[1] * second[2] - first[2] * second[1]) < 1e-12:
            sign = np.sign(first[1] * second[1] + first[2] * second[2])
            if abs(slope := first[0] - sign * second[0]) > 1e-12:
                found.append((first[3] - sign * second[3]) / slope)
    for rows in combinations(lines, 3):
        matrix = np.array(rows)
        if abs(np.linalg.det(matrix[:, :3])) > 1e-12:
            found.append(np.linalg.solve(matrix[:, :3], matrix[:, 3])[0])
    return np.array(found)
