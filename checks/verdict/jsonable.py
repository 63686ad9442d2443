"""Numbers and intervals as JSON, which has no infinities and no NaN."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from .interval import Interval


def encode(value: Any) -> Any:
    """Infinities and NaN become the strings that float() reads back, intervals pairs, tuples lists."""
    if isinstance(value, Interval):
        return [encode(value.lo), encode(value.hi)]
    if isinstance(value, float):
        return float(value) if isfinite(value) else str(float(value))
    return list(value) if isinstance(value, tuple) else value


def number(value: Any) -> float:
    """The inverse for a number; ValueError or TypeError for anything else."""
    if isinstance(value, bool) or (isinstance(value, str) and value not in ("inf", "-inf", "nan")):
        raise ValueError(f"{value!r} is not a number")
    return float(value)


def numbers(record: Mapping[str, Any]) -> dict[str, float]:
    """The numbers that a verdict and a component have in common."""
    return {name: number(record[name]) for name in ("estimate", "prediction", "margin", "bias", "alpha")}


def interval(ends: Any) -> Interval:
    """The inverse for an interval."""
    lo, hi = ends
    return Interval(number(lo), number(hi))
