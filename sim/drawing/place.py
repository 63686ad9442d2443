"""Where a figure is drawn: on axes or in a figure that are given, or in a new one in our style."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from theory.problem import ProblemError

from .style import STYLE


class Place(NamedTuple):
    """axes (rows, columns) to draw on; home: what a caller gets back, the axes where there is one and it was given or
    nothing was, else the figure."""

    home: Any
    axes: Any


_WIDTH: ContextVar[float | None] = ContextVar("width", default=None)
_LETTERS = 0.7  # inches of a figure's height that labels and legend take, whatever its width


@contextmanager
def wide(width: float | None) -> Iterator[None]:
    """New figures are `width` inches wide meanwhile, and as high as fits that; None: as they are."""
    token = _WIDTH.set(width)
    try:
        yield
    finally:
        _WIDTH.reset(token)


def _scaled(width: float, height: float) -> tuple[float, float]:
    asked = _WIDTH.get()
    return (width, height) if asked is None else (asked, (height - _LETTERS) * asked / width + _LETTERS)


@contextmanager
def place(ax: Any, size: tuple[float, float], rows: int = 1, columns: int = 1, **options: Any) -> Iterator[Place]:
    """ax: None for a new figure of pyplot's, of `size` in inches; a Figure or SubFigure without axes; an Axes, for one
    panel. options: of matplotlib's `subplots`.

    On what is given the caller's style holds, but for colours and marks. Raises ProblemError for anything else.
    """
    import matplotlib
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

    if isinstance(ax, Axes):
        if rows * columns > 1:
            raise ProblemError(f"this figure has {rows} x {columns} panels: give a Figure in place of an Axes")
        yield Place(ax, _grid(ax))
    elif isinstance(ax, FigureBase):
        yield Place(ax, ax.subplots(rows, columns, squeeze=False, **options))
    elif ax is None:
        import matplotlib.pyplot as plt

        with matplotlib.rc_context(STYLE):
            figure, axes = plt.subplots(
                rows, columns, squeeze=False, layout="constrained", figsize=_scaled(*size), **options
            )
            try:
                yield Place(axes[0, 0] if rows * columns == 1 else figure, axes)
            except BaseException:
                plt.close(figure)
                raise
    else:
        raise ProblemError(f"ax is a {type(ax).__name__}: give a matplotlib Axes or Figure, or None for a new figure")


def _grid(axes: Any) -> Any:
    import numpy as np

    grid = np.empty((1, 1), dtype=object)
    grid[0, 0] = axes
    return grid
