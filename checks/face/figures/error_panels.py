"""The staircase picture: test error against log n / log d after each step, with floors as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from sim.drawing import legend, pen
from sim.drawing.place import place
from sim.drawing.style import BAND, COLUMN, GUIDE, MARKERS, ordered
from theory import ProblemError, Target

from ..error_curve import ErrorCurve


def errors(curves: Sequence[ErrorCurve], titles: Sequence[str] | None = None, *, ax: Any = None) -> Any:
    """Medians over replicas with bands from 10 to 90 %, a line a step; dashed, the floors of theory.

    curves: of any n; a panel for each target, or student, or penalty, in their order, for a Figure where there are
    several. titles: of the panels; None: the targets. Raises ProblemError without curves and where every run diverged.
    """
    panels = _panels(curves)
    if not panels:
        raise ProblemError("there are no errors to draw: run giantstep simulate with --ridge and --sweep n")
    count = len(panels)
    names = titles if titles and len(titles) == count else [target_text(each[0].setting.target) for each in panels]
    with place(ax, (COLUMN if count == 1 else 2.9 * count, 2.7), columns=count, sharey=True) as (home, axes):
        highest = max(_panel(each, some) for each, some in zip(axes[0], panels, strict=True))
        axes[0, 0].set_ylim(-0.015 * highest, 1.1 * highest)  # a floor at 0 is seen
        axes[0, 0].set_ylabel(r"test error $E(f^*-f)^2$")
        if count == 1:
            legend.above(axes[0, 0])
            return home
        for each, title in zip(axes[0], names, strict=True):
            each.set_title(title)
        legend.shared(home, axes[0, -1], "lower")
    return home


def target_text(target: Target) -> str:
    """As it may have been written: low degrees first, then low indices."""
    if target.terms is None:
        return sympy.sstr(target.expr, order="rev-grlex")
    keys = sorted(target.terms, key=lambda key: (sum(key), [-e for e in key]))
    symbols = target.symbols
    parts = [target.terms[key] * sympy.prod(z**e for z, e in zip(symbols, key, strict=True)) for key in keys]
    return sympy.sstr(sympy.Add(*parts, evaluate=False), order="none")


def _panels(curves: Sequence[ErrorCurve]) -> list[list[ErrorCurve]]:
    """Curves that differ in n and d only are one panel, in order of log n / log d."""
    panels: dict[Any, list[ErrorCurve]] = {}
    for curve in curves:
        setting = curve.setting
        regime = replace(setting.regime, n=1, d=1)
        panels.setdefault((setting.target, setting.student, regime, curve.ridge), []).append(curve)
    return [sorted(panel, key=lambda curve: curve.kappa) for panel in panels.values()]


def _panel(axes: Any, curves: Sequence[ErrorCurve]) -> float:
    """One panel. Returns the largest of floors and errors, but for a few that peak."""
    steps = min(curve.test_error.shape[1] for curve in curves)
    kappas = np.array([curve.kappa for curve in curves])
    if not any(np.isfinite(curve.test_error).any() for curve in curves):
        raise ProblemError("every run diverged, so there is nothing to draw; a smaller eta may help")
    shown = []
    for step, colour in enumerate(ordered(steps)):
        values = [np.where(np.isfinite(c.test_error[:, step]), c.test_error[:, step], np.inf) for c in curves]
        low, middle, high = np.array([np.quantile(v, (BAND[0], 0.5, BAND[1]), method="lower") for v in values]).T
        shown.append(middle[np.isfinite(middle)])
        name, label = f"step {step}", "random features" if step == 0 else f"step {step}"
        marker = MARKERS[step % len(MARKERS)]
        pen.band(axes, f"{name}, quantiles {BAND[0]:g} to {BAND[1]:g}", kappas, low, high, colour)
        pen.line(axes, name, kappas, middle, marker=marker, color=colour, markersize=3, label=label)
        _floor(axes, curves, kappas, step, colour)
    axes.plot([], [], "--", color="black", linewidth=0.9, label="floor")
    highest = [float(np.quantile(values, 0.9)) for values in shown if values.size]
    largest = max(*highest, *curves[0].floors.values(), 0.0)
    axes.set_ylim(-0.015 * largest, 1.1 * largest)
    axes.set_xlabel(r"$\log n\,/\,\log d$")
    return largest


def _around_jumps(low: float, high: float) -> np.ndarray:
    """The ends, and both sides of every whole number between them."""
    whole = np.arange(np.ceil(low), np.floor(high) + 1)
    return np.unique(np.clip(np.concatenate([[low, high], whole - 1e-6, whole]), low, high))


def _floor(axes: Any, curves: Sequence[ErrorCurve], kappas: np.ndarray, step: int, colour: Any) -> None:
    """Dashed: the floor at every kappa = log n / log d, which jumps where kappa passes a whole number."""
    one_d = len({curve.setting.regime.d for curve in curves}) == 1
    grid = _around_jumps(kappas.min(), kappas.max()) if one_d else kappas
    widths = [curves[0].width] * len(grid) if one_d else [curve.width for curve in curves]
    values = [curves[0].floor(step, min(pair)) for pair in zip(grid, widths, strict=True)]
    if None not in values:
        pen.line(axes, f"step {step}, floor", grid, np.array(values, dtype=float), "--", color=colour, linewidth=0.9)
    if step == 0 and one_d and kappas.min() < curves[0].width < kappas.max():
        pen.rule(axes, "n = p", x=curves[0].width, color=GUIDE, linewidth=0.6, linestyle=":")
        place_ = {"xycoords": ("data", "axes fraction"), "xytext": (2, 0), "textcoords": "offset points"}
        axes.annotate("$n=p$", (curves[0].width, 0.02), fontsize="small", color=GUIDE, **place_)
