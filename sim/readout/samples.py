"""Samples no training step has seen, with labels: drawn when needed, and the same every time."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ..data import Teacher
from ..random.normals import chi_square, fill
from ..random.streams import READOUT, READOUT_LENGTH, READOUT_NOISE, READOUT_OUTSIDE, Streams, block_rows, cut
from ..threads import Crew

TRAIN, VALIDATION, TEST = range(3)  # batches, each with streams of its own
SLAB = 512  # samples, at least: enough for their matrix product with the rows to run at full speed


class Removed(NamedTuple):
    """What preprocessing takes off a label y of a sample with coordinates z: see ``removed``."""

    mean: float
    linear: np.ndarray  # (D,)
    outside: float  # of the linear part outside the D coordinates: its norm
    tilt: float


@dataclass(frozen=True)
class Samples:
    """`size` samples z ~ N(0, I_D) with labels f*(z_1, ..., z_k) + noise N(0, 1); without noise where `clean`.

    batch: TRAIN, VALIDATION or TEST. removed: preprocessing of the labels.
    """

    teacher: Teacher
    streams: Streams
    batch: int
    size: int
    columns: int
    clean: bool = False
    removed: Removed | None = None

    def less(self, removed: Removed | None) -> "Samples":
        """The same samples with preprocessed labels."""
        return replace(self, removed=removed)

    @property
    def slab(self) -> int:
        """Samples a task takes: whole blocks, a function of D alone."""
        rows = block_rows(self.columns)
        return rows * -(-SLAB // rows)

    def draw(self, start: int, inputs: np.ndarray) -> np.ndarray:
        """Fill `inputs` (m, D) with samples start .. start + m - 1 and return labels (m,); `start` begins a slab."""
        self._fill(READOUT, start, inputs)
        labels = self.teacher(inputs)
        if self.teacher.noise and not self.clean:
            labels += self.teacher.noise * self._normals(READOUT_NOISE, start, len(inputs))
        if self.removed is not None:
            mean, linear, outside, tilt = self.removed
            labels *= 1.0 - tilt
            labels -= mean
            if linear.size:
                labels -= inputs @ linear
            if outside:
                labels -= outside * self.outside(start, len(inputs))
        return labels

    def outside(self, start: int, count: int) -> np.ndarray:
        """xi: a standard normal a sample, for its component along the linear part outside the coordinates."""
        return self._normals(READOUT_OUTSIDE, start, count)

    def _normals(self, purpose: int, start: int, count: int) -> np.ndarray:
        values = np.empty(count)
        self._fill(purpose, start, values)
        return values

    def _fill(self, purpose: int, start: int, array: np.ndarray) -> None:
        rows = block_rows(self.columns)
        for first, count in cut(len(array), rows):
            state = self.streams.open(purpose, self.batch, (start + first) // rows)
            fill(state, array[first : first + count])


def removed(samples: Samples, degree: int, hidden: int, crew: Crew) -> tuple[Removed, Removed]:
    """What preprocessing takes off the labels of this batch, and off those of any other batch.

    degree 0: mean(y); 1: <x, mean(y x)> too, over all D + `hidden` coordinates of x, of which D are drawn. The sum
    over the hidden ones is sampled with one normal number a sample: docs/notes/readout.md, item 2.
    """

    def moments(part: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        inputs = np.empty((part[1], samples.columns))
        labels = samples.draw(part[0], inputs)
        across = labels @ samples.outside(*part) if hidden and degree else 0.0
        return np.array([labels.sum(), labels @ labels, across]), labels @ inputs

    sums, linear = np.zeros(3), np.zeros(samples.columns)
    for totals, products in crew.stream(moments, cut(samples.size, samples.slab)):
        sums += totals
        linear += products
    n, (total, squares, across) = samples.size, sums
    mean, linear = total / n, linear / n if degree else np.zeros(0)
    if not (hidden and degree and squares > 0):
        return (Removed(mean, linear, 0.0, 0.0),) * 2
    length = np.sqrt(chi_square(samples.streams.open(READOUT_LENGTH, samples.batch), hidden))
    norm = np.sqrt(squares)
    outside = float(length * norm / n)
    tilt = float(length**2 / n - length * across / (n * norm))
    return Removed(mean, linear, outside, tilt), Removed(mean, linear, outside, 0.0)
