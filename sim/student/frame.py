"""Rows in R^d, put back from their coordinates."""

from collections.abc import Sequence

import numpy as np

from ..algebra.small import triangular
from ..job import Job
from ..random.streams import FRAME, Streams


class Basis:
    """Orthonormal vectors of R^m, one a row of `vectors`, which new ones join at random; at first `size` of them."""

    def __init__(self, streams: Streams, m: int, size: int) -> None:
        self._streams, self._turns = streams, 0
        self.vectors = np.empty((0, m))
        self.turn(np.eye(size))

    def turn(self, turn: np.ndarray) -> None:
        """Take `turn` (size', size + new), orthonormal rows, times old and new vectors for the basis.

        New vectors are uniform among those orthogonal to the old: Gaussian ones, projected off twice (once leaves
        round-off) and made orthonormal.
        """
        fresh = self._streams.normals(FRAME, self._turns, (turn.shape[1] - len(self.vectors), self.vectors.shape[1]))
        self._turns += 1
        for _ in range(2):
            fresh -= fresh @ self.vectors.T @ self.vectors
        factor, upper = np.linalg.qr(fresh.T)
        signs = np.where(np.diag(upper) < 0, -1.0, 1.0)
        self.vectors = turn @ np.concatenate([self.vectors, (factor * signs).T])


class Frames:
    """The bases of replicas first .. first + count - 1 beside the teacher's; none unless rows are recorded."""

    def __init__(self, job: Job, first: int, count: int, size: int) -> None:
        self._k, wanted = job.setting.target.k, "rows" in job.record.kinds
        m = job.setting.regime.d - self._k
        self._bases = [Basis(job.streams(first + i), m, size) for i in range(count if wanted else 0)]

    def rows(self, coordinates: np.ndarray) -> np.ndarray:
        """Rows (R, p, d) from coordinates (R, p, k + size)."""
        k, pairs = self._k, zip(coordinates, self._bases, strict=True)
        return np.stack([np.hstack([held[:, :k], held[:, k:] @ basis.vectors]) for held, basis in pairs])

    def grow(self, new: int) -> None:
        """Take in as many new directions."""
        self._turn([np.eye(len(basis.vectors) + new) for basis in self._bases])

    def reduce(self, coordinates: np.ndarray) -> np.ndarray:
        """The same rows in as few coordinates as they need beside the teacher's; directions not known yet are new."""
        teacher, rest = coordinates[:, :, : self._k], coordinates[:, :, self._k :]
        if self._bases:
            finite = np.isfinite(rest).all(axis=2)[:, :, None]  # as in `triangular`
            factors = [np.linalg.qr(rows.T) for rows in np.where(finite, rest, 0.0)]
            self._turn([turn.T for turn, _ in factors])
            rest = np.where(finite, np.stack([upper.T for _, upper in factors]), np.nan)
        else:
            rest = triangular(rest)
        return np.concatenate([teacher, rest], axis=2)

    def _turn(self, turns: Sequence[np.ndarray]) -> None:
        for basis, turn in zip(self._bases, turns, strict=True):
            basis.turn(turn)
