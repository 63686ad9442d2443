"""giantstep simulate --sweep: one setting at several sizes, as a campaign."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from theory.problem import ProblemError, Setting

from .directions import Summary
from .terminal import console, heading, table
from .trend import heads, row, trends


def sweep_values(text: str | None) -> list[int]:
    """The sizes in --values, increasing. Raises ProblemError for anything else."""
    try:
        values = [int(part) for part in (text or "").split(",")]
    except ValueError:
        raise ProblemError(f"values = {text!r}; give whole numbers separated by commas, such as 64,128,256") from None
    if values != sorted(set(values)):
        raise ProblemError(f"values = {text!r}; give them in increasing order, each once")
    return values


def at_value(setting: Setting, name: str, value: int) -> Setting:
    """The setting with another d or n."""
    return Setting(setting.target, setting.student, replace(setting.regime, **{name: value}))  # type: ignore[arg-type]


def finish(summaries: Sequence[Summary], sweep: str, plot: Path | None, as_json: bool) -> None:
    """The exponents of the sweep as a table or a JSON line, and the figure."""
    found = trends(summaries, sweep)
    step = summaries[-1].run.at[-1]
    if as_json:
        click.echo(json.dumps({"schema": 1, "sweep": sweep, "step": step, "directions": [t.to_json() for t in found]}))
    elif found:
        out = console()
        out.print(heading(f"exponents in {sweep} of the cosines after step {step}, 95 % intervals, all together"))
        out.print(table(heads(found[0]), [row(trend) for trend in found]))
    if plot is not None:
        from .figures import sweep_figure

        sweep_figure(summaries, sweep, plot)
