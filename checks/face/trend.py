"""How cosines change along a sweep: exponents in the swept size, overall and from each value to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..verdict import Interval, median_interval, sample_median, slope_interval, slope_weights
from .directions import LEVEL, Cell, Summary
from .lines import finite


@dataclass(frozen=True)
class Trend:
    """The exponent e in cosine ~ size^e of one direction after the last step.

    sizes: the swept values, increasing. theory: e, or None where theory has no statement. overall: least squares over
    all sizes; local: from each size to the next. The 95 % intervals of all directions hold together.
    """

    direction: str
    sizes: tuple[int, ...]
    theory: float | None
    overall: Cell
    local: tuple[Cell, ...]

    def to_json(self) -> dict[str, Any]:
        """One of the directions in the JSON line that ends a sweep."""
        return {
            "direction": self.direction,
            "theory": self.theory,
            "overall": [finite(value) for value in self.overall],
            "local": [[finite(value) for value in cell] for cell in self.local],
        }


def trends(summaries: Sequence[Summary], name: str) -> tuple[Trend, ...]:
    """One Trend a direction, for a sweep over `name` ("d" or "n") in increasing order; none for a single size."""
    sizes = tuple(s.run.setting.regime.d if name == "d" else s.run.setting.n for s in summaries)
    if len(sizes) < 2:
        return ()
    return tuple(_trend(summaries, i, sizes, name) for i in range(len(summaries[0].names)))


def _trend(summaries: Sequence[Summary], index: int, sizes: tuple[int, ...], name: str) -> Trend:
    columns = [summary.sizes(index)[:, -1] for summary in summaries]
    log_size, medians = np.log(sizes), np.log([sample_median(column) for column in columns])
    share = LEVEL / (len(sizes) * len(summaries[0].names))
    slopes = slope_interval(list(log_size), [_log(median_interval(column, share)) for column in columns])
    with np.errstate(invalid="ignore"):  # between two sizes where most runs diverged there is no slope: NaN
        steps = np.diff(medians) / np.diff(log_size)
        overall = float(slope_weights(log_size) @ medians)
    return Trend(
        summaries[0].names[index],
        sizes,
        summaries[0].exponents[index] if name == "d" else None,
        Cell(overall, slopes.overall.lo, slopes.overall.hi),
        tuple(Cell(float(e), part.lo, part.hi) for e, part in zip(steps, slopes.local, strict=True)),
    )


def _log(interval: Interval) -> Interval:
    """Of positive numbers."""
    with np.errstate(divide="ignore"):
        lo, hi = np.log(np.maximum([interval.lo, interval.hi], 0.0))
    return Interval(lo, hi)


def heads(trend: Trend) -> tuple[str, ...]:
    """The columns of a table of trends."""
    return ("direction", "theory", "overall", *(f"{low}..{high}" for low, high in pairwise(trend.sizes)))


def row(trend: Trend) -> tuple[str, ...]:
    """The cells under `heads`."""
    theory = "-" if trend.theory is None else f"{trend.theory:g}"
    cells = (f"{c.estimate:.3f} [{c.low:.3f}, {c.high:.3f}]" for c in (trend.overall, *trend.local))
    return (trend.direction, theory, *cells)
