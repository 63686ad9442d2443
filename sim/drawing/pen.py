"""Marks on axes, each with its numbers kept: what is drawn and what is written to the data file are one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np
from numpy.typing import ArrayLike

_KEPT: WeakKeyDictionary[Any, list[tuple[Any, Series]]] = WeakKeyDictionary()  # axes -> (reference to artist, numbers)


@dataclass(frozen=True, eq=False)
class Series:
    """One mark: its name, its kind, and columns of equal length, or None where the mark has no such number.

    mark: "line" or "points" through (x, y); "band" from low to high; "interval" at (x, y) from low to high;
    "histogram": y is the height from x to the next x, NaN at the last; "rule" at x or at y, across the axes; "ticks" at
    x, from the axis up to y.
    """

    name: str
    mark: str
    x: np.ndarray | None = None
    y: np.ndarray | None = None
    low: np.ndarray | None = None
    high: np.ndarray | None = None

    @property
    def columns(self) -> dict[str, np.ndarray | None]:
        """x, y, low and high, by name."""
        return {name: getattr(self, name) for name in ("x", "y", "low", "high")}


def drawn(axes: Any) -> list[Series]:
    """What this pen drew on `axes`, in order; without what was removed or cleared since."""
    return [series for artist, series in _KEPT.get(axes, ()) if getattr(artist(), "axes", None) is axes]


def line(axes: Any, name: str, x: ArrayLike, y: ArrayLike, style: Any = "-", **options: Any) -> None:
    """Through (x, y), with matplotlib's `style` and options of a line."""
    _path(axes, name, "line", x, y, linestyle=style, **{"linewidth": 1.1, **options})


def points(axes: Any, name: str, x: ArrayLike, y: ArrayLike, marker: str = "o", **options: Any) -> None:
    """At (x, y), unconnected."""
    _path(axes, name, "points", x, y, linestyle="none", marker=marker, **{"markersize": 3.5, **options})


def band(axes: Any, name: str, x: ArrayLike, low: ArrayLike, high: ArrayLike, color: Any) -> None:
    """Between two curves."""
    x, low, high = (np.asarray(values, dtype=float) for values in (x, low, high))
    artist = axes.fill_between(x, low, high, color=color, alpha=0.2, linewidth=0)
    _keep(axes, artist, Series(name, "band", x, low=low, high=high))


def intervals(
    axes: Any, name: str, x: ArrayLike, y: ArrayLike, low: ArrayLike, high: ArrayLike, **options: Any
) -> None:
    """Points with bars; a bar that is infinite is left out, and its point is drawn."""
    x, y, low, high = (np.asarray(values, dtype=float) for values in (x, y, low, high))
    bars, known = np.zeros((2, len(y))), np.isfinite([y, low, high]).all(axis=0)
    bars[:, known] = np.abs(np.stack([low[known], high[known]]) - y[known])
    shown = {"linestyle": "none", "markersize": 3, "linewidth": 0.9, "elinewidth": 0.9, "marker": "o", **options}
    container = axes.errorbar(x, y, bars, **shown)
    _keep(axes, container.lines[0], Series(name, "interval", x, y, low, high))


def histogram(axes: Any, name: str, edges: ArrayLike, heights: ArrayLike, **options: Any) -> None:
    """Bins between `edges` (M + 1,) with `heights` (M,), filled."""
    edges, heights = np.asarray(edges, dtype=float), np.asarray(heights, dtype=float)
    artist = axes.stairs(heights, edges, fill=True, **options)
    _keep(axes, artist, Series(name, "histogram", edges, np.append(heights, np.nan)))


def ticks(axes: Any, name: str, x: ArrayLike, height: float, **options: Any) -> None:
    """Strokes from the axis up."""
    x = np.asarray(x, dtype=float)
    artist = axes.vlines(x, 0, height, **{"linewidth": 0.8, **options})
    _keep(axes, artist, Series(name, "ticks", x, np.full(len(x), height)))


def rule(axes: Any, name: str, *, x: float | None = None, y: float | None = None, **options: Any) -> None:
    """A straight line across the axes, at an x or at a y."""
    shown = {"color": "#555555", "linewidth": 0.8, **options}
    artist = axes.axvline(x, **shown) if x is not None else axes.axhline(y, **shown)
    at = {key: np.array([float(value)]) for key, value in (("x", x), ("y", y)) if value is not None}
    _keep(axes, artist, Series(name, "rule", **at))


def _path(axes: Any, name: str, mark: str, x: ArrayLike, y: ArrayLike, **options: Any) -> None:
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    (artist,) = axes.plot(x, y, **options)
    _keep(axes, artist, Series(name, mark, x, y))


def _keep(axes: Any, artist: Any, series: Series) -> None:
    _KEPT.setdefault(axes, []).append((ref(artist), series))
