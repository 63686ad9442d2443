"""The staircase picture: test error against log n / log d after each step, with floors as lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from theory import ProblemError

from .canvas import BAND, GUIDE, canvas, colours
from .error_curve import ErrorCurve


def error_figure(panels: Sequence[Sequence[ErrorCurve]], titles: Sequence[str], path: Path) -> None:
    """A panel for each target, side by side, written to `path`. Raises ProblemError where every run diverged."""
    width = 5.2 if len(panels) == 1 else 3.9 * len(panels)
    with canvas(path, columns=len(panels), sharey=True, figsize=(width, 3.6)) as axes:
        highest = max(draw_errors(each, curves) for each, curves in zip(axes[0], panels, strict=True))
        axes[0, 0].set_ylim(0, 1.1 * highest)
        if len(panels) > 1:
            for each, title in zip(axes[0], titles, strict=True):
                each.set_title(title, fontsize=9)
                each.label_outer()


def draw_errors(axes: Any, curves: Sequence[ErrorCurve]) -> float:
    """One panel on given axes: a line a step, medians over replicas with bands, floors dashed. Returns the largest of
    floors and errors, but for a few that peak."""
    steps = curves[0].test_error.shape[1]
    kappas = np.array([curve.kappa for curve in curves])
    if not any(np.isfinite(curve.test_error).any() for curve in curves):
        raise ProblemError("every run diverged, so there is nothing to draw; a smaller eta may help")
    shown = []
    for step, colour in enumerate(colours(steps)):
        values = [np.where(np.isfinite(c.test_error[:, step]), c.test_error[:, step], np.inf) for c in curves]
        low, middle, high = np.array([np.quantile(v, (BAND[0], 0.5, BAND[1]), method="lower") for v in values]).T
        shown.append(middle[np.isfinite(middle)])
        label = "random features" if step == 0 else f"step {step}"
        axes.plot(kappas, middle, "o-", color=colour, markersize=2.5, linewidth=1.2, label=label)
        axes.fill_between(kappas, low, high, color=colour, alpha=0.2, linewidth=0)
        _draw_floor(axes, curves, kappas, step, colour)
    highest = [float(np.quantile(values, 0.9)) for values in shown if values.size]
    largest = max(*highest, *curves[0].floors.values(), 0.0)
    axes.set_ylim(0, 1.1 * largest)
    axes.set_xlabel("log n / log d")
    axes.set_ylabel("test error")
    axes.legend(frameon=False, fontsize=7, ncols=2)
    return largest


def _draw_floor(axes: Any, curves: Sequence[ErrorCurve], kappas: np.ndarray, step: int, colour: Any) -> None:
    """Dashed: the floor at every kappa = log n / log d, which jumps where kappa passes a whole number."""
    one_d = len({curve.setting.regime.d for curve in curves}) == 1
    grid = np.linspace(kappas.min(), kappas.max(), 400) if one_d else kappas
    widths = [curves[0].width] * len(grid) if one_d else [curve.width for curve in curves]
    values = [curves[0].floor(step, min(pair)) for pair in zip(grid, widths, strict=True)]
    if None not in values:
        axes.plot(grid, np.array(values, dtype=float), "--", color=colour, linewidth=0.9)
    if step == 0 and one_d and kappas.min() < curves[0].width < kappas.max():
        axes.axvline(curves[0].width, color=GUIDE, linewidth=0.6, linestyle=":")
        axes.annotate("n = p", (curves[0].width, 0.02), xycoords=("data", "axes fraction"), fontsize=7, color=GUIDE)
