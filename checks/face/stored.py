"""What was kept, read for a figure: NetCDF files, JSON lines, a store, points as CSV."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from theory import ProblemError
from theory.problem.errors import show

T = TypeVar("T")

STDIN = Path("-")
MAGIC = {b"CDF": "netcdf", b"\x89HDF": "netcdf", b"SQLite format 3\x00": "store"}
NAMES = {"netcdf": "a NetCDF file", "store": "a store of giantstep", "json": "JSON lines", "text": "text without JSON"}


def form(path: Path) -> str:
    """Of NAMES, by the first bytes. Raises ProblemError for a file that is missing, a folder, or empty."""
    if path == STDIN:
        return "json"
    if not path.is_file():
        raise ProblemError(f"there is no file {path}")
    with path.open("rb") as file:
        start = file.read(64)
    if not start:
        raise ProblemError(f"{path} is empty")
    for magic, name in MAGIC.items():
        if start.startswith(magic):
            return name
    return "json" if start.lstrip().startswith(b"{") else "text"


def only(paths: Sequence[Path], *forms: str) -> str:
    """The form of all of `paths`, one of `forms`; raises ProblemError where it is another."""
    found = {form(path): path for path in paths}
    for name, path in found.items():
        if name not in forms:
            raise ProblemError(f"{path} is {NAMES[name]}; this figure reads {' or '.join(NAMES[f] for f in forms)}")
    if len(found) > 1:
        raise ProblemError("give files of one kind")
    return next(iter(found))


def one(paths: Sequence[Path]) -> Path:
    """The path; raises ProblemError where there are several."""
    if len(paths) > 1:
        raise ProblemError(f"this figure is drawn from one file; {len(paths)} are given")
    return paths[0]


def netcdf(path: Path, read: Callable[[Any], T]) -> T:
    """What `read` makes of the dataset. Raises ProblemError, with the name of the file."""
    import xarray

    try:
        with xarray.open_dataset(path) as data:
            return read(data.load())
    except ProblemError as error:
        raise ProblemError(f"{path}: {error}") from None
    except Exception as error:  # of a damaged file readers raise whatever comes first; HDF5 may need a library more
        raise ProblemError(f"{path} cannot be read as NetCDF: {type(error).__name__} {show(str(error))}") from None


def json_lines(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """All objects of all files, in order; "-" is standard input. Raises ProblemError for what is no JSON object."""
    found = []
    for path in paths:
        name = "standard input" if path == STDIN else str(path)
        try:
            text = sys.stdin.read() if path == STDIN else path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise ProblemError(f"{name} is no text") from None
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                found.append(_object(line, f"line {number} of {name}"))
        if not text.strip():
            raise ProblemError(f"{name} is empty")
    return found


@contextmanager
def understood(paths: Sequence[Path]) -> Iterator[None]:
    """Turns what a reader trips over in a file of another kind, or one that was edited, into a ProblemError."""
    try:
        yield
    except ProblemError:
        raise
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        names = ", ".join(map(str, paths))
        raise ProblemError(f"{names}: not what this figure reads: {type(error).__name__} {show(str(error))}") from None


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise ProblemError(f"{where} is no JSON; giantstep simulate prints it with --json") from None
    if not isinstance(value, dict):
        raise ProblemError(f"{where} is no JSON object")
    return value
