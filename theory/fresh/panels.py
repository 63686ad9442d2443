"""Rules for one or two Gaussian axes and integrands that are analytic off given lines."""

from itertools import pairwise
from typing import TYPE_CHECKING

from .axes import END, Axis, gauss_legendre

if TYPE_CHECKING:
    import numpy as np

_PANELS = 4  # of each inner interval
_WIDTH = 3.0  # of the widest outer panel


def panels(normals: "np.ndarray", offsets: "np.ndarray", count: int) -> Axis:
    """Nodes (N, m) and weights (N,), with kinks on the lines <normals[i], x> = offsets[i]; normals (L, m), m <= 2.

    Gauss-Legendre with `count` nodes a panel: panels end on the lines along the last axis, and along the first axis
    where lines meet each other or leave the square |x| <= END, so that every inner integral is analytic in between.
    """
    import numpy as np

    if normals.shape[1] == 1:
        nodes, weights = gauss_legendre(_fill(offsets / normals[:, 0]), count)
        return nodes[:, None], weights
    steep = np.abs(normals[:, 1]) <= 1e-12 * np.abs(normals[:, 0])
    slanted, at = normals[~steep], offsets[~steep]
    outer, outer_weights = gauss_legendre(_fill(_corners(normals, offsets, slanted, at, steep)), count)
    ends = np.sort((at - outer[:, None] * slanted[:, 0]) / slanted[:, 1], axis=1)
    ends = np.pad(np.clip(ends, -END, END), ((0, 0), (1, 1)), constant_values=((0, 0), (-END, END)))
    parts = np.arange(_PANELS) / _PANELS
    cuts = (ends[:, :-1, None] + (ends[:, 1:] - ends[:, :-1])[..., None] * parts).reshape(len(outer), -1)
    inner, inner_weights = gauss_legendre(np.column_stack([cuts, np.full(len(outer), END)]), count)
    nodes = np.stack(np.broadcast_arrays(outer[:, None], inner), axis=-1).reshape(-1, 2)
    weights = (outer_weights[:, None] * inner_weights).ravel()
    heavy = weights > 1e-22
    return nodes[heavy], weights[heavy]


def _corners(
    normals: "np.ndarray", offsets: "np.ndarray", slanted: "np.ndarray", at: "np.ndarray", steep: "np.ndarray"
) -> "np.ndarray":
    """First coordinates where the inner integral is not analytic: steep lines, and where others meet or leave."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        determinant = slanted[:, None, 0] * slanted[:, 1] - slanted[:, None, 1] * slanted[:, 0]
        meet = (at[:, None] * slanted[:, 1] - slanted[:, None, 1] * at) / determinant
        leave = (at[:, None] + END * np.array([-1, 1]) * slanted[:, 1:]) / slanted[:, :1]
    return np.concatenate([offsets[steep] / normals[steep, 0], meet.ravel(), leave.ravel()])


def _fill(points: "np.ndarray") -> "np.ndarray":
    """-END, `points` in between and END, and more so that no panel is wider than _WIDTH."""
    import numpy as np

    inside = points[np.isfinite(points) & (np.abs(points) < END)]
    ends = np.unique(np.concatenate([[-END, END], inside]))
    parts = [np.linspace(a, b, int(np.ceil((b - a) / _WIDTH)) + 1)[:-1] for a, b in pairwise(ends)]
    return np.concatenate([*parts, ends[-1:]])
