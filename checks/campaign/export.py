"""What a store holds, as NetCDF files that xarray, R or MATLAB read: one a work."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .store import Store, Stored
from .work import Results, joined

if TYPE_CHECKING:
    import xarray


def to_xarray(store: Store, work: Stored) -> xarray.Dataset:
    """The results of a work along "replica", their number. Attributes: function, code, and the arguments as JSON.

    Arrays whose sizes differ from task to task are filled up with zeros to the largest.
    """
    import xarray

    numbers, tasks = store.results(work.identity)
    arrays = joined(_level(tasks))
    return xarray.Dataset(
        {name: _variable(name, arrays[title], title) for name, title in _names(arrays).items()},
        coords={"replica": numbers},
        attrs={"identity": work.identity, **{key: _text(value) for key, value in work.description.items()}},
    )


def export(store: Store, folder: Path) -> Iterator[Path]:
    """Write every work to `folder`, which is made; yields the files. Raises OSError where that is not possible."""
    folder.mkdir(parents=True, exist_ok=True)
    for work in store.works():
        file = folder / f"{_title(work.description)}-{work.identity[:8]}.nc"
        to_xarray(store, work).to_netcdf(file)
        yield file


def _level(tasks: list[Results]) -> list[Results]:
    """The same with arrays as wide as the widest of their name, along every axis but the first."""
    names = tasks[0] if tasks else ()
    widest = {name: np.max([task[name].shape[1:] for task in tasks], axis=0, initial=0) for name in names}
    return [{name: _filled(values, widest[name]) for name, values in task.items()} for task in tasks]


def _filled(values: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    missing = [(0, int(size) - has) for size, has in zip(sizes, values.shape[1:], strict=True)]
    return np.pad(values, [(0, 0), *missing])


def _variable(name: str, values: np.ndarray, title: str) -> tuple[Iterable[str], np.ndarray, dict[str, str]]:
    others = (f"{name}_axis_{axis}" for axis in range(1, values.ndim))
    return ("replica", *others), values, {"long_name": title}


def _names(titles: Iterable[str]) -> dict[str, str]:
    """Titles by names of their own that NetCDF takes."""
    found: dict[str, str] = {}
    for title in titles:
        name, number = _name(title), 2
        while name in found:
            name, number = f"{_name(title)}_{number}", number + 1
        found[name] = title
    return found


def _name(name: str) -> str:
    """A name that NetCDF takes."""
    return re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "value"


def _title(description: Mapping[str, Any]) -> str:
    """Of a file: the function, and what is short among its arguments."""
    words = [value for value in description["arguments"].values() if isinstance(value, str | int) and value is not None]
    return _name("_".join([description["function"].partition(":")[2], *map(str, words)]))[:100]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
