"""The phase diagram of several steps over a high leap: measured exponents of |cos| in (kappa, T) beside predicted ones.

    python -m checks.probe.phase docs/data/multi_step_leap.csv

writes what docs/conjectures.md shows; `giantstep plot phase` draws it.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from pathlib import Path

import numpy as np

from ..campaign import Campaign
from ..simulation import simulate_each
from ..verdict.interval import median_interval, sample_median
from .conjecture import at_dimension
from .conjectures.multi_step import NOMINAL, leap_setting
from .leap_recursion import LeapSteps, exponents

STEPS, RATE, LEVEL = 4, 2, 0.05
STUDENTS = {2: "relu", 3: "u*abs(u)"}
KAPPAS = {2: (Fraction(9, 8), Fraction(17, 8)), 3: (Fraction(13, 8), Fraction(25, 8))}


@dataclass(frozen=True)
class Point:
    """A slope of log |cos| against log d after `step` steps.

    predicted: -a_t. recursion: what the heuristic, constants included, gives between these two d. slope: the median
    over replicas, with its 95 % interval low .. high.
    """

    loss: str
    leap: int
    kappa: float
    step: int
    d_low: int
    d_high: int
    replicas: int
    predicted: float
    recursion: float
    slope: float
    low: float
    high: float


def phase_points(
    leap: int,
    kappas: Iterable[Fraction],
    *,
    loss: str = "correlation",
    dims: tuple[int, int] = (512, 8192),
    replicas: int = 64,
    seed: int = 0,
    campaign: Campaign | None = None,
) -> Iterator[Point]:
    """Points for every kappa and step 1 .. 4. dims: those at kappa = 3/2; other kappa have d with the same n."""
    for kappa in kappas:
        nominal = leap_setting(leap, kappa, STEPS, STUDENTS[leap], RATE, loss)
        sizes = [round(d ** (NOMINAL / float(kappa))) for d in dims]
        runs = simulate_each(
            campaign or Campaign(), [at_dimension(nominal, d) for d in sizes], seed=seed, replicas=replicas,
            method="auto", record=("cosines",), at=range(STEPS + 1), dtype="float64",
        )  # fmt: skip
        with np.errstate(divide="ignore"):
            ends = [
                np.log(np.abs(np.asarray(run.cosines)[..., 0])).mean(axis=2) for run in runs
            ]  # (replicas, steps + 1)
        slopes = (ends[1] - ends[0]) / np.log(sizes[1] / sizes[0])
        recursion = LeapSteps(leap, float(kappa), STEPS, nominal.student.activation, RATE).median_slopes(*sizes)
        predicted = exponents(leap, float(kappa), STEPS)
        for t in range(1, STEPS + 1):
            known = np.where(np.isnan(slopes[:, t]), np.inf, slopes[:, t])
            interval = median_interval(known, LEVEL)
            numbers = (recursion[t], sample_median(known), interval.lo, interval.hi)
            rounded = [round(float(value), 4) for value in numbers]
            yield Point(
                loss, leap, float(kappa), t, sizes[0], sizes[1], replicas, 0.0 - predicted[t],
                rounded[0], rounded[1], rounded[2], rounded[3],
            )  # fmt: skip


def write_points(points: Sequence[Point], path: Path) -> None:
    """As CSV with a header."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(Point)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(point) for point in points)


def read_points(path: Path) -> list[Point]:
    """What `write_points` wrote."""
    kinds = {f.name: {"str": str, "int": int, "float": float}[str(f.type)] for f in fields(Point)}
    with path.open(newline="", encoding="utf-8") as file:
        return [Point(**{name: kinds[name](text) for name, text in row.items()}) for row in csv.DictReader(file)]


def eighths(leap: int, stride: int = 1) -> list[Fraction]:
    """The grid of kappa: multiples of 1/8 around the thresholds of that leap, or every `stride`-th of them."""
    low, high = KAPPAS[leap]
    return [low + Fraction(i, 8) for i in range(0, int(8 * (high - low)) + 1, stride)]


def main(path: Path) -> None:
    """The correlation loss on the full grid, the squared loss on every second kappa with fewer replicas."""
    points: list[Point] = []
    for leap in STUDENTS:
        points += phase_points(leap, eighths(leap))
    for leap in STUDENTS:
        points += phase_points(leap, eighths(leap, 2), loss="squared", replicas=24)
    write_points(points, path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
