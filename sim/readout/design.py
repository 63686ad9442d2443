"""The features of a batch, a chunk or a slab of samples at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TypeVar

import numpy as np

from theory.problem import Activation

from ..expressions.lower import Program, lower
from ..random.streams import cut
from ..student.network import Buffers
from ..threads import Crew
from .samples import Samples
from .spikes import Spikes

Result = TypeVar("Result")

PANEL = 128  # neurons whose preactivations are one product


@dataclass(frozen=True)
class Features:
    """sigma(<w_i, z> + b_i) of rows (p, D), without the factor 1 / sqrt(p), and spikes where there are any."""

    activation: Activation
    rows: np.ndarray
    bias: np.ndarray
    spikes: Spikes | None = None

    @cached_property
    def _program(self) -> Program:
        return lower((self.activation.expr,), (self.activation.symbol,))

    @cached_property
    def _panels(self) -> list[tuple[slice, int]]:
        """Neurons, and how many leading coordinates they use: a triangular root of a Gram matrix needs half of them."""
        panels: list[tuple[slice, int]] = []
        for first, count in cut(len(self.rows), PANEL):
            end = first + count
            found = np.flatnonzero(self.rows[first:end].any(axis=0))
            used = int(found[-1]) + 1 if found.size else 0
            if panels and panels[-1][1] == used:  # rows that are not triangular: one product
                first = panels.pop()[0].start
            panels.append((slice(first, end), used))
        return panels

    def fill(self, inputs: np.ndarray, values: np.ndarray) -> None:
        """values (m, p), C-ordered, from inputs (m, D)."""
        for part, used in self._panels:
            np.matmul(inputs[:, :used], self.rows[part, :used].T, out=values[:, part])
        if self.bias.any():
            values += self.bias
        self._program(values.reshape(1, -1), values.reshape(1, -1))
        if self.spikes is not None:
            self.spikes.add(inputs, values)


@dataclass
class Design:
    """Features and labels of a batch. chunk: samples held at once, whole slabs or the batch.

    They are held in `buffers` under the name `role`, which no other design of the same thread may use meanwhile.
    """

    features: Features
    samples: Samples
    chunk: int
    buffers: Buffers
    role: str
    _drawn: bool = field(init=False, default=False)

    @cached_property
    def _values(self) -> np.ndarray:
        return self.buffers.take(self.role, (self.chunk, self.width), np.dtype(float))

    @cached_property
    def _labels(self) -> np.ndarray:
        return np.empty(self.chunk)

    @property
    def width(self) -> int:
        """p."""
        return len(self.features.rows)

    @property
    def held(self) -> bool:
        """Whether the whole batch is one chunk, which is then computed once."""
        return self.chunk == self.samples.size

    def chunks(self, crew: Crew) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Features (m, p) and labels (m,) of the chunks in turn; the next one overwrites them."""
        for start, count in cut(self.samples.size, self.chunk):
            if not (self.held and self._drawn):
                crew.work(partial(self._draw, start), cut(count, self.samples.slab))
                self._drawn = True
            yield self._values[:count], self._labels[:count]

    def stream(self, crew: Crew, function: Callable[[np.ndarray, np.ndarray], Result]) -> Iterator[Result]:
        """function(features, labels) of every slab, in order: a task each, whose features stay in a near cache."""

        def task(slab: tuple[int, int]) -> Result:
            values = self.buffers.take("readout features", (slab[1], self.width), np.dtype(float))
            return function(values, self._fill(slab[0], values))

        return crew.stream(task, cut(self.samples.size, self.samples.slab))

    def _draw(self, start: int, slab: tuple[int, int]) -> None:
        part = slice(slab[0], sum(slab))
        self._labels[part] = self._fill(start + slab[0], self._values[part])

    def _fill(self, start: int, values: np.ndarray) -> np.ndarray:
        """Features of the samples from `start` on, into `values` (m, p); returns their labels (m,)."""
        inputs = self.buffers.take("readout inputs", (len(values), self.samples.columns), np.dtype(float))
        labels = self.samples.draw(start, inputs)
        self.features.fill(inputs, values)
        return labels


def chunk_rows(size: int, slab: int, width: int, chunk_bytes: int) -> int:
    """Samples whose features fit in `chunk_bytes`, in whole slabs and at least one; or all of them."""
    return min(size, slab * max(1, chunk_bytes // (8 * width * slab)))
