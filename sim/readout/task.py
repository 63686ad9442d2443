"""The readout of one replica."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..data import Teacher
from ..random.streams import Streams
from ..run import Run
from ..student.network import Buffers
from ..threads import Crew
from .degrees import Degrees, degrees
from .design import Design, Features, chunk_rows
from .evaluate import evaluate
from .kernel import KernelForm
from .normal import TILE, NormalEquations
from .options import Options
from .ridge import Form, fit
from .samples import SLAB, TEST, TRAIN, VALIDATION, Removed, Samples, removed
from .spikes import Spikes

CHUNK_BYTES = 2**24  # of features held at once: enough samples for adding up the Gram matrix to cost little
NEAR_BYTES = 2**20  # the same where samples are added up slab by slab: more are not worth leaving the near cache for
LEFT_OUT_BYTES = 2**28  # the same where leave-one-out looks at them twice


@dataclass(frozen=True)
class Task:
    """Called with a replica's number and a crew. rows (replicas, p, D): their coordinates. spikes: one for each."""

    run: Run
    options: Options
    rows: np.ndarray
    seed: np.random.SeedSequence
    spikes: Sequence[Spikes | None]
    buffers: Buffers = field(default_factory=Buffers)

    @cached_property
    def teacher(self) -> Teacher:
        """f*."""
        return Teacher(self.run.setting.target)

    @cached_property
    def degrees(self) -> Degrees | None:
        """The parts of a polynomial target."""
        return degrees(self.run.setting.target)

    @property
    def bytes(self) -> float:
        """Held at the peak, about: Gram matrix and its factor or eigenvectors, features, a slab for every thread."""
        p, columns = self.rows.shape[1:]
        size = min(self.options.n, p)
        chunk = self.options.n if self.options.n < p else min(self.options.n, max(SLAB, self._chunk_bytes // (8 * p)))
        return 8.0 * ((6 if len(self.options.ridges) > 1 else 3) * size**2 + chunk * p + 2 * SLAB * (columns + p))

    @property
    def _chunk_bytes(self) -> int:
        summed = NEAR_BYTES if self.rows.shape[1] <= TILE else CHUNK_BYTES
        return self.options.chunk_bytes or (LEFT_OUT_BYTES if self.options.leaves_out else summed)

    def __call__(self, replica: int, crew: Crew) -> dict[str, np.ndarray]:
        """The arrays of ``Readout``, less the replica axis."""
        rows = np.ascontiguousarray(self.rows[replica])
        bias = np.asarray(self.run.bias[replica], dtype=float)
        features = Features(self.run.setting.student.activation, rows, bias, self.spikes[replica])
        if not np.isfinite(rows).all() or not np.isfinite(features.bias).all():
            return self._nothing()
        streams, options = Streams(self.seed, self.run.first + replica), self.options
        samples = Samples(self.teacher, streams, TRAIN, options.n, rows.shape[1])
        here, elsewhere = self._removed(samples, crew)
        form = self._form(features, samples.less(here), crew)
        if not np.isfinite(form.gram).all():
            return self._nothing()
        validation = None
        if options.validation:
            others = Samples(self.teacher, streams, VALIDATION, options.validation, rows.shape[1], removed=elsewhere)
            validation = self._design(features, others, "readout validation")
        found = fit(form, options.ridges, validation, crew)
        fresh = Samples(self.teacher, streams, TEST, options.test_samples, rows.shape[1], clean=True)
        errors = evaluate(features, fresh, found.coefficients, self.degrees, self.buffers, crew)
        everything = {**found._asdict(), **errors._asdict()}
        return {name: np.asarray(value) for name, value in everything.items() if value is not None}

    def _removed(self, samples: Samples, crew: Crew) -> tuple[Removed | None, Removed | None]:
        degree, d = self.options.preprocess, self.run.setting.regime.d
        return (None, None) if degree is None else removed(samples, degree, d - samples.columns, crew)

    def _form(self, features: Features, samples: Samples, crew: Crew) -> Form:
        design = self._design(features, samples, "readout chunk")
        return (NormalEquations if samples.size >= design.width else KernelForm)(design, crew)

    def _design(self, features: Features, samples: Samples, role: str) -> Design:
        p = len(features.rows)
        whole = samples.batch == TRAIN and samples.size < p  # the kernel form
        chunk = samples.size if whole else chunk_rows(samples.size, samples.slab, p, self._chunk_bytes)
        return Design(features, samples, chunk, self.buffers, role)

    def _nothing(self) -> dict[str, np.ndarray]:
        """NaN: the rows, or products of features, are not finite."""
        nan, options = np.array(np.nan), self.options
        arrays = dict.fromkeys(("ridge", "train_error", "test_error", "test_error_stderr"), nan)
        arrays["coefficients"] = np.full(self.rows.shape[1], np.nan)
        if len(options.ridges) > 1:
            arrays["scores"] = np.full(len(options.ridges), np.nan)
        if self.degrees is not None:
            arrays["learned"] = arrays["learned_stderr"] = np.full(len(self.degrees.energies), np.nan)
        return arrays
