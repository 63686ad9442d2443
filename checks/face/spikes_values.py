"""The rate exponents of a sweep."""

from __future__ import annotations

import math

import numpy as np

from theory import ProblemError

from .sweep import MOST_VALUES


def rate_values(text: str) -> list[float]:
    """Increasing, between 0 and 1/2: "0.1,0.2,0.4", or "0..0.45:10", 10 at equal distances.

    Raises ProblemError for anything else.
    """
    low, dots, rest = text.partition("..")
    high, _, count = rest.partition(":")
    wrong = ProblemError(f"values = {text!r}; give rate exponents between 0 and 1/2, such as 0.1,0.2,0.4 or 0..0.45:10")
    try:
        ends = [float(part) for part in ((low, high) if dots else text.split(","))]
    except ValueError:
        raise wrong from None
    if dots:
        if not count.strip().isdecimal() or not 2 <= int(count) <= MOST_VALUES:
            raise wrong
        values = np.linspace(ends[0], ends[1], int(count)).round(12).tolist()
    else:
        values = ends
    if not all(math.isfinite(value) and 0 <= value <= 0.5 for value in values) or values != sorted(set(values)):
        raise wrong
    return values
