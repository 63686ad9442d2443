"""The student before training, in coordinates: exact in law, without a vector of R^d."""

from dataclasses import dataclass

import numpy as np

from theory.problem import Setting

from ..algebra.small import bartlett, fill_stack, unit_rows
from ..random.streams import START, Streams
from .initial import second_layer


@dataclass(frozen=True)
class Neurons:
    """Rows in coordinates (R, p, D), biases and output weights (R, p); silent: f is known to be 0."""

    rows: np.ndarray
    bias: np.ndarray
    output: np.ndarray
    silent: bool


@dataclass(frozen=True)
class Start:
    """Replicas first .. first + R - 1.

    coordinates (R, p, k + q): the rows in an orthonormal basis whose first k vectors are the teacher directions and
    whose others span what the rows add. alpha, bias, output (R, p): as in ``sim.student.initial.State``. mirrored: too.
    """

    coordinates: np.ndarray
    alpha: np.ndarray
    bias: np.ndarray
    output: np.ndarray
    mirrored: bool

    def neurons(self, rows: np.ndarray, silent: bool = False) -> Neurons:
        """The student with these rows (R, p, D); if `silent`, the half of a mirrored one that decides the step."""
        half = slice(rows.shape[1] // 2 if silent else None)
        rows, bias, output = (np.ascontiguousarray(array[:, half]) for array in (rows, self.bias, self.output))
        return Neurons(rows, bias, output, silent)


def start(setting: Setting, seed: np.random.SeedSequence, first: int, count: int) -> Start:
    """Rows uniform on the unit sphere: a Gaussian row over its norm.

    Its k teacher coordinates are normals; the remainders of all rows are a Gaussian matrix over R^(d - k), which in a
    basis of their own span is its triangular factor (Bartlett). Second layer and biases are those of ``sim.direct``.
    """
    student, k, d = setting.student, setting.target.k, setting.regime.d
    mirrored = student.init == "symmetric"
    drawn = student.p // 2 if mirrored else student.p
    everyone = [Streams(seed, first + i) for i in range(count)]
    teacher = np.empty((count, drawn, k))
    fill_stack(everyone[0].key, first, START, 0, 0, teacher)
    remainder = bartlett(everyone[0].key, first, START, 0, 1, drawn, np.full(count, d - k))
    coordinates = unit_rows(np.concatenate([teacher, remainder], axis=2))
    if mirrored:
        coordinates = np.concatenate([coordinates, coordinates[:, ::-1]], axis=1)
    layers = [second_layer(setting, streams) for streams in everyone]
    alpha, bias, output = (np.stack(parts) for parts in zip(*layers, strict=True))
    return Start(coordinates, alpha, bias, output, mirrored)
