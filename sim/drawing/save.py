"""A figure as a file, and its numbers as another beside it."""

from __future__ import annotations

import csv
from itertools import zip_longest
from pathlib import Path
from typing import Any

from theory.problem import ProblemError

from .pen import Series, drawn
from .style import STYLE

METADATA = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}  # no date: the same run, the same file
COLUMNS = ("panel", "title", "x_label", "y_label", "series", "mark", "x", "y", "low", "high")


def save(home: Any, path: str | Path) -> tuple[Path, Path]:
    """Write the figure of `home` (an Axes or a Figure) to `path` (.svg, .pdf, .png), and the numbers that our figures
    drew on it to the same name with .csv. Returns both paths. Raises ProblemError for another suffix, or OSError."""
    import matplotlib

    path = Path(path)
    if path.suffix not in METADATA:
        raise ProblemError(f"{path}: the file name must end in {' or '.join(METADATA)}")
    with matplotlib.rc_context({key: value for key, value in STYLE.items() if key.split(".")[0] in _OF_FILES}):
        root(home).savefig(path, metadata=METADATA[path.suffix])
    return path, write_data(home, data_path(path))


_OF_FILES = ("svg", "pdf", "savefig")


def root(home: Any) -> Any:
    """The whole figure of an Axes, a SubFigure or a Figure."""
    return home.figure.figure


def data_path(path: Path) -> Path:
    """Where the numbers of a figure are written."""
    return path.with_suffix(".csv")


def write_data(home: Any, path: Path) -> Path:
    """The numbers drawn, one a row; an empty cell: the mark has no such number. The columns are COLUMNS."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number, (axes, every) in enumerate(panels(home), start=1):
            told = (number, axes.get_title(), axes.get_xlabel(), axes.get_ylabel())
            for series in every:
                writer.writerows((*told, series.name, series.mark, *row) for row in _rows(series))
    return path


def panels(home: Any) -> list[tuple[Any, list[Series]]]:
    """(axes, what was drawn there) for all axes of the figure that hold something of ours."""
    found = [(axes, drawn(axes)) for axes in root(home).axes]
    return [(axes, every) for axes, every in found if every]


def _rows(series: Series) -> Any:
    """Numbers to the last bit."""
    columns = [[] if values is None else map(repr, values.tolist()) for values in series.columns.values()]
    return zip_longest(*columns, fillvalue="")
