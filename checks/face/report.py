"""Verdicts as a table, and as files: JSON lines, Markdown, and a page for the browser."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from theory.problem import ProblemError

from ..verdict import Status, Verdict
from .lines import line

HEADS = (
    "claim",
    "verdict",
    "closest to failing",
    "measured",
    "interval",
    "theory",
    "tolerance",
    "d",
    "foils refuted",
    "seconds",
)
PAGE = "index.html"
FILES = ("verdicts.jsonl", "verdicts.md", PAGE)  # of a report
FIGURES = (".svg", ".pdf", ".png")


def row(verdict: Verdict) -> tuple[str, ...]:
    """The cells under HEADS: the component closest to failing speaks for the claim."""
    dead = sum(status is Status.DISAGREE for _, status in verdict.foils)
    dims = f"{verdict.dims[0]}" if len(verdict.dims) == 1 else f"{verdict.dims[0]}..{verdict.dims[-1]}"
    return (
        verdict.claim,
        str(verdict.status) + (" *" if verdict.flags else ""),
        verdict.headline.name,
        f"{verdict.estimate:.4g}",
        f"[{verdict.interval.lo:.4g}, {verdict.interval.hi:.4g}]",
        f"{verdict.prediction:.3g}",
        f"{verdict.bias + verdict.margin:.3g}",
        dims,
        f"{dead} of {len(verdict.foils)}",
        f"{verdict.seconds:.1f}",
    )


def check_writable(folder: Path, names: Sequence[str] = FILES) -> None:
    """Make the folder; raises ProblemError now, not after the work, where it or a file in it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".giantstep"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ProblemError(f"the folder {folder} cannot be written: {error.strerror}") from None
    for name in names:
        check_file(folder / name)


def check_file(path: Path, suffixes: Sequence[str] = ()) -> None:
    """Raises ProblemError where `path` has none of the suffixes, if any, or no file can be written there."""
    if suffixes and path.suffix not in suffixes:
        raise ProblemError(f"{path}: the file name must end in {' or '.join(suffixes)}")
    if path.is_dir():
        raise ProblemError(f"{path} cannot be written: it is a folder")
    if not path.parent.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        what = "it is read-only" if path.exists() else f"{path.parent} is no folder that can be written"
        raise ProblemError(f"{path} cannot be written: {what}")


def check_figure(path: Path) -> None:
    """Raises ProblemError where no figure can be written to `path`, or not its numbers beside it."""
    from sim.drawing.save import data_path

    check_file(path, FIGURES)
    check_file(data_path(path))


def write_report(folder: Path, verdicts: Sequence[Verdict]) -> None:
    """verdicts.jsonl, one verdict a line; verdicts.md, the table; index.html, the page."""
    lines, table, _ = (folder / name for name in FILES)
    lines.write_text("".join(line(verdict.to_json()) + "\n" for verdict in verdicts), encoding="utf-8")
    table.write_text(markdown(verdicts), encoding="utf-8")
    write_page(folder, verdicts)


def write_page(folder: Path, verdicts: Sequence[Verdict]) -> Path:
    """index.html alone; returns where it is."""
    from .html import render

    path = folder / PAGE
    path.write_text(render(verdicts), encoding="utf-8")
    return path


def markdown(verdicts: Sequence[Verdict]) -> str:
    """The table in Markdown, where a name such as |beta| would end a cell."""
    rows = [HEADS, tuple("---" for _ in HEADS), *(row(verdict) for verdict in verdicts)]
    return "".join("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |\n" for cells in rows)
