"""Figures for a paper. Each function takes data (a run, curves, a sweep, points) and `ax`, and returns it.

ax: a matplotlib Axes where a figure has one panel, a Figure or SubFigure without axes otherwise; None makes a figure
with pyplot, in our style, and its Axes (one panel) or Figure is returned. `save` writes a figure, and its numbers
beside it.

    teacher_plane   cosines of every neuron with two teacher directions, the unit circle, what theory has learned
    staircase       cosines along theory's directions against steps
    errors          test error against log n / log d after every step, with floors
    exponents       cosines against d or n, and their local slopes
    dmft            overlaps beside their limit as d grows, neuron by neuron
    spectrum        singular values of features after one step: bulk, edge, spikes
    gains           errors against the rate exponent of one step
    phase           exponents of several steps over a high leap against kappa
"""

from sim.drawing.pen import Series, drawn
from sim.drawing.save import save

from .climb import staircase
from .error_panels import errors
from .limit import dmft
from .phase_diagram import phase
from .plane import teacher_plane
from .rates import gains
from .singular_values import spectrum
from .slopes import exponents
from .write import write

__all__ = [
    "Series",
    "dmft",
    "drawn",
    "errors",
    "exponents",
    "gains",
    "phase",
    "save",
    "spectrum",
    "staircase",
    "teacher_plane",
    "write",
]
