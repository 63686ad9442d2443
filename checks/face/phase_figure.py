"""The picture of several steps over a high leap: exponents of |cos| against kappa, one line a number of steps.

    python -m checks.face.phase_figure docs/data/multi_step_leap.csv docs/figures/multi_step_leap.svg

draws what `checks.probe.phase` measured.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from theory import ProblemError

from ..probe.leap_recursion import exponents, threshold
from ..probe.phase import Point, read_points
from .canvas import GUIDE, canvas

LOSSES = {"correlation": "o", "squared": "x"}


def phase_figure(points: Sequence[Point], path: Path) -> None:
    """Write it to `path`: a panel a leap and number of steps. Raises ProblemError without points."""
    if not points:
        raise ProblemError("no points to draw: run python -m checks.probe.phase first")
    leaps, steps = sorted({p.leap for p in points}), sorted({p.step for p in points})
    size = (2.0 * len(steps), 2.0 * len(leaps) + 0.4)
    with canvas(path, len(leaps), len(steps), sharey=True, sharex="row", figsize=size) as axes:
        for i, leap in enumerate(leaps):
            for j, step in enumerate(steps):
                draw_phase(axes[i, j], [p for p in points if (p.leap, p.step) == (leap, step)], leap, step)
            axes[i, 0].set_ylabel(f"leap {leap}: slope of log |cos|")
        for ax in axes[-1]:
            ax.set_xlabel("kappa = log n / log d")
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure = axes[0, 0].figure
        figure.legend(handles, labels, loc="outside upper center", frameon=False, fontsize=7, ncols=4)


def draw_phase(axes: Any, points: Sequence[Point], leap: int, step: int) -> None:
    """The same for one leap and number of steps, on given axes."""
    ends = min(p.kappa for p in points), max(p.kappa for p in points)
    grid = np.linspace(*ends, 200)
    axes.plot(grid, [-exponents(leap, k, step)[-1] for k in grid], color="black", linewidth=1, label="exponent -a_T")
    axes.axvline(threshold(leap, step), color=GUIDE, linestyle=":", linewidth=0.7)
    for loss, marker in LOSSES.items():
        some = sorted((p for p in points if p.loss == loss), key=lambda p: p.kappa)
        if not some:
            continue
        kappas, slopes = [p.kappa for p in some], np.array([p.slope for p in some])
        if loss == "correlation":
            recursion = [p.recursion for p in some]
            axes.plot(kappas, recursion, "--", color="#0072b2", linewidth=0.9, label="the same at these d")
        bars = np.abs(np.array([(p.low, p.high) for p in some]).T - slopes)
        colour = "#0072b2" if loss == "correlation" else "#d55e00"
        axes.errorbar(kappas, slopes, bars, fmt=marker, color=colour, markersize=3, linewidth=0.7, label=f"{loss} loss")
    axes.set_title(f"{step} step{'s' if step > 1 else ''}", fontsize=8)


if __name__ == "__main__":
    phase_figure(read_points(Path(sys.argv[1])), Path(sys.argv[2]))
