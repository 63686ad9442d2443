"""Ridge in kernel form: for fewer samples than neurons."""

from functools import cached_property

import numpy as np

from ..threads import Crew
from .design import Design
from .ridge import Spectrum, mean_squares, solve


class KernelForm:
    """a = Phi^T c with (Phi Phi^T + lambda I) c = y. The features of the whole batch are held: n p numbers, n < p."""

    def __init__(self, design: Design, crew: Crew) -> None:
        self._design = design
        ((self._values, self._labels),) = design.chunks(crew)
        self.gram = self._values @ self._values.T / design.width

    @cached_property
    def _spectrum(self) -> Spectrum:
        return Spectrum(self.gram)

    def coefficients(self, ridge: float) -> np.ndarray:
        """a (p,)."""
        found = solve(self.gram, ridge, self._labels)
        return self.path(np.array([ridge]))[:, 0] if found is None else self._primal(found)

    def path(self, ridges: np.ndarray) -> np.ndarray:
        """a for every lambda, (p, len(ridges))."""
        return self._primal(self._dual(self._spectrum.inverse(ridges)))

    def leave_one_out(self, ridges: np.ndarray, crew: Crew) -> np.ndarray:
        """Mean of (c_i / (Phi Phi^T + lambda I)^{-1}_ii)^2."""
        inverse = self._spectrum.full_inverse(ridges)
        diagonal = np.square(self._spectrum.vectors) @ inverse
        return np.mean((self._dual(inverse) / diagonal) ** 2, axis=0)

    def train_error(self, coefficients: np.ndarray, crew: Crew) -> float:
        """From the residuals."""
        return float(mean_squares(self._design, coefficients[:, None], crew)[0])

    def _dual(self, inverse: np.ndarray) -> np.ndarray:
        vectors = self._spectrum.vectors
        return vectors @ (inverse * (self._labels @ vectors)[:, None])

    def _primal(self, dual: np.ndarray) -> np.ndarray:
        return self._values.T @ dual / np.sqrt(self._design.width)
