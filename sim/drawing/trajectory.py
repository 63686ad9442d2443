"""A run's own numbers against steps, without a prediction: what `Run.plot` draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.problem import ProblemError

from . import legend, pen
from .place import place
from .style import BAND, COLUMN, GUIDE, direction, mark

if TYPE_CHECKING:
    from ..run import Run

LABELS = {
    "cosines": r"cosine of the rows with $w^*_r$ (r.m.s.)",
    "overlaps": r"overlap $\langle w_i, w^*_r\rangle$ (r.m.s.)",
    "test_error": r"test error $E(f^*-f)^2$",
    "train_error": r"training error $\frac{1}{n}\sum(y-f)^2$",
}


def plot_run(run: Run, kind: str, ax: Any) -> Any:
    """Draw `kind` (of LABELS) of a run; see `Run.plot`."""
    if kind not in LABELS:
        raise ProblemError(
            f"kind = {kind!r}; a run draws {', '.join(LABELS)}; figures beside theory are in checks.face.figures"
        )
    values = getattr(run, kind)
    if values is None:
        raise ProblemError(f'this run holds no {kind}: simulate it with record=("{kind}",)')
    with place(ax, (COLUMN, 2.4)) as (home, ((axes,),)):
        if values.ndim == 2:
            draw_median(axes, run.at, values, kind, kind.replace("_", " "), 0)
        else:
            for r in range(values.shape[3]):
                sizes = np.sqrt(np.mean(values[..., r] ** 2, axis=2))
                draw_median(axes, run.at, sizes, f"z{r + 1}", direction(f"z{r + 1}"), r)
        if kind == "cosines":
            draw_chance(axes, run.setting.regime.d)
        axes.set_ylabel(LABELS[kind])
        finish(axes)
    return home


def draw_median(axes: Any, at: Sequence[int], values: np.ndarray, name: str, label: str, number: int) -> None:
    """The median over replicas of values (replicas, len(at)) against steps, with a band from quantile BAND[0] to
    BAND[1]. Raises ProblemError where no replica is left at any step after the first."""
    known = np.where(np.isnan(values), np.inf, values)  # a run that diverged counts as large
    low, middle, high = np.quantile(known, (BAND[0], 0.5, BAND[1]), axis=0, method="lower")
    if len(at) > 1 and not np.isfinite(middle[1:]).any():
        raise ProblemError("every run diverged, so there is nothing to draw; a smaller eta may help")
    seen = np.isfinite(middle)
    steps, style = np.asarray(at)[seen], mark(number)
    ends = np.where(np.isfinite(high), high, middle)[seen]
    pen.band(axes, f"{name}, quantiles {BAND[0]:g} to {BAND[1]:g}", steps, low[seen], ends, style["color"])
    pen.line(axes, name, steps, middle[seen], label=label, markersize=3.5, **style)


def draw_chance(axes: Any, d: int) -> None:
    """The size of a random row's cosine with a fixed direction."""
    pen.rule(axes, "1/sqrt(d)", y=d**-0.5, color=GUIDE, linestyle=":", label="$d^{-1/2}$")


def finish(axes: Any, columns: int = 4, signed: bool = False) -> None:
    """Whole steps below, the legend above; values that have no sign begin at 0."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("step")
    if not signed:
        axes.set_ylim(bottom=0)
    legend.above(axes, columns)
