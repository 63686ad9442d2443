"""Fresh batches, exact in law at a cost free of d: a batch is drawn only where it is looked at.

A sample enters a step through its coordinates in the span of teacher and rows; the rest of it is noise that is
independent of all that happens, and whose sum over the batch, weighted by the error signals, is a Gaussian matrix
with the signals' Gram matrix. Proof: docs/notes/conditioned.md.
"""

import numpy as np

from theory.problem import Setting

from ..algebra.small import bartlett, root, unit_rows
from ..groups import Advance, run_in_groups
from ..inputs import special
from ..job import Job
from ..observer import Observer
from ..random.streams import GRADIENT
from ..record import Record
from ..student.frame import Frames
from ..student.start import Start, start
from ..threads import Crew
from .batch_sums import BatchSums, Sums, divisible
from .cost import held, last_overlaps_do


def refusal(setting: Setting, record: Record, dtype: np.dtype) -> str | None:
    """Fresh batches only, and float64."""
    if reason := special(setting):
        return reason
    if setting.regime.repeats_batches or setting.extragradient:
        return "a batch is used twice"
    if "train_error" in record.kinds and setting.regime.steps in record.at:
        return "the training error after the last step looks at the last batch again"
    return None if dtype == np.float64 else "it works in float64"


def run(job: Job) -> dict[str, np.ndarray]:
    """All replicas, in groups."""
    setting = job.setting
    sums = BatchSums(job)
    group = lambda *part: _Group(job, sums, *part).run()  # noqa: E731
    return run_in_groups(job, held(setting, job.record), divisible(setting, job.threads), group)


class _Group:
    """Replicas first .. first + count - 1 on their way."""

    def __init__(self, job: Job, sums: BatchSums, first: int, count: int, crew: Crew, advance: Advance) -> None:
        self._job, self._sums, self._first, self._crew, self._advance = job, sums, first, crew, advance
        self._begin: Start = start(job.setting, job.seed, first, count)
        self._coordinates = self._begin.coordinates
        self._observer = Observer(job, first, self._begin)
        self._frames = Frames(job, first, count, self._coordinates.shape[2] - job.setting.target.k)

    def run(self) -> dict[str, np.ndarray]:
        """All steps."""
        for step, batch in enumerate(self._job.setting.batch_ids):
            self._observer.observe(step, self._coordinates, self._crew, self._frames)
            self._step(step, batch)
        self._observer.observe(self._job.setting.regime.steps, self._coordinates, self._crew, self._frames)
        return self._observer.arrays(self._coordinates)

    def _step(self, step: int, batch: int) -> None:
        """w_i <- (1 - eta weight_decay) w_i + eta v_i / n sum x sigma'(.) r, then unit rows if wanted."""
        setting, regime = self._job.setting, self._job.setting.regime
        silent = step == 0 and self._begin.mirrored  # f = 0, and one half of the neurons mirrors the other
        neurons = self._begin.neurons(self._coordinates, silent)
        glance = step + 1 == regime.steps and last_overlaps_do(setting, self._job.record)
        sums = self._sums.over(self._first, batch, neurons, glance, self._crew, self._advance)
        if self._observer.wants("train_error", step):
            self._observer.write("train_error", step, sums.squares / setting.n)
        move = sums.inside if glance else self._everywhere(batch, sums)
        move = move * (setting.eta / setting.n * neurons.output)[:, :, None]
        if silent:
            move = np.concatenate([move, -move[:, ::-1]], axis=1)
        held = self._coordinates[:, :, : move.shape[2]]
        move[:, :, : held.shape[2]] += self._job.decay * held
        move = unit_rows(move) if regime.normalize_rows else move
        self._coordinates = move if glance else self._frames.reduce(move)

    def _everywhere(self, batch: int, sums: Sums) -> np.ndarray:
        """sum over the batch of e_i x in coordinates: those in use, then new ones for the rest of R^d."""
        degrees = self._job.setting.regime.d - sums.inside.shape[2]
        count, neurons, _ = sums.gram.shape
        key, everyone = self._job.key, np.full(count, degrees)
        factor = bartlett(key, self._first, GRADIENT, batch, 0, neurons, everyone)
        return np.concatenate([sums.inside, root(sums.gram) @ factor], axis=2)
