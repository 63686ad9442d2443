"""What a figure shows, read from its artists, and what its data file says."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patches import StepPatch

Numbers = list[tuple[float, ...]]


def shown(axes: Any) -> Numbers:
    """Every number drawn on `axes` as sorted tuples: kind of artist, then its coordinates, point by point."""
    found: Numbers = []
    for line in axes.lines:
        x, y = np.asarray(line.get_xdata(), dtype=float), np.asarray(line.get_ydata(), dtype=float)
        if line.get_transform() != axes.transData and len(x):  # across the axes: only one coordinate is a number
            found.append((1, x[0], -1) if x[0] == x[1] else (1, -1, y[0]))
        else:
            found += [(0, *point) for point in zip(x, y, strict=True)]
    for collection in axes.collections:
        if isinstance(collection, LineCollection):
            found += [(2, *end) for segment in collection.get_segments() for end in segment]
        elif isinstance(collection, PolyCollection):
            found += [(3, *vertex) for path in collection.get_paths() for vertex in np.unique(path.vertices, axis=0)]
    for patch in axes.patches:
        if isinstance(patch, StepPatch):
            heights, edges, _ = patch.get_data()
            found += [(4, *bar) for bar in zip(edges, [*heights, np.nan], strict=True)]
    return _sorted(found)


def written(path: Path) -> list[Numbers]:
    """The same of the data file, panel by panel."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    panels = sorted({int(row["panel"]) for row in rows})
    return [_sorted(_of_panel([row for row in rows if int(row["panel"]) == panel])) for panel in panels]


def _of_panel(rows: list[dict[str, str]]) -> Numbers:
    found: Numbers = []
    bands: dict[str, set[tuple[float, ...]]] = {}
    for row in rows:
        x, y, low, high = (float(row[name] or -1) for name in ("x", "y", "low", "high"))
        match row["mark"]:
            case "line" | "points":
                found.append((0, x, y))
            case "rule":
                found.append((1, x, y))
            case "ticks":
                found += [(2, x, 0.0), (2, x, y)]
            case "histogram":
                found.append((4, x, y))
            case "band":
                bands.setdefault(row["series"], set()).update({(3, x, low), (3, x, high)})
            case "interval":
                ends = (low, high) if np.isfinite([low, high]).all() else (y, y)
                found += [(0, x, y), (2, x, ends[0]), (2, x, ends[1])]
    return found + [vertex for vertices in bands.values() for vertex in vertices]


def _sorted(found: Numbers) -> Numbers:
    return sorted(found, key=lambda point: [np.inf if np.isnan(value) else value for value in point])
