"""A run beside its limit as d grows: overlaps of every neuron against steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim import Run
from sim.drawing import pen
from sim.drawing.place import place
from sim.drawing.style import BAND, COLUMN, CYCLE, MARKERS, mark, ordered
from sim.drawing.trajectory import finish
from theory import ProblemError

from ..limits import LARGEST, limit_of, paths

NO_LIMIT = (
    "theory has no limit for this run: it needs --second-layer as numbers, such as 1,-1, of at most "
    f"{LARGEST} neurons, and n and eta in proportion to d and p"
)


def dmft(run: Run, limit: Any = None, *, ax: Any = None) -> Any:
    """Overlaps <w_i, w*_r>: medians over replicas with bands from 10 to 90 %; dashed, the limit.

    limit: a DmftLimit or FreshLimit of the same setting; None: computed here, dynamical mean-field theory where a batch
    returns. Raises ProblemError where there is none, and where some replicas diverged.
    """
    limit = limit_of(run.setting) if limit is None else limit
    if limit is None:
        raise ProblemError(NO_LIMIT)
    if limit.overlaps.shape[1:] != run.overlaps.shape[2:] or len(limit.overlaps) <= run.at[-1]:
        raise ProblemError("the limit is of another setting: neurons, directions or steps differ")
    if not np.isfinite(run.overlaps).all():
        raise ProblemError("some runs diverged, so there is no band to draw; a smaller eta may help")
    every, at = list(paths(run)), list(run.at)
    with place(ax, (COLUMN, 2.7)) as (home, ((axes,),)):
        for number, (i, r) in enumerate(every):
            style = mark(number) if len(every) <= len(CYCLE) else _crowded(run, i, r)
            low, middle, high = np.quantile(run.overlaps[:, :, i, r], (BAND[0], 0.5, BAND[1]), axis=0)
            name, label = f"neuron {i + 1}, z{r + 1}", rf"$\langle w_{{{i + 1}}}, w^*_{{{r + 1}}}\rangle$"
            pen.band(axes, f"{name}, quantiles {BAND[0]:g} to {BAND[1]:g}", at, low, high, style["color"])
            pen.points(axes, name, at, middle, **style, label=label if len(every) <= len(CYCLE) else "_")
            pen.line(axes, f"{name}, limit", at, limit.overlaps[at, i, r], "--", color=style["color"])
        if len(every) > len(CYCLE):
            _explain(axes, run)
        axes.plot([], [], "--", color="black", linewidth=1.1, label="limit")
        axes.set_ylabel(r"overlap $\langle w_i, w^*_r\rangle$")
        finish(axes, columns=3 if len(every) <= len(CYCLE) else 5, signed=True)
    return home


def _crowded(run: Run, i: int, r: int) -> dict[str, Any]:
    """Of many pairs: the neuron is told by colour, the direction by shape."""
    return {"color": ordered(run.overlaps.shape[2])[i], "marker": MARKERS[r % len(MARKERS)]}


def _explain(axes: Any, run: Run) -> None:
    for i in range(run.overlaps.shape[2]):
        axes.plot([], [], "-", color=_crowded(run, i, 0)["color"], label=f"$w_{{{i + 1}}}$")
    for r in range(run.overlaps.shape[3]):
        marker = _crowded(run, 0, r)["marker"]
        axes.plot([], [], marker, color="black", markersize=3.5, label=f"$w^*_{{{r + 1}}}$")
