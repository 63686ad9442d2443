"""A figure straight to its files, as the command line needs it: no window, nothing left behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.drawing.place import wide
from sim.drawing.save import root, save


def write(path: Path, draw: Callable[..., Any], *data: Any, width: float | None = None, **options: Any) -> list[Path]:
    """Draw with one of our functions, save figure and numbers, and close it; returns the paths written.

    width: of the figure in inches, its height in proportion and its letters as they are; None: for one column or two.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    with wide(width):
        figure = root(draw(*data, **options))
    try:
        return list(save(figure, path))
    finally:
        plt.close(figure)
