"""Spans of vectors over an exact field or over balls, kept in reduced echelon form."""

from collections.abc import Sequence
from typing import Any

import sympy

from .hermite.field import Field

Vector = tuple[Any, ...]


class Span:
    """The span of the vectors added so far, in R^k. No floating-point rank decision: the field says what is zero."""

    def __init__(self, field: Field, k: int) -> None:
        self.field = field
        self.k = k
        self.zero = field.from_sympy(sympy.Integer(0))
        self.rows: list[Vector] = []  # reduced: 1 at its own pivot, 0 at the pivots of the others
        self.pivots: list[int] = []

    def __len__(self) -> int:
        return len(self.rows)

    def reduce(self, vector: Sequence[Any]) -> Vector:
        """`vector` minus its part along the rows, zero at their pivots."""
        result = list(vector)
        for pivot, row in zip(self.pivots, self.rows, strict=True):
            factor = result[pivot]
            if not self.field.is_zero(factor):
                result = [a - factor * b for a, b in zip(result, row, strict=True)]
            result[pivot] = self.zero
        return tuple(result)

    def add(self, vector: Sequence[Any]) -> bool:
        """Add a vector; True if the span grew."""
        rest = self.reduce(vector)
        candidates = [i for i, value in enumerate(rest) if not self.field.is_zero(value)]
        if not candidates:
            return False
        pivot = max(candidates, key=lambda i: self.field.size(rest[i]))
        row = tuple(value / rest[pivot] if i != pivot else self.one for i, value in enumerate(rest))
        self.rows = [self._clear(old, row, pivot) for old in self.rows]
        self.rows.append(row)
        self.pivots.append(pivot)
        return True

    def _clear(self, old: Vector, row: Vector, pivot: int) -> Vector:
        factor = old[pivot]
        return tuple(self.zero if i == pivot else a - factor * b for i, (a, b) in enumerate(zip(old, row, strict=True)))

    @property
    def one(self) -> Any:
        """The field's 1."""
        return self.field.from_sympy(sympy.Integer(1))


def orthogonalize(field: Field, vectors: Sequence[Vector], against: Sequence[Vector] = ()) -> list[Vector]:
    """Gram-Schmidt without square roots: orthogonal vectors, orthogonal to `against` (itself orthogonal).

    What vanishes is dropped, so unit vectors against a basis of U give a basis of its complement.
    """
    done: list[Vector] = list(against)
    for vector in vectors:
        rest = vector
        for other in done:
            factor = dot(rest, other) / dot(other, other)
            rest = tuple(a - factor * b for a, b in zip(rest, other, strict=True))
        if not all(field.is_zero(value) for value in rest):
            done.append(_primitive(field, rest))
    return done[len(against) :]


def unit_vectors(field: Field, k: int) -> list[Vector]:
    """The standard basis of R^k."""
    one, zero = field.from_sympy(sympy.Integer(1)), field.from_sympy(sympy.Integer(0))
    return [tuple(one if i == j else zero for i in range(k)) for j in range(k)]


def dot(a: Vector, b: Vector) -> Any:
    """The inner product."""
    total = a[0] * b[0]
    for x, y in zip(a[1:], b[1:], strict=True):
        total = total + x * y
    return total


def to_matrix(field: Field, vectors: Sequence[Vector], k: int) -> sympy.ImmutableMatrix:
    """The vectors as columns of a k x len(vectors) sympy matrix."""
    columns = [[field.to_sympy(value) for value in vector] for vector in vectors]
    return sympy.ImmutableMatrix(k, len(columns), lambda i, j: columns[j][i])


def _primitive(field: Field, vector: Vector) -> Vector:
    """A rational vector scaled to coprime integers, first nonzero entry positive; others are left alone."""
    if not field.exact:
        return vector
    entries = [field.to_sympy(value) for value in vector]
    if not all(entry.is_Rational for entry in entries):
        return vector
    denominator = sympy.ilcm(1, *[entry.q for entry in entries])
    divisor = sympy.igcd(0, *[entry.p * (denominator // entry.q) for entry in entries])
    sign = next(1 if entry > 0 else -1 for entry in entries if entry != 0)
    return tuple(field.from_sympy(entry * denominator / divisor * sign) for entry in entries)
