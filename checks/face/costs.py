"""What each method of `giantstep simulate` would cost, and how far a run is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from theory.problem import ProblemError, Setting

from .lines import print_line
from .terminal import console, heading, quiet, table


def print_costs(setting: Setting, method: str, costs: dict[str, Any], as_json: bool) -> None:
    """A table or a JSON line. Raises ProblemError for a method that is none."""
    if method not in costs:
        raise ProblemError(f"method = {method!r}; known: {', '.join(costs)}")
    taken = costs.pop("auto").method
    if as_json:
        methods = {
            name: {"seconds": o.cost.seconds, "bytes": o.cost.bytes} if o.cost else {"refusal": o.refusal}
            for name, o in costs.items()
        }
        print_line({"schema": 1, "setting": setting.identity, "auto": taken, "methods": methods})
        return
    rows = [(name, o.time, o.memory, o.refusal or "") for name, o in costs.items()]
    out = console()
    out.print(heading(f"d = {setting.regime.d}, n = {setting.n}, {setting.regime.steps} steps: auto takes {taken}"))
    out.print(table(("method", "time, about", "memory, about", "why not"), rows))


@contextmanager
def progress_bar(label: str) -> Iterator[Any]:
    """A live bar on stderr, if that is a terminal."""
    if not sys.stderr.isatty() or quiet():
        yield None
        return
    from rich.progress import Progress

    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=1.0)
        yield lambda fraction: bar.update(task, completed=fraction)
