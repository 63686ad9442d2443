"""Randomised quasi Monte Carlo: scrambled Sobol points turned into normals."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .basis import Basis, basis, basis_of

if TYPE_CHECKING:
    import numpy as np

_BLOCK = 1 << 14
_VIEWS = 8


class Sobol:
    """One scramble: `count` (a power of two) equally weighted nodes in up to `dimension` axes, the same at every step.

    The first Sobol coordinates, the most even ones, go to the neurons' axes. If `piecewise`, every neuron (of at most
    eight) is integrated in a basis of its own, along whose first axis its kink lies: p times the work, and measured
    with ReLU (p = 4, k = 2) half the error at equal time.
    """

    def __init__(self, dimension: int, count: int, seed: "np.random.SeedSequence", piecewise: bool) -> None:
        import numpy as np
        from scipy.special import ndtri
        from scipy.stats import qmc

        points = qmc.Sobol(dimension, scramble=True, seed=np.random.default_rng(seed)).random(count)
        self.normals = ndtri(np.clip(points, 2.0**-40, 1 - 2.0**-40))
        self.piecewise = piecewise

    def views(self, rows: "np.ndarray") -> "list[tuple[slice, Basis]]":
        """Which neurons are integrated in which basis."""
        if not self.piecewise or len(rows) > _VIEWS:
            return [(slice(None), basis(rows))]
        return [(slice(i, i + 1), basis_of(rows, i)) for i in range(len(rows))]

    def nodes(self, at: Basis) -> "Iterator[tuple[np.ndarray, np.ndarray]]":
        """Blocks of nodes (N, r) and weights (N,)."""
        import numpy as np

        count, r = len(self.normals), len(at.axes)
        for start in range(0, count, _BLOCK):
            nodes = self.normals[start : start + _BLOCK, :r]
            yield nodes, np.full(len(nodes), 1 / count)
