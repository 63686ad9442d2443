"""What verbs with long work share: where results are kept, who computes them, and how far they are."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click

from theory.problem import ProblemError

from ..campaign import Campaign, Store, Workers, dask_executor, default_path
from ..campaign.campaign import Progress
from ..campaign.schema import StoreError
from .options import quiet_option
from .terminal import console, quiet

_OPTIONS = (
    click.option("--store", type=click.Path(path_type=Path), help="File that keeps results; default: the user's."),
    click.option("--no-store", is_flag=True, help="Keep nothing, and compute everything."),
    click.option(
        "--workers",
        type=click.IntRange(min=1),
        help="Processes to use; default: this one, on all cores (verify: one a core).",
    ),
    click.option("--dask", metavar="ADDRESS", help="Scheduler of a Dask cluster, such as tcp://10.0.0.1:8786."),
)


NAMES = ("store", "no_store", "workers", "dask")


def campaign_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--store, --no-store, --workers, --dask: by NAMES the arguments of `open_campaign`; and --quiet."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return quiet_option(command)


@contextmanager
def open_campaign(
    store: Path | None, no_store: bool, workers: int | None, dask: str | None, threads: int | None = None
) -> Iterator[Campaign]:
    """A campaign with a bar on stderr, if that is a terminal. Raises ProblemError for options that exclude each other,
    a store that cannot be used (the user's own is then done without), or a cluster that is not there."""
    if store is not None and no_store:
        raise ProblemError("--store and --no-store exclude each other")
    if workers is not None and dask is not None:
        raise ProblemError("--workers and --dask exclude each other: a cluster brings its own workers")
    with ExitStack() as stack:
        kept = None if no_store else _store(store)
        if kept is not None:
            stack.enter_context(kept)
        executor, ahead = None, 1
        if dask is not None:
            executor, cores = stack.enter_context(dask_executor(dask))
            ahead = 4 * cores
        elif workers is not None:
            executor, ahead = Workers(workers), 4 * workers
            stack.callback(executor.shutdown, cancel_futures=True)
        progress = stack.enter_context(_bar())
        yield Campaign(kept, executor, threads=threads, ahead=ahead, progress=progress)


def _store(path: Path | None) -> Store | None:
    if path is not None:
        return Store(path)
    try:
        default_path().parent.mkdir(parents=True, exist_ok=True)
        return Store(default_path())
    except (StoreError, OSError) as error:
        if not quiet():
            print(f"giantstep: results are not kept: {error}", file=sys.stderr)
        return None


def told(campaign: Campaign) -> str | None:
    """What of the results came from the store; None where nothing did."""
    total = campaign.answered + campaign.computed
    if not campaign.answered or campaign.store is None:
        return None
    return f"{campaign.answered} of {total} results were in the store {campaign.store.path}"


@contextmanager
def _bar() -> Iterator[Progress | None]:
    if not sys.stderr.isatty() or quiet():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = ("tasks", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), "left", TimeRemainingColumn())
    with Bar(*columns, console=console(stderr=True), transient=True) as bar:
        line = bar.add_task("", total=None)
        yield lambda done, expected: bar.update(line, completed=done, total=expected)
