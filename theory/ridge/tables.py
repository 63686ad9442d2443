"""Conditional coefficients of many neurons at many samples, by interpolation in the one shift each neuron sees."""

from typing import TYPE_CHECKING, Any

from ..problem import Activation, ProblemError
from .conditional import parts_of
from .two_lines import two_lines

if TYPE_CHECKING:
    import numpy as np

_SPACING = 1 / 8  # of the remainder's norm: the coefficients are smooth on that scale
_REACH = 7.0  # standard deviations of the shift; what lies beyond is computed directly
_MOST = 1 << 12  # nodes of a table; neurons that need more are computed sample by sample
_GOOD = 1e-4  # of the largest coefficient; Monte Carlo of a few thousand samples sees no less


class Tables:
    """Cubic splines of mu_0, r mu_1 and mu_star^2 in the shift <m_i, kappa> + b_i, one set a neuron; none where
    they are closed.

    overlaps (p, m), remainders (p,), bias (p,). error: the largest so far. That of a spline is a sixteenth of what one
    through its even nodes misses at the odd ones, since it is of fourth order.
    Raises ProblemError where a spline is not accurate.
    """

    def __init__(
        self, activation: Activation, overlaps: "np.ndarray", remainders: "np.ndarray", bias: "np.ndarray"
    ) -> None:
        self._activation, self._overlaps, self._remainders, self._bias = activation, overlaps, remainders, bias
        self.error, self._lines = 0.0, two_lines(activation)
        self._splines = [] if self._lines else self._tabulated()

    def __call__(self, kappa: "np.ndarray") -> "tuple[np.ndarray, np.ndarray, np.ndarray]":
        """mu_0, mu_1 and mu_star, each (n, p), at kappa (n, m)."""
        import numpy as np

        told = kappa if self._overlaps.any() else kappa[:1]  # where nothing was learned all samples are alike
        shift, r = np.asfortranarray(told @ self._overlaps.T + self._bias), self._remainders
        if self._lines:
            parts = self._lines.parts(shift, r)
        else:
            parts = np.empty((3, *shift.shape))
            for i, spline in enumerate(self._splines):
                parts[:, :, i] = self._values(spline, shift[:, i], r[i])
        mu_1 = np.divide(parts[1], r, out=np.zeros_like(parts[1]), where=r > 0)
        shape = len(kappa), len(r)
        mu_0, mu_star = np.broadcast_to(parts[0], shape), np.sqrt(np.maximum(parts[2], 0))
        return mu_0, np.broadcast_to(mu_1, shape), np.broadcast_to(mu_star, shape)

    def _tabulated(self) -> list[Any]:
        import numpy as np

        sizes, remainders = np.linalg.norm(self._overlaps, axis=1), self._remainders
        grids: list[np.ndarray] = []
        for m, r, b in zip(sizes, remainders, self._bias, strict=True):
            needed = _REACH * m / (_SPACING * r) if r > 0 else np.inf
            count = 2 * max(8, int(np.ceil(needed))) + 1 if needed < _MOST / 2 else 0
            grids.append(b + _REACH * m * np.linspace(-1, 1, count) if m > 0 else np.array([b]))
        scales = np.repeat(remainders, [len(grid) for grid in grids])
        tables = self._exact(np.concatenate(grids), scales)
        ends = np.cumsum([len(grid) for grid in grids])[:-1]
        return [self._spline(grid, table) for grid, table in zip(grids, np.split(tables, ends, axis=1), strict=True)]

    def _values(self, spline: Any, shift: "np.ndarray", r: float) -> "np.ndarray":
        """(3, n), or (3, 1) where nothing was learned and the shift is the same for all."""
        import numpy as np

        if spline is None:
            return self._exact(shift, np.full(len(shift), r))
        if isinstance(spline, np.ndarray):
            return spline
        values, far = spline(shift), (shift < spline.x[0]) | (shift > spline.x[-1])
        if far.any():
            values[:, far] = self._exact(shift[far], np.full(int(far.sum()), r))
        return values

    def _spline(self, grid: "np.ndarray", table: "np.ndarray") -> Any:
        """None where the table would be too long, the table itself where it has one node."""
        import numpy as np
        from scipy.interpolate import CubicSpline

        if len(grid) < 2:
            return table if len(grid) else None
        missed = np.abs(CubicSpline(grid[::2], table[:, ::2], axis=1)(grid[1::2]) - table[:, 1::2]).max() / 16
        if missed > _GOOD * max(1.0, np.abs(table).max()):
            raise ProblemError("the conditional coefficients cannot be tabulated: this activation bends too sharply")
        self.error = max(self.error, float(missed))
        return CubicSpline(grid, table, axis=1)

    def _exact(self, shift: "np.ndarray", scale: "np.ndarray") -> "np.ndarray":
        parts, error = parts_of(self._activation, shift, scale)
        self.error = max(self.error, error)
        return parts
