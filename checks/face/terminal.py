"""Tables and progress for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

QUIET = "giantstep.quiet"  # under which click's context remembers it
WIDTH_WHEN_PIPED = 240  # tables keep their natural width: nothing is folded that a script may look for


def console(stderr: bool = False) -> Console:
    """A console; when its output is piped, wide enough for the tables. Silent on stderr after --quiet."""
    silent = stderr and quiet()
    plain = Console(stderr=stderr, highlight=False, quiet=silent)
    return plain if plain.is_terminal else Console(stderr=stderr, highlight=False, quiet=silent, width=WIDTH_WHEN_PIPED)


def quiet() -> bool:
    """Whether the verb that is running was told --quiet."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(QUIET))


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table of plain cells: brackets in them are text, not markup."""
    result = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        result.add_column(Text(column), overflow="fold", no_wrap=number == 0)
    for row in rows:
        result.add_row(*map(Text, row))
    return result


def heading(text: str) -> Text:
    """The line above a table."""
    return Text(text, style="bold")
