"""Legends beside what is drawn, never over it, and no wider than there is room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_ROOM = 1.1  # of the width of axes before their layout, which leaves wide margins


def above(axes: Any, columns: int = 4) -> None:
    """Above the axes, in as many columns as fit, `columns` at most; of what has a label."""
    if axes.get_legend_handles_labels()[1]:
        at = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "borderaxespad": 0.2, "frameon": False}
        _fit(lambda count: axes.legend(ncols=count, **at), columns, _ROOM * axes.bbox.width)


def shared(home: Any, axes: Any, where: str) -> None:
    """One for all panels of `home`, a Figure or SubFigure, with what `axes` shows; where: "upper" or "lower"."""
    handles, labels = axes.get_legend_handles_labels()
    at = {"loc": f"outside {where} center", "frameon": False}
    _fit(lambda count: home.legend(handles, labels, ncols=count, **at), len(labels), home.bbox.width)


def _fit(make: Callable[[int], Any], columns: int, room: float) -> None:
    for count in range(columns, 0, -1):
        box = make(count)
        if count == 1 or box.get_window_extent().width <= room:
            return
        box.remove()
