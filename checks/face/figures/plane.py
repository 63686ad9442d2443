"""Neurons in the plane of two teacher directions: cosines, the unit circle, and the directions of theory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim import Run
from sim.drawing import legend, pen
from sim.drawing.place import Place, place
from sim.drawing.style import COLUMN, LEARNED, REST
from theory import ProblemError

from ..directions import Summary, summarise
from .climb import needs_cosines

POINTS = 400  # neurons drawn in a panel, evenly picked: a figure stays light and all vectors
MOST = 4  # panels unasked
_FLAT = 1e-9  # singular values below are 0: numbers of theory are exact up to rounding


def teacher_plane(
    run: Run, *, steps: Sequence[int] | None = None, directions: tuple[int, int] = (1, 2), ax: Any = None
) -> Any:
    """(cos(w_i, w*_r), cos(w_i, w*_s)) of neurons of all replicas, a panel a step, by the sign of alpha_i.

    steps: of those kept; None: for an Axes the last, otherwise all after the first, at most four. directions: (r, s),
    counted from 1. Dashed: U*_t of theory, t at most the step, where it meets the plane in a line (its projection);
    where it fills the plane, the disc is tinted. Dotted: the distance sqrt(2/d) of a random row from the origin.
    Raises ProblemError for a run without cosines, directions that are not there, and runs that all diverged.
    """
    from matplotlib.axes import Axes

    k, kept = run.setting.target.k, needs_cosines(run).at
    if len(set(directions)) != 2 or not all(1 <= r <= k for r in directions):
        raise ProblemError(f"directions = {directions}; a plane needs two of the target's 1 .. {k}")
    chosen = tuple(steps) if steps is not None else kept[-1:] if isinstance(ax, Axes) else _spread(kept)
    if not chosen or not set(chosen) <= set(kept):
        raise ProblemError(f"steps = {chosen}; this run keeps {', '.join(map(str, kept))}")
    summary, columns = summarise(run), len(chosen)
    size = (COLUMN, 2.2) if columns == 1 else (1.72 * columns, 2.5)
    with place(ax, size, columns=columns) as found:  # panels of equal limits, not shared ones: titles keep their room
        for axes, step in zip(found.axes[0], chosen, strict=True):
            _panel(axes, summary, step, directions)
            axes.set_title(f"step {step}", pad=3)
        for axes in found.axes[0, 1:]:
            axes.set_yticklabels([])
        found.axes[0, 0].set_ylabel(rf"$\cos(w_i, w^*_{{{directions[1]}}})$")
        _legend(found)
    return found.home


def _spread(kept: Sequence[int]) -> tuple[int, ...]:
    later = [t for t in kept if t > 0] or list(kept)
    picked = np.unique(np.linspace(0, len(later) - 1, min(MOST, len(later))).round().astype(int))
    return tuple(later[i] for i in picked)


def _panel(axes: Any, summary: Summary, step: int, directions: tuple[int, int]) -> None:
    run, plane = summary.run, [r - 1 for r in directions]
    around = np.linspace(0, 2 * np.pi, 181)
    circle = np.cos(around), np.sin(around)
    pen.line(axes, "unit circle", circle[0], circle[1], color="black", linewidth=0.7)
    _theory(axes, summary, step, plane, circle)
    x, y = np.sqrt(2 / run.setting.regime.d) * np.stack(circle)
    pen.line(axes, "sqrt(2/d)", x, y, ":", color="black", linewidth=0.8, zorder=4, label="radius $(2/d)^{1/2}$")
    cosines = run.cosines[:, run.at.index(step)][..., plane].reshape(-1, 2)
    positive = np.broadcast_to(run.alpha > 0, run.cosines.shape[:1] + run.cosines.shape[2:3]).ravel()
    known = np.isfinite(cosines).all(axis=1)
    if not known.any():
        raise ProblemError("every run diverged, so there is nothing to draw; a smaller eta may help")
    stride = -(-int(known.sum()) // POINTS)
    for above, marker, colour, label in ((True, "o", LEARNED, r"$\alpha_i>0$"), (False, "x", REST, r"$\alpha_i\leq0$")):
        some = cosines[known & (positive == above)][::stride]
        style = {"markeredgewidth": 0 if above else 0.7, "alpha": 0.75, "markersize": 2.6}
        name = f"neurons, alpha {'> 0' if above else '<= 0'}"
        pen.points(axes, name, some[:, 0], some[:, 1], marker, color=colour, label=label, **style)
    axes.set_aspect("equal")
    axes.set(xlim=(-1.06, 1.06), ylim=(-1.06, 1.06), xticks=(-1, 0, 1), yticks=(-1, 0, 1))
    axes.set_xlabel(rf"$\cos(w_i, w^*_{{{directions[0]}}})$")


def _theory(axes: Any, summary: Summary, step: int, plane: Sequence[int], circle: Any) -> None:
    """Lines of the levels that meet the plane in one, each new one once; a tint where a level fills it."""
    if summary.learned_at is None:
        return
    unit = summary.directions / np.linalg.norm(summary.directions, axis=0)
    drawn, levels = 0, sorted({t for t in summary.learned_at if t is not None and t <= step})
    for level in levels:
        learned = [i for i, t in enumerate(summary.learned_at) if t is not None and t <= level]
        left, sizes, _ = np.linalg.svd(unit[np.ix_(plane, learned)])
        if (sizes > _FLAT).sum() == 2:
            label = rf"$U^*_{{{level}}}$: the plane"
            axes.fill(*circle, color="black", alpha=0.07, linewidth=0, zorder=0, label=label)
            return
        if (sizes > _FLAT).sum() == 1 and not drawn:
            ends = np.outer(left[:, 0], (-1.0, 1.0))
            label = rf"$U^*_{{{level}}}$"
            pen.line(axes, f"U*_{level}", ends[0], ends[1], "--", color="black", linewidth=1.0, label=label)
            drawn += 1


def _legend(found: Place) -> None:
    """One for all panels: what the last shows."""
    last = found.axes[0, -1]
    if found.axes.size == 1:
        last.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False, borderaxespad=0)
        return
    legend.shared(found.home, last, "lower")
