"""giantstep plot: figures from what was kept, without simulating again."""

from __future__ import annotations

from pathlib import Path

import click

from theory.problem import ProblemError

from .kinds import KINDS, Kind
from .lines import print_line
from .options import json_option
from .report import check_figure
from .stored import form
from .terminal import console, table

WIDTHS = (1.0, 30.0)  # inches


@click.command("plot")
@click.argument("kind", required=False)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The figure: .svg, .pdf or .png; its numbers go to .csv.")
@click.option("--list", "listed", is_flag=True, help="The kinds, and what each is drawn from.")
@click.option("--steps", help="Of a teacher plane: a panel for each, such as 1,2,3; default: up to four.")
@click.option("--directions", help="Of a teacher plane: two of the target's; default: 1,2.")
@click.option("--work", metavar="ID", help="Of a store: the result whose identity begins so, see giantstep store.")
@click.option("--width", type=float, help="Width in inches; letters keep their size. Default: fits one column or two.")
@json_option
def command(
    kind: str | None, files: tuple[Path, ...], out: Path | None, listed: bool, work: str | None, width: float | None,
    as_json: bool, **options: str | None,
) -> None:  # fmt: skip
    """Draw a figure of KIND from FILES, and write its numbers beside it.

    \b
    Example: giantstep simulate "z1 + z1*z2" --steps 3 --eta "2*p" --out run.nc
             giantstep plot teacher-plane run.nc --out plane.svg
             giantstep plot staircase run.nc --out staircase.pdf
             giantstep simulate "z1 + z1*z2" --steps 1 --sweep d --values 64,128,256 --json > sweep.jsonl
             giantstep plot exponents sweep.jsonl --out exponents.svg
             giantstep plot --list

    Floors, limits and other lines of theory are computed anew. FILE - is standard input.
    """
    if listed:
        _list(as_json)
        return
    chosen = _checked(kind, files, out, work, width)
    asked = {name: _numbers(name, text) for name, text in options.items() if text is not None}
    for name in asked:
        if name not in chosen.options:
            raise ProblemError(f"--{name} is not for {kind}: leave it out")
    assert out is not None
    data = chosen.load(files, work)
    from . import figures

    paths = figures.write(out, getattr(figures, chosen.figure), *data, width=width, **asked)
    if as_json:
        print_line({"schema": 1, "figure": kind, "paths": [str(path) for path in paths]})
    else:
        click.echo(f"{paths[0]}, and its numbers in {paths[1]}")


def _checked(
    kind: str | None, files: tuple[Path, ...], out: Path | None, work: str | None, width: float | None
) -> Kind:
    """The kind. Raises ProblemError now, not after the work, for what cannot be drawn or written."""
    from sim.drawing.save import data_path

    if kind not in KINDS:
        raise ProblemError(f"{'no kind of figure' if kind is None else kind!r}; known: {', '.join(KINDS)}")
    if not files:
        raise ProblemError(f"no file: {kind} is drawn from what {KINDS[kind].reads} writes")
    if out is None:
        raise ProblemError(f"name the figure: --out {kind}.svg, .pdf or .png")
    check_figure(out)
    for path in files:
        if path.resolve() == data_path(out).resolve():
            raise ProblemError(f"{path} would be overwritten by the figure's numbers: give another --out")
        if work is not None and form(path) != "store":
            raise ProblemError(f"--work chooses among the results of a store, and {path} is none: leave --work out")
    if width is not None and not WIDTHS[0] <= width <= WIDTHS[1]:
        raise ProblemError(f"width = {width:g} inches; give {WIDTHS[0]:g} to {WIDTHS[1]:g}, such as 3.4")
    return KINDS[kind]


def _numbers(name: str, text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ProblemError(f"{name} = {text!r}; give whole numbers, such as 1,2") from None


def _list(as_json: bool) -> None:
    if as_json:
        for name, kind in KINDS.items():
            print_line({"schema": 1, "kind": name, "draws": kind.draws, "reads": kind.reads})
        return
    rows = [(name, kind.draws, kind.reads) for name, kind in KINDS.items()]
    console().print(table(("kind", "draws", "from what this writes"), rows))
