"""Leap index, information exponent, and Abbe et al.'s leap complexity."""

import math
from collections.abc import Sequence
from typing import Any

from .frame import expansion_with, frame
from .hermite import Expansion, expansion
from .hermite.coefficients import coefficient_balls
from .hermite.expansion import ORDER
from .problem import Activation, ProblemError, Target
from .problem.scalars import number
from .problem.target import coordinate
from .span import Span, orthogonalize, unit_vectors
from .symmetry import is_constant_along


def leap_index(target: Target | str, direction: Sequence[Any] | None = None) -> int | float:
    """l = min{k >= 1: C_k != 0} (arXiv 2305.18270); math.inf for a constant.

    direction: a vector v of length k, not necessarily of norm one; then min{k: C_k contracted with v != 0}.
    Raises ProblemError for a zero or misshapen direction, and where a target that is no polynomial shows no
    nonzero coefficient up to the order kept.
    """
    target = target if isinstance(target, Target) else Target(target)
    if direction is None:
        series = expansion(target)
        return _first(series, [order for order in series.orders() if order >= 1])
    vector = [number(value, "a component of the direction") for value in direction]
    if len(vector) != target.k or all(value == 0 for value in vector):
        raise ProblemError(f"direction {tuple(direction)}: give {target.k} numbers, not all zero")
    series = expansion_with(target, vector)
    slope: dict[tuple[int, ...], Any] = {}
    for component, part in zip(vector, series.gradient, strict=True):
        for key, value in part.items():
            term = series.field.from_sympy(component) * value
            slope[key] = slope[key] + term if key in slope else term
    return _first(series, sorted(sum(key) + 1 for key, value in slope.items() if not series.field.is_zero(value)))


def _first(series: Expansion, orders: list[int]) -> int | float:
    if orders:
        return orders[0]
    if series.complete:
        return math.inf
    raise ProblemError(f"no coefficient above the numerical error up to Hermite order {series.order}")


def information_exponent(function: Target | Activation | str) -> int | float:
    """The smallest k >= 1 with a nonzero Hermite coefficient: of f*, where it equals the leap index, or of sigma."""
    if not isinstance(function, Activation):
        return leap_index(function)
    u = function.symbol
    if function.expr.is_polynomial(u):
        return leap_index(Target(function.expr.subs(u, coordinate(1)), k=1))
    balls = coefficient_balls(function.expr, u, ORDER + 1)
    for order, value in enumerate(balls[1:], start=1):
        if not value.contains(0):
            return order
    raise ProblemError(f"no coefficient above the numerical error up to Hermite order {ORDER}")


def leap_complexity(target: Target | str) -> int | float:
    """Abbe et al.'s Leap (arXiv 2302.11055) in its rotation-invariant form: the largest conditional leap.

    From U = {0}: the lowest degree j >= 1 in the coordinates outside U that f* holds is the leap at U; its
    directions (the column space of that part) join U; repeat until f* depends on nothing outside U. 0 for a
    constant. Raises ProblemError for a target that is no polynomial and shows nothing more up to the order kept,
    although it is not known to be constant along what is left.
    """
    target = target if isinstance(target, Target) else Target(target)
    series = expansion(target)
    span = Span(series.field, target.k)
    largest = 0
    while step := conditional_leap(series, span):
        leap, directions = step
        largest = max(largest, leap)
        for direction in directions:
            span.add(direction)
    if not series.complete:
        outside = orthogonalize(
            series.field, unit_vectors(series.field, target.k), orthogonalize(series.field, span.rows)
        )
        if not all(is_constant_along(target, series, direction) for direction in outside):
            raise ProblemError(
                f"no coefficient above the numerical error beyond leap {largest} up to Hermite order {series.order}"
            )
    return largest


def conditional_leap(series: Expansion, span: Span) -> tuple[int, list[tuple[Any, ...]]] | None:
    """(lowest positive degree outside the span, the directions of that part); None if f* depends on nothing there."""
    inside = orthogonalize(series.field, span.rows)
    view = frame(series, inside)
    degrees = {view.outer_degree(k) for k, v in view.terms.items() if not series.field.is_zero(v)} - {0}
    if not degrees:
        return None
    leap, m = min(degrees), len(inside)
    columns: dict[tuple[int, ...], dict[int, Any]] = {}
    for key, value in view.terms.items():
        if view.outer_degree(key) == leap:
            for j in range(m, len(key)):
                if key[j]:
                    rest = (*key[:j], key[j] - 1, *key[j + 1 :])
                    columns.setdefault(rest, {})[j - m] = value * key[j]
    return leap, [_combine(view.outside, parts, series) for parts in columns.values()]


def _combine(outside: Sequence[tuple[Any, ...]], parts: dict[int, Any], series: Expansion) -> tuple[Any, ...]:
    """sum_j parts[j] outside[j] / |outside[j]|^2: a derivative in coordinate j is a covector along b_j / |b_j|^2."""
    total = [series.field.from_sympy(number(0, "zero"))] * series.k
    for j, value in parts.items():
        b = outside[j]
        factor = value / sum((x * x for x in b[1:]), b[0] * b[0])
        total = [t + factor * x for t, x in zip(total, b, strict=True)]
    return tuple(total)
