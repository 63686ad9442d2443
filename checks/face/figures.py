"""The figure of a sweep: cosines of neurons against a size, and their slopes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from theory import ProblemError

from .canvas import GUIDE, LEARNED, REST, canvas
from .directions import Summary
from .trend import Trend, trends

POINTS = 160  # of a cloud are drawn, evenly picked: a figure stays light and all vectors


def sweep_figure(summaries: Sequence[Summary], name: str, path: Path) -> None:
    """Cosines of each neuron with the directions of V* against `name`, their local slopes below; written to `path`."""
    found = trends(summaries, name)
    rows = 2 if found else 1
    size, heights = (5.2, 3.4 + 1.3 * (rows - 1)), [3, 1.2][:rows]
    with canvas(path, rows, sharex=True, figsize=size, height_ratios=heights) as axes:
        draw_sweep(axes[0, 0], summaries, name)
        if found:
            axes[0, 0].set_xlabel("")
            draw_slopes(axes[1, 0], found, name)


def draw_sweep(axes: Any, summaries: Sequence[Summary], name: str) -> None:
    """The same on given axes: points are neurons, lines medians over all of them, dashes the slopes theory predicts."""
    sizes = [s.run.setting.regime.d if name == "d" else s.run.setting.n for s in summaries]
    groups = _groups(summaries[-1], name)
    clouds = [[_norms(summary, members) for summary in summaries] for members, *_ in groups]
    for (_, label, colour, slope), cloud in zip(groups, clouds, strict=True):
        _cloud(axes, sizes, cloud, colour, label, slope)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_ylim(bottom=_floor([part for cloud in clouds for part in cloud]))
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
    axes.set_xlabel(name)
    axes.set_ylabel("cosine of each neuron")
    axes.legend(frameon=False, fontsize=8)


def draw_slopes(axes: Any, found: Sequence[Trend], name: str) -> None:
    """Slope from each value to the next, with 95 % intervals, and as dashes what theory predicts."""
    for number, trend in enumerate(found):
        middle = np.sqrt(np.multiply(trend.sizes[1:], trend.sizes[:-1])) * 1.06 ** (number - (len(found) - 1) / 2)
        values = np.array([cell.estimate for cell in trend.local])
        ends = np.abs(np.array([(cell.low, cell.high) for cell in trend.local]).T - values)
        colour = LEARNED if trend.theory == 0 else REST
        axes.errorbar(middle, values, ends, fmt="o", color=colour, markersize=3, linewidth=0.9)
    for slope in sorted({trend.theory for trend in found if trend.theory is not None}):
        axes.axhline(slope, linestyle="--", color=GUIDE, linewidth=0.8)
    axes.set_xlabel(name)
    axes.set_ylabel("local slope")


def _groups(summary: Summary, name: str) -> list[tuple[list[int], str, str, float | None]]:
    """(directions, label, colour, slope that theory predicts) of the clouds: one for each exponent, 0 first."""
    step, exponents = summary.run.at[-1], summary.exponents
    if None in exponents:
        return [(list(range(len(exponents))), f"with V*, step {step}", REST, None)]
    groups = []
    for slope in sorted({e for e in exponents if e is not None}, reverse=True):
        members = [i for i, e in enumerate(exponents) if e == slope]
        label = f"with U*_{step}" if slope == 0 else f"with the rest of V*, step {step}"
        if summary.learned_at is None:  # what is learned at another n and eta is no staircase
            label = f"with {', '.join(summary.names[i] for i in members)}, step {step}"
        groups.append((members, label, LEARNED if slope == 0 else REST, slope if name == "d" else None))
    return groups


def _norms(summary: Summary, members: Sequence[int]) -> np.ndarray:
    """Norm of the projection of w / |w| on these directions, one number a neuron and replica."""
    return np.sqrt(sum(summary.cosines(i)[:, -1] ** 2 for i in members)).ravel()


def _floor(clouds: Sequence[np.ndarray]) -> float:
    """A lower end for the axis that leaves out the few neurons that happen to be almost orthogonal."""
    ends = [float(np.quantile(cloud[np.isfinite(cloud)], 0.02)) for cloud in clouds if np.isfinite(cloud).any()]
    if not ends:
        raise ProblemError("every run diverged, so there is nothing to draw; a smaller eta may help")
    return min(ends) / 2


def _cloud(
    axes: Any, sizes: Sequence[int], clouds: Sequence[np.ndarray], colour: str, label: str, slope: float | None
) -> None:
    for size, cloud in zip(sizes, clouds, strict=True):
        some = cloud[:: -(-len(cloud) // POINTS)]
        spread = size * np.exp(np.linspace(-0.08, 0.08, len(some)))
        axes.plot(spread, some, ".", color=colour, alpha=0.25, markersize=2.5, markeredgewidth=0)
    medians = np.array([np.median(cloud) for cloud in clouds])
    axes.plot(sizes, medians, "o-", color=colour, markersize=4, label=label)
    if slope is not None:
        guide = medians[0] * (np.array(sizes) / sizes[0]) ** slope
        axes.plot(sizes, guide, "--", color=GUIDE, linewidth=0.8, label=f"theory: slope {slope:g}")
