"""One level of the reuse staircase: the span of the moments E[y^m He_b(u_U) u_perp], and that of second moments."""

from collections.abc import Sequence
from typing import Any

from ..conditioning import new_directions
from ..hermite import Expansion
from ..hermite.terms import Terms, add_to, derivative
from ..span import Span, Vector, orthogonalize, unit_vectors
from .parity import Student
from .powers import Powers


def grow_first(powers: Powers, span: Span, basis: Sequence[Vector], student: Student, most: int) -> list[Vector]:
    """Enlarge `span`, which holds U = span(basis), by E[u_perp | y, u_U] up to dimension `most`; the new directions.

    E[y^m He_b(u_U) u_perp] is, up to a factor b! and a part in U, a coefficient of the gradient of the generating
    polynomial of y^m on U (docs/notes/reuse_staircase.md, item 2).
    """
    before, m = len(span), 0
    while len(span) < most and (series := powers.expanded(m := m + 1)) is not None:
        for vector in new_directions(series, basis, lambda order, m=m: student.first(m, order)):  # type: ignore[misc]
            if len(span) < most:
                span.add(vector)
    return _added(powers.first, span, basis, before)


def grow_second(powers: Powers, span: Span, basis: Sequence[Vector], student: Student, most: int) -> list[Vector]:
    """The same with the ranges of E[u_perp u_perp^T - I | y, u_U]: images of an orthogonal basis of U's complement."""
    before, m = len(span), 0
    outside = orthogonalize(span.field, unit_vectors(span.field, span.k), basis)
    while len(span) < most and (series := powers.expanded(m := m + 1)) is not None:
        for axis in outside:
            seen = lambda order, m=m: student.second(m, order)  # noqa: E731
            for vector in new_directions(along(series, axis), basis, seen):
                if len(span) < most:
                    span.add(vector)
    return _added(powers.first, span, basis, before)


def along(series: Expansion, axis: Vector) -> Expansion:
    """The derivative of the generating polynomial in the direction `axis`."""
    terms: Terms = {}
    for i, component in enumerate(axis):
        if not _exact_zero(component):
            for key, value in derivative(series.terms, i).items():
                add_to(terms, key, value * component)
    return Expansion(series.k, terms, series.field, series.order, series.complete, series.certified)


def has_moment(powers: Powers, order: int) -> bool | None:
    """Whether E[F(y) He_b(u)] != 0 for some F and |b| = order: True, None (not seen), False if proven to vanish."""
    m, exact = 0, powers.exhaustive
    while (series := powers.expanded(m := m + 1)) is not None:
        for key, value in series.terms.items():
            if sum(key) == order:
                if not series.field.is_zero(value):
                    return True
                exact = False
    return False if exact and powers.exhaustive else None


def _added(series: Expansion, span: Span, basis: Sequence[Vector], before: int) -> list[Vector]:
    if len(span) == before:
        return []
    candidates = span.rows
    if len(span) == series.k and series.field.exact:
        candidates = unit_vectors(series.field, series.k)
    return orthogonalize(series.field, candidates, basis)[: len(span) - before]


def _exact_zero(value: Any) -> bool:
    return bool(value == 0)
