"""giantstep report: the page of what a store holds."""

from __future__ import annotations

from pathlib import Path

import click

from theory.problem import ProblemError

from ..campaign import default_path
from ..verdict import Verdict
from .history import newest, opened
from .lines import print_line
from .options import json_option
from .report import PAGE, check_writable, write_page


@click.command("report")
@click.argument("store", type=click.Path(path_type=Path), required=False)
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("report"), show_default=True, help="Folder for index.html."
)
@json_option
def command(store: Path | None, out: Path, as_json: bool) -> int:
    """One HTML page of the newest verdict on every claim in STORE, by default the user's own, without simulating again.

    \b
    Example: giantstep verify --store campaign.sqlite
             giantstep report campaign.sqlite --out report

    Exit code: 2 where STORE is missing, holds no verdict, or the folder cannot be written.
    """
    verdicts = stored_verdicts(store or default_path())
    check_writable(out, (PAGE,))
    path = write_page(out, verdicts)
    if as_json:
        print_line({"schema": 1, "report": str(path), "claims": len(verdicts), "bytes": path.stat().st_size})
    else:
        click.echo(f"{path}: {len(verdicts)} claims, {path.stat().st_size / 1e6:.1f} MB")
    return 0


def stored_verdicts(path: Path) -> list[Verdict]:
    """The newest verdict on every claim, in the order of the ids. Raises ProblemError where there is none."""
    with opened(path, f"`giantstep verify --store {path}` makes one") as store:
        records = newest(store)
    if not records:
        raise ProblemError(f"the store {path} holds no verdict; `giantstep verify --store {path}` puts them there")
    return [Verdict.from_json(records[claim]) for claim in sorted(records)]
