"""The staircase in steps: cosines along the directions theory names, and the steps at which it has them learned."""

from __future__ import annotations

from typing import Any

from sim import Run
from sim.drawing import pen
from sim.drawing.place import place
from sim.drawing.style import COLUMN, direction, mark
from sim.drawing.trajectory import draw_chance, draw_median, finish

from ..directions import Summary, summarise


def staircase(run: Run, *, ax: Any = None) -> Any:
    """Root mean square cosine over neurons with each direction of V* against steps: medians over replicas with bands
    from 10 to 90 %. A triangle on the axis: the step from which theory has the cosine Theta(1).

    run: with cosines. Raises ProblemError for a run without, and where every replica diverged.
    """
    summary = summarise(needs_cosines(run))
    with place(ax, (COLUMN, 2.5)) as (home, ((axes,),)):
        for i, name in enumerate(summary.names):
            draw_median(axes, run.at, summary.sizes(i), name, _label(summary, i), i)
        draw_chance(axes, run.setting.regime.d)
        for i, name in enumerate(summary.names):
            _theory(axes, summary, i, name)
        axes.set_ylabel("cosine of the rows (r.m.s.)")
        finish(axes, columns=3)
    return home


def needs_cosines(run: Run) -> Run:
    """The run; raises ProblemError where it holds no cosines."""
    from theory import ProblemError

    if run.cosines is None:
        raise ProblemError('this run holds no cosines: simulate it with record=("cosines",)')
    return run


def _label(summary: Summary, i: int) -> str:
    if summary.learned_at is None:
        return direction(summary.names[i])
    step = summary.learned_at[i]
    return f"{direction(summary.names[i])} (theory: {'never' if step is None else f'step {step}'})"


def _theory(axes: Any, summary: Summary, i: int, name: str) -> None:
    step = None if summary.learned_at is None else summary.learned_at[i]
    if step is not None and step <= summary.run.at[-1]:
        colour = mark(i)["color"]
        pen.points(axes, f"{name}, learned in theory", [step], [0.0], "^", color=colour, markersize=6, clip_on=False)
