"""A target seen from a subspace U: its expansion in coordinates (x in U, y in the complement)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import factorial, prod
from typing import Any, TypeAlias

import sympy

from .hermite import Expansion, expansion
from .hermite.field import Field, coefficient_field
from .hermite.terms import Terms, substitute
from .problem import ProblemError, Target
from .problem.scalars import number
from .span import Span, Vector, dot, orthogonalize, unit_vectors

Directions: TypeAlias = sympy.MatrixBase | Sequence[Sequence[Any]] | None


@dataclass(frozen=True)
class Frame:
    """The generating polynomial in an orthogonal basis `inside` + `outside` of R^k, s = sum_i x_i b_i."""

    terms: Terms
    inside: tuple[Vector, ...]
    outside: tuple[Vector, ...]
    field: Field

    def outer_degree(self, key: tuple[int, ...]) -> int:
        """Degree of a monomial in the coordinates outside U."""
        return sum(key[len(self.inside) :])

    def energies(self) -> dict[int, Any]:
        """{j: ||f*_j||^2}, f*_j the part of Hermite degree j in the outside coordinates.

        With t_i = |b_i| x_i orthonormal, sum c_a x^a has norm^2 sum a! c_a^2 prod |b_i|^(-2 a_i).
        """
        lengths = [dot(b, b) for b in (*self.inside, *self.outside)]
        result: dict[int, Any] = {}
        for key, value in self.terms.items():
            weight = value * value * prod(factorial(e) for e in key)
            for length, power in zip(lengths, key, strict=True):
                if power:
                    weight = weight / length**power
            degree = self.outer_degree(key)
            result[degree] = result[degree] + weight if degree in result else weight
        return result


def frame(series: Expansion, inside: Sequence[Vector]) -> Frame:
    """`series` seen from the span of the orthogonal vectors `inside`."""
    outside = orthogonalize(series.field, unit_vectors(series.field, series.k), inside)
    basis = [*inside, *outside]
    rows = [[(j, b[i]) for j, b in enumerate(basis) if not _exact_zero(b[i])] for i in range(series.k)]
    return Frame(substitute(series.terms, rows), tuple(inside), tuple(outside), series.field)


def _exact_zero(value: Any) -> bool:
    return bool(value == 0)


def expansion_with(target: Target, extra: Iterable[sympy.Expr]) -> Expansion:
    """`target`'s expansion over a field that also holds the numbers `extra`."""
    numbers = list(extra)
    if target.terms is None or all(value.is_Rational for value in numbers):
        return expansion(target)
    field = coefficient_field([*target.terms.values(), *numbers])
    plain = expansion(target)
    terms = {key: field.from_sympy(plain.field.to_sympy(value)) for key, value in plain.terms.items()}
    return Expansion(plain.k, terms, field, plain.order, True, True)


def read_subspace(directions: Directions, k: int) -> list[list[sympy.Expr]]:
    """The columns of a k x m matrix (or a sequence of m vectors of length k) as exact numbers.

    Raises ProblemError for another shape; None is the zero subspace.
    """
    if directions is None:
        return []
    if isinstance(directions, sympy.MatrixBase):
        if directions.rows != k:
            raise ProblemError(f"the subspace has vectors of length {directions.rows}, the target k = {k}")
        columns: list[list[Any]] = [list(directions[:, j]) for j in range(directions.cols)]
    else:
        columns = [list(vector) for vector in directions]
    for column in columns:
        if len(column) != k:
            raise ProblemError(f"the subspace has a vector of length {len(column)}, the target k = {k}")
    return [[number(value, "a component of the subspace") for value in column] for column in columns]


def subspace_vectors(field: Field, columns: list[list[sympy.Expr]], k: int) -> list[Vector]:
    """An orthogonal basis of the span of `columns`. Raises ProblemError where they are linearly dependent."""
    span = Span(field, k)
    vectors = [tuple(field.from_sympy(value) for value in column) for column in columns]
    if sum(span.add(vector) for vector in vectors) < len(vectors):
        raise ProblemError("the vectors of the subspace are linearly dependent; give a basis")
    return orthogonalize(field, vectors)
