"""Directions along which a target is constant: no staircase ever has to reach them."""

import sympy

from ..hermite import Expansion
from ..problem import Target
from ..span import Span, Vector, orthogonalize, unit_vectors
from ..symmetry import is_constant_along


def constant_directions(target: Target, series: Expansion) -> list[Vector]:
    """An orthogonal basis of the directions f* is constant along: all of them for polynomials.

    For others: those of the coordinate axes, and of the normals to the gradient's low-order coefficients, that the
    written form shows.
    """
    units = unit_vectors(series.field, series.k)
    span = Span(series.field, series.k)
    for key in sorted({key for part in series.gradient for key in part}):
        zero = series.field.from_sympy(sympy.Integer(0))
        span.add([part.get(key, zero) for part in series.gradient])
    normal = orthogonalize(series.field, units, orthogonalize(series.field, span.rows))
    if series.complete:
        return normal
    proven = [v for v in normal if is_constant_along(target, series, v)]
    known = Span(series.field, series.k)
    for vector in proven:
        known.add(vector)
    axes = [v for v, z in zip(units, target.symbols, strict=True) if not target.expr.has(z)]
    return [*proven, *orthogonalize(series.field, [v for v in axes if known.add(v)], proven)]
