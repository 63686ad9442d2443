"""giantstep simulate --sweep: one setting at several sizes, as a campaign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from theory.problem import ProblemError, Setting
from theory.problem.errors import show
from theory.problem.regime import SIZES, size_expression
from theory.problem.scalars import finite

from .directions import Summary
from .lines import print_line
from .swept import sweep_of
from .terminal import console, heading, table
from .trend import heads, row, trends

MOST_VALUES = 1000
LARGEST = 2**53  # of a progression's ends: up to there float64 knows every whole number


def sweep_values(text: str, sweep: str, setting: Setting) -> list[int]:
    """The sizes in --values, increasing: "64,128,256", or "64..4096:7", 7 in geometric progression between the two.

    Those of n may be expressions in d and p: "d,4d", "d**0.5..d**1.5:20". What is no whole number is rounded, and of
    a progression equal ones are taken once. Raises ProblemError for anything else.
    """
    low, dots, rest = text.partition("..")
    if dots:
        high, _, count = rest.partition(":")
        ends = [_size(part, sweep, setting, text) for part in (low, high)]
        if not count.strip().isdecimal() or not 2 <= int(count) <= MOST_VALUES or not 1 <= ends[0] < ends[1]:
            raise ProblemError(f"values = {show(text)}; give LOW..HIGH:COUNT, such as 64..4096:7, with 1 <= LOW < HIGH")
        if ends[1] > LARGEST:
            raise ProblemError(f"values = {show(text)}; the ends of LOW..HIGH:COUNT may be {LARGEST} = 2^53 at most")
        return sorted({round(value) for value in np.geomspace(ends[0], ends[1], int(count)).tolist()})
    values = [round(_size(part, sweep, setting, text)) for part in text.split(",")]
    if values != sorted(set(values)):
        raise ProblemError(f"values = {show(text)}; give them in increasing order, each once")
    return values


def _size(part: str, sweep: str, setting: Setting, text: str) -> float:
    try:
        return int(part)
    except ValueError:
        if sweep != "n" or not part.strip():
            raise ProblemError(f"values = {show(text)}; give whole numbers, such as 64,128,256 or 64..256:3") from None
    sizes = {SIZES["d"]: setting.regime.d, SIZES["p"]: setting.student.p}
    return finite(size_expression(part, "n").subs(sizes), f"values: {part.strip()}")


def at_value(setting: Setting, name: str, value: int) -> Setting:
    """The setting with another d or n."""
    return Setting(setting.target, setting.student, replace(setting.regime, **{name: value}))  # type: ignore[arg-type]


def finish(summaries: Sequence[Summary], sweep: str, plot: Path | None, as_json: bool) -> None:
    """The exponents of the sweep as a table or a JSON line, and the figure."""
    found = trends(summaries, sweep)
    step = summaries[-1].run.at[-1]
    if as_json:
        print_line({"schema": 1, "sweep": sweep, "step": step, "directions": [t.to_json() for t in found]})
    elif found:
        out = console()
        out.print(heading(f"exponents in {sweep} of the cosines after step {step}, 95 % intervals, all together"))
        out.print(table(heads(found[0]), [row(trend) for trend in found]))
    if plot is not None:
        from .figures import exponents, write

        write(plot, exponents, sweep_of(summaries, sweep))
