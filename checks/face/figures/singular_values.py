"""The spectrum of features after one step: histogram, bulk and edge, and the spikes beyond."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.drawing import legend, pen
from sim.drawing.place import place
from sim.drawing.style import COLUMN, GUIDE, LEARNED, REST

from ..spikes_spectrum import Spectrum


def spectrum(found: Spectrum, *, ax: Any = None) -> Any:
    """A histogram over all replicas, the bulk and its edge, strokes for what is seen beyond it and triangles for the
    spikes predicted there. Raises ProblemError where every run diverged."""
    with place(ax, (COLUMN, 2.6)) as (home, ((axes,),)):
        _draw(axes, found)
    return home


def _draw(axes: Any, found: Spectrum) -> None:
    density, edges = found.histogram()
    values, limit = found.bulk()
    top = 1.25 * max(limit.max(), density[1:].max())
    pen.histogram(axes, "after the step", edges, density, color=LEARNED, alpha=0.35, label="after the step")
    pen.line(axes, "bulk, theory", values, limit, color="black", linewidth=1.0, label="bulk, theory")
    pen.rule(axes, "edge, theory", x=found.edge, color=GUIDE, linestyle=":", linewidth=0.9, label="its edge")
    after = found.run.arrays["values"][:, 1]
    beyond = after[np.isfinite(after) & (after > found.edge)]
    pen.ticks(axes, "singular values beyond", beyond, 0.07 * top, color=LEARNED, label="beyond the edge")
    spikes = found.predicted(1)
    if spikes:
        height = [0.11 * top] * len(spikes)
        pen.points(axes, "spikes, theory", spikes, height, "v", color=REST, markersize=5, label="spikes, theory")
    axes.set_ylim(0, top)
    axes.set_xlim(0, 1.06 * max([edges[-1], *spikes]))
    axes.set_xlabel(r"singular value of $\sigma(ZW^\top)$")
    axes.set_ylabel(r"density (share of $n$)")
    legend.above(axes, 3)
