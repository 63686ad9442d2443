"""giantstep store: what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..campaign import default_path, our_code
from ..campaign.export import export
from ..campaign.store import Stored
from .cli import EXIT_DISAGREE
from .history import opened
from .lines import print_line
from .options import json_option
from .terminal import console, heading, table


@click.command("store")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--check", is_flag=True, help="Test the file and every result's checksum.")
@click.option("--prune", is_flag=True, help="Forget results of other versions of the code.")
@click.option("--export", "folder", type=click.Path(path_type=Path), help="Folder for NetCDF files, one a work.")
@json_option
def command(file: Path | None, check: bool, prune: bool, folder: Path | None, as_json: bool) -> int:
    """What the store FILE holds; by default the user's own.

    \b
    Example: giantstep store --check
             giantstep store campaign.sqlite --export results

    Exit code: 1 where the check finds damage.
    """
    path = file or default_path()
    with opened(path, "`giantstep verify` and sweeps make one with --store") as store:
        if prune:
            gone = store.prune(our_code())
            click.echo(f"{gone} results of other versions forgotten", err=True)
        if folder is not None:
            for written in export(store, folder):
                click.echo(written, err=True)
        _show(path, list(store.works()), as_json)
        damage = store.damage() if check else []
    for line in damage:
        click.echo(f"{path}: {line}", err=True)
    if check and not damage:
        click.echo(f"{path}: no damage", err=True)
    return EXIT_DISAGREE if damage else 0


def _show(path: Path, works: list[Stored], as_json: bool) -> None:
    if as_json:
        for work in works:
            record = {"schema": 1, "identity": work.identity, **work.description}
            print_line({**record, "replicas": work.replicas, "tasks": work.tasks, "seconds": work.seconds})
        return
    rows = [
        (work.identity[:8], _what(work.description), str(work.replicas), str(work.tasks), f"{work.seconds:.1f}")
        for work in works
    ]
    out = console()
    out.print(table(("work", "what", "replicas", "tasks", "seconds"), rows))
    tasks, seconds = sum(work.tasks for work in works), sum(work.seconds for work in works)
    size = path.stat().st_size / 2**20
    out.print(heading(f"{path}: {tasks} results, {seconds:.0f} s of computing, {size:.1f} MiB"), soft_wrap=True)


def _what(description: Any) -> str:
    """Function and arguments on one line."""
    text = ", ".join(f"{name} = {value}" for name, value in description["arguments"].items() if value is not None)
    return f"{description['function'].partition(':')[2]}({text if len(text) <= 120 else text[:117] + '...'})"
