"""Subspace conditioning: what a fresh batch reveals once a subspace U has been learned."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from .frame import Directions, expansion_with, frame, read_subspace, subspace_vectors
from .hermite import Expansion
from .hermite.terms import Terms, substitute
from .problem import ProblemError, Target
from .reach import Seen
from .span import Span, Vector, dot, to_matrix

_Grouped = dict[tuple[int, ...], list[Any]]


@dataclass(frozen=True)
class Conditioning:
    """mu_{U,x} = E[grad_perp f*(x + x_perp)] for x in U (arXiv 2305.18270, subspace conditioning).

    basis: orthogonal basis of U, k x m. coordinates: x1..xm, with x = basis @ (x1..xm). mean_gradient: k x 1
    matrix of polynomials in them, orthogonal to U. directions: basis of span{mu_{U,x}: x in U}, k x r.
    """

    basis: sympy.ImmutableMatrix
    coordinates: tuple[sympy.Symbol, ...]
    mean_gradient: sympy.ImmutableMatrix
    directions: sympy.ImmutableMatrix


def subspace_conditioning(target: Target | str, subspace: Directions) -> Conditioning:
    """mu_{U,x} of a polynomial target, exactly. subspace: k x m matrix, sequence of vectors, or None for {0}.

    The coefficient of the first power of y in F(x + y), F the generating polynomial, is mu smoothed over x;
    undoing the smoothing coordinate by coordinate gives mu itself. Raises ProblemError for a target that is
    no polynomial.
    """
    target = target if isinstance(target, Target) else Target(target)
    if target.terms is None:
        raise ProblemError("mu_{U,x} in closed form needs a polynomial target; staircase treats others")
    columns = read_subspace(subspace, target.k)
    series = expansion_with(target, [value for column in columns for value in column])
    inside = subspace_vectors(series.field, columns, target.k)
    view = frame(series, inside)
    m = len(inside)
    coordinates = sympy.symbols(f"x1:{m + 1}", real=True)
    lengths = [series.field.to_sympy(dot(b, b)) for b in inside]
    gradient = sympy.zeros(target.k, 1)
    span = Span(series.field, target.k)
    for j, b in enumerate(view.outside):
        part = {key[:m]: value for key, value in view.terms.items() if key[m:] == _unit(j, len(view.outside))}
        slope = sum(
            (_unsmoothed(k, coordinates, lengths) * series.field.to_sympy(v) for k, v in part.items()),
            sympy.Integer(0),
        )
        column = sympy.Matrix([series.field.to_sympy(value) for value in b])
        gradient += column * slope / series.field.to_sympy(dot(b, b))
    for direction in new_directions(series, inside):
        span.add(_project_out(direction, inside))
    return Conditioning(
        to_matrix(series.field, inside, target.k),
        coordinates,
        sympy.ImmutableMatrix(gradient.applyfunc(sympy.expand)),
        to_matrix(series.field, span.rows, target.k),
    )


def new_directions(series: Expansion, basis: Sequence[Vector], seen: Seen | None = None) -> list[list[Any]]:
    """Vectors that span, together with U, U + span{mu_{U,x}: x in U}; U is spanned by `basis`.

    E[grad f* He_b(x)] over x in U is a coefficient of grad F restricted to U (docs/notes/staircase.md).
    seen: orders |b| the student is able to follow; None for all.
    """
    rows = [[(j, b[i]) for j, b in enumerate(basis) if b[i] != 0] for i in range(series.k)]
    zero = series.field.from_sympy(sympy.Integer(0))
    found: _Grouped = {}
    for i, part in enumerate(series.gradient):
        for key, value in _restrict(part, rows, len(basis)).items():
            found.setdefault(key, [zero] * series.k)[i] = value
    orders = {sum(key) for key in found}
    allowed = {order for order in orders if seen is None or seen(order)}
    return [vector for key, vector in sorted(found.items()) if sum(key) in allowed]


def _restrict(part: Terms, rows: list[list[tuple[int, Any]]], dimension: int) -> Terms:
    if dimension == 0:
        constant = [value for key, value in part.items() if not any(key)]
        return dict.fromkeys([()], constant[0]) if constant else {}
    return {key[:dimension]: value for key, value in substitute(part, rows).items()}


def _unit(index: int, length: int) -> tuple[int, ...]:
    return tuple(int(i == index) for i in range(length))


def _unsmoothed(key: tuple[int, ...], symbols: Sequence[sympy.Symbol], lengths: Sequence[sympy.Expr]) -> sympy.Expr:
    """The polynomial whose Gaussian smoothing is x^key: a product of He in the normed coordinates |b| x."""
    result = sympy.Integer(1)
    for power, x, length in zip(key, symbols, lengths, strict=True):
        norm = sympy.sqrt(length)
        previous, current = sympy.Integer(0), sympy.Integer(1)
        for j in range(power):
            previous, current = current, norm * x * current - j * previous
        result *= current / norm**power
    return sympy.expand(result)


def _project_out(vector: Sequence[Any], basis: Sequence[Vector]) -> tuple[Any, ...]:
    rest = tuple(vector)
    for b in basis:
        factor = dot(rest, b) / dot(b, b)
        rest = tuple(x - factor * y for x, y in zip(rest, b, strict=True))
    return rest
