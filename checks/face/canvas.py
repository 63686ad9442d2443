"""What all figures share: one style for a paper, vector output, and a file that is the same for the same run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

BAND = (0.1, 0.9)  # quantiles over replicas
LEARNED, REST, GUIDE = "#0072b2", "#d55e00", "#555555"  # Okabe and Ito's blue and vermillion
STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "giantstep",  # the same run gives the same file
    "svg.fonttype": "none",
}


@contextmanager
def canvas(path: Path, rows: int = 1, columns: int = 1, **options: Any) -> Iterator[Any]:
    """Axes (rows, columns) to draw on, and written to `path` at the end. options: of matplotlib's `subplots`."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(rows, columns, squeeze=False, layout="constrained", **options)
        try:
            yield axes
            figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
        finally:
            plt.close(figure)


def colours(count: int) -> Any:
    """As many colours in an order that the eye sees, (count, 4)."""
    from matplotlib import colormaps

    return colormaps["viridis"](np.linspace(0.0, 0.85, count))
