"""A sweep as its figure needs it, from runs or from the JSON lines that `giantstep simulate --sweep --json` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory import ProblemError, Setting

from .directions import Cell, Summary
from .trend import trends


@dataclass(frozen=True, eq=False)
class Along:
    """One direction. exponent: of theory in cosine ~ size^exponent, None without a statement.

    cells: of the root mean square cosine after the last step, one a size. local: slopes from each size to the next,
    empty where they are unknown. clouds: cosines of single neurons, (replicas times p,) a size; empty without.
    """

    name: str
    exponent: float | None
    cells: tuple[Cell, ...]
    local: tuple[Cell, ...] = ()
    clouds: tuple[np.ndarray, ...] = ()


@dataclass(frozen=True, eq=False)
class Sweep:
    """name: "d" or "n", what was swept over `sizes`; step: the last."""

    name: str
    step: int
    sizes: tuple[int, ...]
    directions: tuple[Along, ...]


def sweep_of(summaries: Sequence[Summary], name: str) -> Sweep:
    """Of runs, in increasing order of `name`."""
    found, last = trends(summaries, name), summaries[-1]
    directions = []
    for i, direction in enumerate(last.names):
        clouds = tuple(np.abs(summary.cosines(i)[:, -1]).ravel() for summary in summaries)
        cells = tuple(summary.cells(i)[-1] for summary in summaries)
        exponent = last.exponents[i] if name == "d" else None
        directions.append(Along(direction, exponent, cells, found[i].local if found else (), clouds))
    return Sweep(name, last.run.at[-1], tuple(_size(s.run.setting, name) for s in summaries), tuple(directions))


def sweep_from_json(records: Sequence[Mapping[str, Any]]) -> Sweep:
    """Of the objects of one sweep; what ends them, the slopes, may be missing. Raises ProblemError for others."""
    runs = [record for record in records if "directions" in record and "setting" in record]
    ends = [record for record in records if "directions" in record and "sweep" in record]
    if not runs or len(ends) > 1 or len(runs) + len(ends) != len(records):
        raise ProblemError(
            "these JSON lines are not one sweep: give what giantstep simulate --sweep d --values .. --json prints"
        )
    settings = [Setting.from_json(record["setting"]) for record in runs]
    name = swept_name(settings) if not ends else str(ends[0]["sweep"])
    order = sorted(range(len(runs)), key=lambda i: _size(settings[i], name))
    slopes = {} if not ends else {each["direction"]: each["local"] for each in ends[0]["directions"]}
    directions = []
    for i, first in enumerate(runs[-1]["directions"]):
        cells = tuple(_cell(runs[j]["directions"][i]["cosine"][-1]) for j in order)
        local = tuple(map(_cell, slopes.get(first["direction"], ())))
        directions.append(Along(first["direction"], first["exponent"] if name == "d" else None, cells, local))
    sizes = tuple(_size(settings[j], name) for j in order)
    return Sweep(name, int(runs[0]["at"][-1]), sizes, tuple(directions))


def swept_name(settings: Sequence[Setting]) -> str:
    """What differs: "d", or "n" at one d. Raises ProblemError where anything else does as well."""
    name = "d" if len({setting.regime.d for setting in settings}) > 1 else "n"
    if len({(s.target, s.student, s.regime.steps) for s in settings}) > 1:
        raise ProblemError("these runs are not one sweep: targets, students or numbers of steps differ")
    if len({_size(setting, name) for setting in settings}) < len(settings):
        raise ProblemError(f"these runs are not one sweep: a value of {name} comes twice")
    return name


def _size(setting: Setting, name: str) -> int:
    return setting.regime.d if name == "d" else setting.n


def _cell(values: Sequence[float | str]) -> Cell:
    """Infinities come as text."""
    return Cell(*map(float, values))
