"""Several steps over a high leap: exponents of |cos| against kappa, one panel a leap and number of steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.drawing import legend, pen
from sim.drawing.place import place
from sim.drawing.style import CYCLE, GUIDE
from theory import ProblemError

from ...probe.leap_recursion import exponents, threshold
from ...probe.phase import Point

LOSSES = {"correlation": ("o", CYCLE[0]), "squared": ("x", CYCLE[1])}


def phase(points: Sequence[Point], *, ax: Any = None) -> Any:
    """Measured slopes of log |cos| against log d with 95 % intervals, the predicted exponent as a line, as dashes the
    recursion at the same d, dotted the threshold. points: of `checks.probe.phase`, see `read_points`.

    Takes a Figure, or an Axes for the points of one leap and step. Raises ProblemError without points.
    """
    if not points:
        raise ProblemError("no points to draw: run python -m checks.probe.phase first")
    leaps, steps = sorted({p.leap for p in points}), sorted({p.step for p in points})
    size = (max(1.75 * len(steps), 3.4), 1.8 * len(leaps) + 0.5)
    with place(ax, size, len(leaps), len(steps), sharey=True, sharex="row") as (home, axes):
        for i, leap in enumerate(leaps):
            for j, step in enumerate(steps):
                _panel(axes[i, j], [p for p in points if (p.leap, p.step) == (leap, step)], leap, step)
            axes[i, 0].set_ylabel(rf"leap {leap}: slope of $\log|\cos|$")
        for each in axes[-1]:
            each.set_xlabel(r"$\kappa=\log n\,/\,\log d$")
        if axes.size == 1:
            axes[0, 0].set_title("")
            legend.above(axes[0, 0])
            return home
        legend.shared(home, axes[0, 0], "upper")
    return home


def _panel(axes: Any, points: Sequence[Point], leap: int, step: int) -> None:
    """One leap and number of steps; there may be no point of it."""
    kappas = [p.kappa for p in points]
    if points:
        grid = np.linspace(min(kappas), max(kappas), 200)
        predicted = [-exponents(leap, k, step)[-1] for k in grid]
        label = "exponent of theory"
        pen.line(axes, label, grid, predicted, color="black", linewidth=1, label=label)
    pen.rule(axes, "threshold", x=float(threshold(leap, step)), color=GUIDE, linestyle=":", linewidth=0.7)
    for loss, (marker, colour) in LOSSES.items():
        some = sorted((p for p in points if p.loss == loss), key=lambda p: p.kappa)
        if not some:
            continue
        at, slopes = [p.kappa for p in some], [p.slope for p in some]
        if loss == "correlation":
            recursion, label = [p.recursion for p in some], "recursion at these $d$"
            pen.line(axes, "recursion", at, recursion, "--", color=colour, linewidth=0.9, label=label)
        low, high = [p.low for p in some], [p.high for p in some]
        name = f"{loss} loss"
        pen.intervals(axes, name, at, slopes, low, high, marker=marker, color=colour, elinewidth=0.7, label=name)
    axes.set_title(f"{step} step{'s' if step > 1 else ''}", pad=3)
