"""Where singular values leave the bulk: the determinant of all columns that a step has marked."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..energies import FeatureEnergy
from ..ridge.outside import Outside, bulk_edge, outside

if TYPE_CHECKING:
    import numpy as np

_BEYOND = 1 + 1e-9  # of the edge, in squares


@dataclass(frozen=True, eq=False)
class Marked:
    """Features F with marked columns: F e_j = X v_j + rest_j for orthonormal e_j, the other columns a bulk given X.

    energy: of the bulk. linear (m, m): <v_i, v_j>; rest (m, m): covariances of what is not linear in x.
    functions (K, m): E[(F e_j) he_k(g)], k = 0, .., K - 1; row 1 is <v_j, beta/|beta|>.
    """

    energy: FeatureEnergy
    n: float
    d: float
    width: float
    linear: "np.ndarray"
    rest: "np.ndarray"
    functions: "np.ndarray"

    @cached_property
    def edge(self) -> float:
        """The largest singular value of the bulk."""
        return math.sqrt(self.width * bulk_edge(self.energy, self.d / self.n, self.d / self.width))

    @property
    def count(self) -> int:
        """How many singular values separate."""
        return int((self._strengths(self._edge_value) > 1).sum())

    def values(self) -> list[float]:
        """The singular values that separate, largest first: where an eigenvalue of `_gram` is 1."""
        return [math.sqrt(self.width * self._root(i)) for i in range(self.count)]

    def overlaps(self, value: float) -> "np.ndarray":
        """(K,): inner products of the left singular vector of the singular value `value` with he_k(g)/sqrt(n)."""
        import numpy as np

        point = self._point(value**2 / self.width)
        strengths, vectors = np.linalg.eigh(self._gram(point.m1, point.m2))
        mix = vectors[:, np.abs(strengths - 1).argmin()]
        square = self._gram(point.m1_slope, point.m2_slope) / self.width  # |R F e|^2 in place of e F R F e
        seen = point.m1 * (self.functions @ mix)
        seen[1] = point.m2 * (self.functions[1] @ mix)
        found: np.ndarray = -seen * math.sqrt(self.n) / self.width / math.sqrt(mix @ square @ mix)
        return found

    @property
    def _edge_value(self) -> float:
        return self.edge**2 / self.width * _BEYOND

    def _point(self, value: float) -> Outside:
        return outside(self.energy, self.d / self.n, self.d / self.width, value)

    def _gram(self, m1: float, m2: float) -> "np.ndarray":
        """e_i^T F^T (z - F F^T of the bulk)^-1 F e_j, z = width * value."""
        return -self.n / self.width * (m2 * self.linear + m1 * self.rest)

    def _strengths(self, value: float) -> "np.ndarray":
        """Eigenvalues of `_gram`, largest first; all fall as value grows."""
        import numpy as np

        point = self._point(value)
        return np.linalg.eigvalsh(self._gram(point.m1, point.m2))[::-1]

    def _root(self, index: int) -> float:
        from scipy.optimize import brentq

        low = high = self._edge_value
        while self._strengths(high)[index] > 1:
            high *= 4
        return float(brentq(lambda value: self._strengths(value)[index] - 1, low, high, rtol=1e-13))
