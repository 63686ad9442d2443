"""The figure of a sweep: cosines against a size, and below their slopes from each size to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.drawing import legend, pen
from sim.drawing.place import place
from sim.drawing.style import COLUMN, GUIDE, direction, mark
from theory import ProblemError

from ..directions import Cell
from ..swept import Along, Sweep

POINTS = 160  # of a cloud are drawn, evenly picked: a figure stays light and all vectors


def exponents(sweep: Sweep, *, ax: Any = None) -> Any:
    """Root mean square cosine over neurons with each direction of V* after the last step: medians over replicas with
    95 % intervals against d or n, dots for single neurons where `sweep` has them, dashes for the slopes of theory.

    Below, where there are two sizes or more, the local slopes with 95 % intervals that hold together. Takes a Figure
    then, an Axes else. Raises ProblemError where every run diverged.
    """
    below = len(sweep.sizes) > 1 and any(along.local for along in sweep.directions)
    rows, size = (2, (COLUMN, 3.6)) if below else (1, (COLUMN, 2.6))
    options: dict[str, Any] = {"sharex": True, "height_ratios": [2.2, 1]} if below else {}
    with place(ax, size, rows=rows, **options) as (home, axes):
        _cosines(axes[0, 0], sweep)
        if below:
            axes[0, 0].set_xlabel("")
            _slopes(axes[1, 0], sweep)
    return home


def _cosines(axes: Any, sweep: Sweep) -> None:
    sizes = np.array(sweep.sizes, dtype=float)
    for number, along in enumerate(sweep.directions):
        style = mark(number)
        _cloud(axes, sizes, along, style["color"])
        middle, low, high = _columns(along.cells)
        said = "" if along.exponent is None else f", theory {_fraction(along.exponent)}"
        label = f"{direction(along.name)}{said}"
        pen.intervals(axes, along.name, sizes, middle, low, high, linestyle="-", label=label, zorder=3, **style)
        if along.exponent is not None and np.isfinite(middle[0]):
            guide = middle[0] * (sizes / sizes[0]) ** along.exponent
            pen.line(axes, f"{along.name}, slope of theory", sizes, guide, "--", color=GUIDE, linewidth=0.8)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_ylim(_floor(sweep), 1.15)
    axes.set_xticks(sizes, [str(size) for size in sweep.sizes], rotation=45 if len(sizes) > 6 else 0)
    axes.minorticks_off()
    axes.set_xlabel(f"${sweep.name}$")
    axes.set_ylabel(f"cosine after step {sweep.step}")
    legend.above(axes, 3)


def _slopes(axes: Any, sweep: Sweep) -> None:
    """At the geometric mean of two sizes, a little apart."""
    sizes, count = np.array(sweep.sizes, dtype=float), len(sweep.directions)
    for number, along in enumerate(sweep.directions):
        if not along.local:
            continue
        centres = np.sqrt(sizes[1:] * sizes[:-1]) * 1.08 ** (number - (count - 1) / 2)
        pen.intervals(axes, f"{along.name}, local slope", centres, *_columns(along.local), **mark(number))
    for slope in sorted({along.exponent for along in sweep.directions if along.exponent is not None}):
        pen.rule(axes, "slope of theory", y=slope, linestyle="--", color=GUIDE)
    axes.set_xlabel(f"${sweep.name}$")
    axes.set_ylabel("local slope")


def _cloud(axes: Any, sizes: np.ndarray, along: Along, colour: str) -> None:
    for size, cloud in zip(sizes, along.clouds, strict=bool(along.clouds)):
        some = cloud[:: -(-len(cloud) // POINTS)]
        spread = size * np.exp(np.linspace(-0.12, 0.12, len(some)))
        look = {"color": colour, "alpha": 0.25, "markersize": 2.5, "markeredgewidth": 0}
        pen.points(axes, f"{along.name}, neurons", spread, some, ".", **look)


def _columns(cells: Sequence[Cell]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    middle, low, high = np.array(cells, dtype=float).T
    return middle, low, high


def _floor(sweep: Sweep) -> float:
    """A lower end for the axis that leaves out the few neurons that happen to be almost orthogonal."""
    clouds = [cloud[np.isfinite(cloud)] for along in sweep.directions for cloud in along.clouds]
    ends = [float(np.quantile(cloud, 0.05)) for cloud in clouds if cloud.size]
    ends += [cell.estimate for along in sweep.directions for cell in along.cells if np.isfinite(cell.estimate)]
    if not ends:
        raise ProblemError("every run diverged, so there is nothing to draw; a smaller eta may help")
    return 0.6 * min((end for end in ends if end > 0), default=1e-3)


def _fraction(value: float) -> str:
    """A slope as a theorist writes it, where it is a small fraction."""
    from fractions import Fraction

    near = Fraction(value).limit_denominator(24)
    if abs(float(near) - value) > 1e-9:
        return f"{value:.3g}"
    sign = "-" if near < 0 else ""
    whole = near.denominator == 1
    return f"${sign}{abs(near)}$" if whole else rf"${sign}{abs(near.numerator)}/{near.denominator}$"
