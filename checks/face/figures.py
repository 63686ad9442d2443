"""Figures for a paper: one style, colour-blind safe, vector output."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .directions import Summary

LEARNED, REST, GUIDE = "#0072b2", "#d55e00", "#555555"  # Okabe and Ito's blue and vermillion
POINTS = 160  # of a cloud are drawn, evenly picked: a figure stays light and all vectors
STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "giantstep",  # the same run gives the same file
    "svg.fonttype": "none",
}


def sweep_figure(summaries: Sequence[Summary], name: str, path: Path) -> None:
    """Cosine of each neuron with U*_T and with its complement in V* against `name`; written to `path`."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(5.2, 3.4), layout="constrained")
        draw_sweep(axes, summaries, name)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
        plt.close(figure)


def draw_sweep(axes: Any, summaries: Sequence[Summary], name: str) -> None:
    """The same on given axes: points are neurons, lines medians over all of them, dashes the slopes theory predicts."""
    sizes = [s.run.setting.regime.d if name == "d" else s.run.setting.n for s in summaries]
    step = summaries[0].run.at[-1]
    inside = [_norms(s, s.run.at[-1], True) for s in summaries]
    outside = [_norms(s, s.run.at[-1], False) for s in summaries]
    _cloud(axes, sizes, inside, LEARNED, f"with U*_{step}", 0.0 if name == "d" else None)
    _cloud(axes, sizes, outside, REST, f"with the rest of V*, step {step}", -0.5 if name == "d" else None)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_ylim(bottom=_floor([*inside, *outside]))
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
    axes.set_xlabel(name)
    axes.set_ylabel("cosine of each neuron")
    axes.legend(frameon=False, fontsize=8)


def _norms(summary: Summary, step: int, learned: bool) -> np.ndarray | None:
    """Norm of the projection of w / |w|, one number a neuron and replica."""
    steps = summary.learned_at or (None,) * len(summary.names)
    inside = [i for i, at in enumerate(steps) if at is not None and at <= step]
    chosen = inside if learned else [i for i in range(len(steps)) if i not in inside]
    squares = [summary.cosines(i)[:, -1] ** 2 for i in chosen]
    return np.sqrt(sum(squares)).ravel() if squares else None


def _floor(clouds: Sequence[np.ndarray | None]) -> float:
    """A lower end for the axis that leaves out the few neurons that happen to be almost orthogonal."""
    return min(float(np.quantile(cloud, 0.02)) for cloud in clouds if cloud is not None) / 2


def _cloud(
    axes: Any, sizes: Sequence[int], clouds: Sequence[np.ndarray | None], colour: str, label: str, slope: float | None
) -> None:
    if any(cloud is None for cloud in clouds):
        return
    for size, cloud in zip(sizes, clouds, strict=True):
        some = cloud[:: -(-len(cloud) // POINTS)]  # type: ignore[index, arg-type]
        spread = size * np.exp(np.linspace(-0.08, 0.08, len(some)))
        axes.plot(spread, some, ".", color=colour, alpha=0.25, markersize=2.5, markeredgewidth=0)
    medians = np.array([np.median(cloud) for cloud in clouds])  # type: ignore[arg-type]
    axes.plot(sizes, medians, "o-", color=colour, markersize=4, label=label)
    if slope is not None:
        guide = medians[0] * (np.array(sizes) / sizes[0]) ** slope
        axes.plot(sizes, guide, "--", color=GUIDE, linewidth=0.8, label="theory: slopes 0, -1/2" if slope else None)
