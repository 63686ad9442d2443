"""Batches: inputs and labels that are drawn when needed, never stored, and come out the same every time."""

import numpy as np

from theory.problem import Setting, Target

from .expressions.lower import lower
from .inputs import Inputs
from .random.normals import fill
from .random.streams import INPUTS, NOISE, SHARED, Streams, block_rows
from .threads import Crew


class Teacher:
    """f*, and the standard deviation of the label noise."""

    def __init__(self, target: Target) -> None:
        self.k, self.noise = target.k, target.noise
        self._program = lower((target.expr,), target.symbols)

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """f*(x_1, ..., x_k), without noise, for every row of `inputs` (m, >= k): float64, shape (m,)."""
        coordinates = np.ascontiguousarray(inputs[:, : self.k].T, dtype=np.float64)
        labels = np.empty((1, len(inputs)))
        self._program(coordinates, labels)
        return labels[0]


class Batch:
    """n samples x with labels y = f*(<w*_1, x>, ..., <w*_k, x>) + noise N(0, 1), fixed by the batch id.

    x ~ N(0, I_d) and the teacher directions are the first k coordinate axes, which loses no generality (see
    ``sim.simulator``), unless the regime says otherwise.
    With `preprocess` 0 labels become y - mean(y), with 1 y - mean(y) - <x, mean(y x)>; the means are those of
    this batch.
    """

    def __init__(
        self, setting: Setting, teacher: Teacher, streams: Streams, batch_id: int, dtype: np.dtype, crew: Crew
    ) -> None:
        self.n, self.d, self.dtype = setting.n, setting.regime.d, dtype
        self.id, self._streams, self._teacher = batch_id, streams, teacher
        self._inputs = Inputs(setting, streams)
        self._mean, self._linear = 0.0, np.zeros(0)
        if setting.regime.preprocess is not None:
            mean, linear = self._moments(crew)
            self._mean, self._linear = mean, linear if setting.regime.preprocess == 1 else self._linear

    def draw(self, start: int, inputs: np.ndarray) -> np.ndarray:
        """Fill `inputs` (m, d) with samples start .. start + m - 1 and return their labels (m,), in float64.

        `start` is the first sample of a block. float32 inputs are the float64 ones, rounded.
        """
        rows = block_rows(self.d)
        for first in range(0, len(inputs), rows):
            block = inputs[first : first + rows]
            self._inputs.fill((INPUTS, SHARED), self.id, (start + first) // rows, block)
        labels = self._teacher(self._inputs.along_teacher(inputs))
        if self._teacher.noise:
            noise = np.empty(len(inputs))
            for first in range(0, len(inputs), rows):
                fill(self._streams.open(NOISE, self.id, (start + first) // rows), noise[first : first + rows])
            labels += self._teacher.noise * noise
        labels -= self._mean
        if self._linear.size:
            labels -= inputs @ self._linear
        return labels

    def _moments(self, crew: Crew) -> tuple[float, np.ndarray]:
        """mean(y) and mean(y x) over the batch, before anything is removed."""
        rows = block_rows(self.d)

        def moments(start: int) -> tuple[float, np.ndarray]:
            inputs = np.empty((min(rows, self.n - start), self.d), self.dtype)
            labels = self.draw(start, inputs)
            return labels.sum(), labels @ inputs

        total, linear = 0.0, np.zeros(self.d)
        for part, linear_part in crew.stream(moments, range(0, self.n, rows)):
            total += part
            linear += linear_part
        return total / self.n, linear / self.n
