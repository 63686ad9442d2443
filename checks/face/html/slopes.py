"""Local slopes of the exponents of a verdict, from the medians that it keeps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...verdict import ComponentRecord, Interval, Rung, slope_interval

_STRETCH = re.compile(r", d = [^,]*\.\.[^,]*$")


@dataclass(frozen=True)
class Stretch:
    """The slope between neighbouring sizes: of the medians, its interval, and as predicted."""

    low: float
    high: float
    slope: float
    interval: Interval
    predicted: float


@dataclass(frozen=True)
class Ladder:
    """Medians of one number at several sizes, and the slopes between them."""

    name: str
    rungs: tuple[Rung, ...]
    stretches: tuple[Stretch, ...]


def ladders_of(records: Sequence[ComponentRecord]) -> tuple[Ladder, ...]:
    """The series of all exponents among `records`; stretches of one series that are judged apart are put together.

    Intervals of the local slopes of one component hold together at that component's alpha.
    """
    series: dict[str, list[ComponentRecord]] = {}
    for record in records:
        if record.ladder:
            series.setdefault(_STRETCH.sub("", record.name), []).append(record)
    return tuple(_ladder(name, members) for name, members in series.items())


def _ladder(name: str, members: Sequence[ComponentRecord]) -> Ladder:
    rungs = {rung.x: rung for record in members for rung in record.ladder}
    parts = [part for record in members for part in _stretches(record)]
    return Ladder(name, tuple(rungs[x] for x in sorted(rungs)), tuple(sorted(parts, key=lambda part: part.low)))


def _stretches(record: ComponentRecord) -> list[Stretch]:
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.log([rung.x for rung in record.ladder])
        medians = np.log(np.maximum([rung.median for rung in record.ladder], 0.0))
        ends = np.log(np.maximum([(r.interval.lo, r.interval.hi) for r in record.ladder], 0.0))
        slopes = np.diff(medians) / np.diff(x)
    local = slope_interval(list(x), [Interval(lo, hi) for lo, hi in ends]).local
    rungs = pairwise(record.ladder)
    return [
        Stretch(a.x, b.x, float(slope), interval, record.prediction)
        for (a, b), slope, interval in zip(rungs, slopes, local, strict=True)
    ]
