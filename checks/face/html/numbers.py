"""Numbers and intervals for a reader."""

from __future__ import annotations

from math import isinf

from ...verdict import Interval


def number(value: float, digits: int = 4) -> str:
    """So many significant digits, and a minus sign that is one."""
    if isinf(value):
        return "∞" if value > 0 else "\N{MINUS SIGN}∞"
    text = f"{value:.{digits}g}"
    mantissa, _, power = text.partition("e")
    return (f"{mantissa}e{int(power)}" if power else text).replace("-", "\N{MINUS SIGN}")


def interval(ends: Interval, digits: int = 4) -> str:
    """[lo, hi]."""
    return f"[{number(ends.lo, digits)}, {number(ends.hi, digits)}]"
