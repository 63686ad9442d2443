"""Deterministic rules: exact for polynomials, spectral for analytic functions, cut along the neurons' kinks."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..problem import ProblemError
from .axes import Axis, gauss_hermite, product, trapezoidal
from .basis import Basis, basis
from .domain import Problem
from .functions import degree, is_piecewise, kinks
from .panels import panels

if TYPE_CHECKING:
    import numpy as np

MAX_NODES = 3_000_000
_BLOCK = 1 << 15
LEVELS = 6
_SPACINGS = (3 / 8, 1 / 4, 1 / 6, 1 / 9, 1 / 13, 1 / 20)
_LEGENDRE = (11, 16, 24, 36, 54, 80)
_ANALYTIC = 3


class TooLarge(ProblemError):
    """No deterministic rule is known, or it would have too many nodes."""


class Cubature:
    """A product rule in the basis of the fields: one rule for the neurons' axes, one for each of the others.

    Neurons' axes: Gauss-Hermite, exact, where sigma and f* are polynomials; panels between the kinks of a piecewise
    sigma (at most two axes); else the trapezoidal rule (at most three). The others: Gauss-Hermite, exact, for a
    polynomial f*; else trapezoidal. level (0 .. LEVELS - 1): every level is finer than the last by a factor 3/2.
    Raises TooLarge where the target has kinks or no rule fits.
    """

    def __init__(self, problem: Problem, level: int) -> None:
        activation, target = problem.student.activation, problem.target
        self.level, self.bias = level, problem.bias
        self.target, self.activation = target.degree, degree(activation)
        self.kinks = kinks(activation)
        if is_piecewise(target.expr):
            raise TooLarge("quadrature needs a target without kinks or jumps")
        if self.kinks is None:
            raise TooLarge("quadrature needs an activation whose pieces meet at roots of affine functions")

    def views(self, rows: "np.ndarray") -> "list[tuple[slice, Basis]]":
        """All neurons in one basis."""
        return [(slice(None), basis(rows))]

    def nodes(self, at: Basis) -> "Iterator[tuple[np.ndarray, np.ndarray]]":
        """Blocks of nodes (N, r) and weights (N,)."""
        import numpy as np

        others = len(at.axes) - at.rank
        analytic = (0 if self._polynomial or self.kinks else at.rank) + (0 if self.target is not None else others)
        if analytic > _ANALYTIC:
            raise TooLarge(f"quadrature of analytic functions goes up to {_ANALYTIC} axes, not {analytic}")
        own, rest = self._neurons(at), self._others(others)
        if len(own[1]) * len(rest[1]) > MAX_NODES:
            raise TooLarge(f"quadrature would need {len(own[1]) * len(rest[1]):.1e} nodes; at most {MAX_NODES:.0e}")
        block = max(1, _BLOCK // len(rest[1]))
        for start in range(0, len(own[1]), block):
            x, w = own[0][start : start + block], own[1][start : start + block]
            nodes = np.concatenate([np.repeat(x, len(rest[1]), axis=0), np.tile(rest[0], (len(w), 1))], axis=1)
            yield nodes, np.outer(w, rest[1]).ravel()

    @property
    def _polynomial(self) -> bool:
        return self.activation is not None and self.target is not None

    def _neurons(self, at: Basis) -> Axis:
        import numpy as np

        if self.activation is not None and self.target is not None:
            count = self.activation + max(self.target, self.activation, 1) + self.level
            return self._power(gauss_hermite(count), at.rank)
        if self.kinks and at.rank:
            if at.rank > 2:
                raise TooLarge(f"quadrature follows kinks along two axes, and the neurons span {at.rank}")
            lines = [(*row, kink - b) for row, b in zip(at.along, self.bias, strict=True) for kink in self.kinks]
            distinct = np.unique(np.round(np.array(lines), 14), axis=0)
            distinct = distinct[np.any(distinct[:, :-1], axis=1)]
            return panels(distinct[:, :-1], distinct[:, -1], _LEGENDRE[self.level])
        return self._power(trapezoidal(_SPACINGS[self.level]), at.rank)

    def _others(self, axes: int) -> Axis:
        if self.target is None:
            return self._power(trapezoidal(_SPACINGS[self.level]), axes)
        return self._power(gauss_hermite(max(self.target, 1) + 1 + self.level), axes)

    def _power(self, axis: Axis, axes: int) -> Axis:
        if len(axis[1]) ** axes > 4 * MAX_NODES:
            raise TooLarge(f"quadrature would need {len(axis[1])}^{axes} nodes; at most {MAX_NODES:.0e}")
        return product([axis] * axes)
