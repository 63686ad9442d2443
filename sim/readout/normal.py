"""Ridge by the normal equations, streamed: for at least as many samples as neurons."""

from collections.abc import Iterator
from functools import cached_property, partial
from itertools import pairwise

import numpy as np

from ..random.streams import cut
from ..threads import Crew
from .design import Design
from .ridge import Spectrum, mean_squares, solve

TILE = 256  # neurons in a tile of the Gram matrix, at most: tiles are tasks, and the products are at full speed


class NormalEquations:
    """gram = Phi^T Phi (p, p), right = Phi^T y (p,), squares = |y|^2, summed over samples.

    Where gram is one tile, the slabs of samples are tasks; where it has several, chunks of samples follow each other
    and the tiles of a chunk are tasks. No sum depends on the threads.
    """

    def __init__(self, design: Design, crew: Crew) -> None:
        self._design = design
        self.gram = np.zeros((design.width, design.width))
        self.right, self.squares = np.zeros(design.width), 0.0
        if design.width <= TILE and not design.held:
            for gram, right, squares in design.stream(crew, _sums):
                self.gram += gram
                self.right += right
                self.squares += squares
        else:
            for values, labels in design.chunks(crew):
                crew.work(partial(self._add, values), tiles(design.width))
                self.right += labels @ values
                self.squares += float(labels @ labels)
        self.gram /= design.width
        self.right /= np.sqrt(design.width)

    def _add(self, values: np.ndarray, tile: tuple[slice, slice]) -> None:
        rows, columns = tile
        part = self.gram[rows, columns]
        product = self._design.buffers.take("readout tile", part.shape, part.dtype)
        part += np.matmul(values[:, rows].T, values[:, columns], out=product)
        if rows != columns:
            self.gram[columns, rows] = part.T

    @cached_property
    def _spectrum(self) -> Spectrum:
        return Spectrum(self.gram)

    def coefficients(self, ridge: float) -> np.ndarray:
        """a (p,)."""
        found = solve(self.gram, ridge, self.right)
        return self.path(np.array([ridge]))[:, 0] if found is None else found

    def path(self, ridges: np.ndarray) -> np.ndarray:
        """V diag(1 / (s + lambda)) V^T Phi^T y, (p, len(ridges))."""
        vectors = self._spectrum.vectors
        return vectors @ (self._spectrum.inverse(ridges) * (self.right @ vectors)[:, None])

    def leave_one_out(self, ridges: np.ndarray, crew: Crew) -> np.ndarray:
        """Mean of ((y_i - f_i) / (1 - h_i))^2, h_i = sum_j (Phi V)_ij^2 / (s_j + lambda): a second pass.

        1 - h_i is known to about 1e-16 s_max / (s_min + lambda); where that is not two digits the score is NaN.
        """
        turn = self._spectrum.vectors / np.sqrt(self._design.width)
        inverse = self._spectrum.inverse(ridges)
        doubt = 100 * np.finfo(float).eps * self._spectrum.values[-1] * inverse.max(axis=0)
        weights = inverse * (self.right @ self._spectrum.vectors)[:, None]

        def squares(part: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
            values, labels = part
            turned = values @ turn
            residual = labels[:, None] - turned @ weights
            left = 1.0 - np.square(turned, out=turned) @ inverse
            residual /= np.where(left > doubt, left, np.nan)
            return np.einsum("ij,ij->j", residual, residual)

        total, slab = np.zeros(len(ridges)), self._design.samples.slab
        for values, labels in self._design.chunks(crew):
            slabs = cut(len(labels), slab)
            for part in crew.stream(squares, ((values[i : i + m], labels[i : i + m]) for i, m in slabs)):
                total += part
        return total / self._design.samples.size

    def train_error(self, coefficients: np.ndarray, crew: Crew) -> float:
        """From the residuals while the features are held, else from the sums: right to round-off of mean(y^2)."""
        if self._design.held:
            return float(mean_squares(self._design, coefficients[:, None], crew)[0])
        explained = 2.0 * self.right @ coefficients - coefficients @ self.gram @ coefficients
        return max(0.0, self.squares - float(explained)) / self._design.samples.size


def _sums(values: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    return values.T @ values, labels @ values, float(labels @ labels)


def tiles(width: int) -> Iterator[tuple[slice, slice]]:
    """Blocks of the lower triangle of a `width` x `width` matrix, of nearly equal sizes."""
    edges = np.linspace(0, width, -(-width // TILE) + 1).astype(int).tolist()
    parts = [slice(a, b) for a, b in pairwise(edges)]
    return ((rows, columns) for i, rows in enumerate(parts) for columns in parts[: i + 1])
