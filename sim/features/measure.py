"""The features of one replica, at every step."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..data import Teacher
from ..random.streams import SPECTRUM, Streams, cut
from ..readout.design import Design, Features
from ..readout.kernel import KernelForm
from ..readout.normal import NormalEquations
from ..readout.samples import TRAIN, Samples
from ..readout.spikes import Spikes
from ..run import Run
from ..student.network import Buffers
from ..threads import Crew
from .singular import MOST, all_values, by_lanczos, largest


@dataclass(frozen=True)
class Measure:
    """Called with a replica's number and a crew; fields as in ``feature_spectrum``.

    rows: (replicas, p, d) for every step wanted; along (replicas, d) or None; spikes: one a replica.
    """

    run: Run
    n: int
    top: int | None
    matrices: bool
    rows: Sequence[np.ndarray]
    along: np.ndarray | None
    spikes: Sequence[Spikes | None]
    seed: np.random.SeedSequence
    buffers: Buffers = field(default_factory=Buffers)

    @cached_property
    def teacher(self) -> Teacher:
        """f*."""
        return Teacher(self.run.setting.target)

    @property
    def _sizes(self) -> tuple[int, int]:
        """p and d."""
        return self.rows[0].shape[1], self.rows[0].shape[2]

    @property
    def bytes(self) -> float:
        """Held at the peak, about, beside what is returned: F, slabs of inputs, and the Gram matrix and its work."""
        (p, d), smaller = self._sizes, min(self.n, self._sizes[0])
        solver = min(MOST, p) * p if self.top is not None else 2 * smaller**2
        if self.top and not by_lanczos((self.n, p), self.top):
            solver = 2 * self.n * p + 4 * smaller**2
        return 8.0 * (self.n * p + solver + 2 * 512 * d)

    @property
    def returned(self) -> float:
        """Bytes of the arrays of a replica, stacked at the end."""
        p, _ = self._sizes
        vectors = min(self.n, p) if self.top is None else self.top * (self.n + p + 1)
        return 2 * 8.0 * (len(self.rows) * (vectors + self.matrices * self.n * p) + 2 * self.n)

    def __call__(self, replica: int, crew: Crew) -> dict[str, np.ndarray]:
        """The arrays of ``FeatureSpectrum``, less the replica axis."""
        streams = Streams(self.seed, self.run.first + replica)
        samples = Samples(self.teacher, streams, TRAIN, self.n, self._sizes[1])
        steps = [self._step(samples, rows[replica], replica, crew) for rows in self.rows]
        arrays = {name: np.stack([step[name] for step in steps]) for name in steps[0]}
        labels, projections = self._inputs(samples, replica, crew)
        return {**arrays, "labels": labels, **({} if projections is None else {"projections": projections})}

    def _step(self, samples: Samples, rows: np.ndarray, replica: int, crew: Crew) -> dict[str, np.ndarray]:
        bias = np.asarray(self.run.bias[replica], dtype=float)
        features = Features(self.run.setting.student.activation, np.ascontiguousarray(rows), bias, self.spikes[replica])
        design = Design(features, samples, samples.size, self.buffers, "features")
        ((matrix, _),) = design.chunks(crew)
        found = {"matrices": matrix.copy()} if self.matrices else {}
        shape = matrix.shape
        finite = bool(np.isfinite(matrix.sum()) and np.isfinite(np.vdot(matrix, matrix)))
        if self.top is None:
            size = min(shape)
            return {**found, "values": self._all(design, crew) if finite else np.full(size, np.nan)}
        top = self.top
        triplets = np.full(top, np.nan), np.full((top, shape[0]), np.nan), np.full((top, shape[1]), np.nan)
        if finite and top:
            start = samples.streams.normals(SPECTRUM, 0, (1, shape[1]))[0]
            triplets = largest(matrix, top, start, crew)
        return {**found, **dict(zip(("values", "left", "right"), triplets, strict=True))}

    def _all(self, design: Design, crew: Crew) -> np.ndarray:
        form = (NormalEquations if design.samples.size >= design.width else KernelForm)(design, crew)
        return all_values(form.gram) * np.sqrt(design.width)

    def _inputs(self, samples: Samples, replica: int, crew: Crew) -> tuple[np.ndarray, np.ndarray | None]:
        """Labels, and projections on `along`."""

        def look(part: tuple[int, int]) -> tuple[np.ndarray, np.ndarray | None]:
            inputs = self.buffers.take("readout inputs", (part[1], samples.columns), np.dtype(float))
            labels = samples.draw(part[0], inputs)
            return labels, None if self.along is None else inputs @ self.along[replica]

        parts = list(crew.stream(look, cut(samples.size, samples.slab)))
        labels = np.concatenate([labels for labels, _ in parts])
        return labels, None if self.along is None else np.concatenate([g for _, g in parts if g is not None])
