"""One style for a paper: column width, colours that the colour-blind tell apart, marks that survive greyscale."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

BAND = (0.1, 0.9)  # quantiles over replicas
COLUMN = 3.4  # inches: one column of a two-column paper
CYCLE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")  # Okabe and Ito's, dark first
LEARNED, REST, GUIDE = CYCLE[0], CYCLE[1], "#555555"
MARKERS = "osD^vPX"  # one a colour: what greyscale confuses, shapes tell apart
STYLE = {
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "legend.columnspacing": 1.2,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "savefig.dpi": 300,
    "svg.hashsalt": "giantstep",  # the same run gives the same file
    "svg.fonttype": "none",  # text stays text
    "pdf.fonttype": 42,
}


def ordered(count: int) -> Any:
    """As many colours in an order that the eye sees, dark first, (count, 4)."""
    from matplotlib import colormaps

    return colormaps["viridis"](np.linspace(0.0, 0.85, count))


def mark(number: int) -> dict[str, Any]:
    """Colour and marker of the `number`-th thing of its kind."""
    return {"color": CYCLE[number % len(CYCLE)], "marker": MARKERS[number % len(MARKERS)]}


def direction(name: str) -> str:
    """A linear form such as "z1 - 2*z2" as matplotlib sets it."""
    text = re.sub(r"z(\d+)", r"z_{\1}", name)
    text = re.sub(r"sqrt\((\d+)\)", r"\\sqrt{\1}", text)
    return f"${text.replace('*', ' ')}$"
