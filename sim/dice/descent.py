"""Reused batches, exact in law without the data matrix: it is rolled only where descent looks at it.

A look at a batch is a product of its matrix with a vector, from the right (fields) or from the left (gradients). Given
all earlier answers the next one is known in part, and the rest is fresh Gaussian noise, drawn by the ledger. This
is Bolthausen's conditioning; as an algorithm it is Householder Dice (arXiv 2101.07464). Here vectors of R^d, too, are
held in a few coordinates, so that d costs nothing. Proof: docs/notes/dice.md.
"""

import numpy as np

from theory.problem import Setting

from ..algebra.small import unit_rows
from ..costs import beginning, locked, recording
from ..groups import Advance, Replica, bytes_held, run_in_groups, seconds
from ..inputs import special
from ..job import Estimate, Job, Means
from ..observer import Observer
from ..record import Record
from ..student.frame import Frames
from ..student.start import Start, start
from ..threads import Crew
from .cost import seconds as seconds_of_looks
from .ledger import TASK_VALUES, Address, Errors
from .plan import Plan
from .samples import Samples

STEP = 2.5e-4  # seconds a step takes beside what each replica needs


def refusal(setting: Setting, record: Record, dtype: np.dtype) -> str | None:
    """Inputs that any rotation leaves as they are, and float64."""
    return special(setting) or (None if dtype == np.float64 else "it works in float64")


def estimate(setting: Setting, record: Record, means: Means) -> Estimate:
    """Drawing as many numbers as fields are looked at; products with all directions known of the batch."""
    plan, steps = Plan(setting, _end(setting, record)), setting.regime.steps
    held, divisible = _held(plan, record), _divisible(plan, means.threads)
    shared, alone, turned = seconds_of_looks(plan, "rows" in record.kinds)
    alone += beginning(setting, record) + recording(setting, record, plan.usual)
    reduced = sum(many for _, _, many in plan.batches) - 1  # but for the last batch, which is held to the end
    each = Replica(shared, alone, locked(record, reduced, turned + reduced), plan.tasks)
    total = seconds(means.replicas, means.threads, held, divisible, each, steps * STEP)
    return Estimate(total, bytes_held(means.replicas, means.threads, held, divisible))


def run(job: Job) -> dict[str, np.ndarray]:
    """All replicas, in groups."""
    plan = Plan(job.setting, _end(job.setting, job.record))
    group = lambda *part: _Group(job, plan, *part).run()  # noqa: E731
    return run_in_groups(job, _held(plan, job.record), _divisible(plan, job.threads), group)


def _held(plan: Plan, record: Record) -> float:
    frames = 3 * 8 * plan.explored * plan.setting.regime.d if "rows" in record.kinds else 0
    return plan.footprint + frames


def _divisible(plan: Plan, threads: int) -> bool:
    return plan.footprint > 8 * TASK_VALUES * 2 * threads


def _end(setting: Setting, record: Record) -> bool:
    return "train_error" in record.kinds and setting.regime.steps in record.at


class _Group:
    """Replicas first .. first + count - 1 on their way."""

    def __init__(self, job: Job, plan: Plan, first: int, count: int, crew: Crew, advance: Advance) -> None:
        self._job, self._first, self._count, self._crew, self._advance = job, first, count, crew, advance
        self._begin: Start = start(job.setting, job.seed, first, count)
        self._plan, self._live = plan, dict[int, Samples]()
        self._observer = Observer(job, first, self._begin)
        self._coordinates = self._begin.coordinates
        self._frames = Frames(job, first, count, self._coordinates.shape[2] - job.setting.target.k)

    def run(self) -> dict[str, np.ndarray]:
        """All steps."""
        setting = self._job.setting
        for step, batch in enumerate(setting.batch_ids):
            self._observer.observe(step, self._coordinates, self._crew, self._frames)
            self._step(step, self._samples(batch))
            self._forget(step, batch)
            self._advance(1.0)
        self._observer.observe(setting.regime.steps, self._coordinates, self._crew, self._frames)
        if self._plan.end:
            _, squares = self._samples(batch).look(self._begin.neurons(self._coordinates))
            self._observer.write("train_error", setting.regime.steps, squares / setting.n)
        return self._observer.arrays(self._coordinates)

    def _samples(self, batch: int) -> Samples:
        """The batch; begun where it is new."""
        if batch not in self._live:
            address = Address(self._job.key, self._first, self._count, batch)
            explored, capacity = self._coordinates.shape[2], self._plan.capacity(batch)
            self._live[batch] = Samples(self._job.setting, address, explored, capacity, self._crew, self._advance)
            self._explore(self._live[batch].explored)
        return self._live[batch]

    def _step(self, step: int, samples: Samples) -> None:
        """w_i <- (1 - eta weight_decay) w_i + eta v_i / n sum x sigma'(.) r, then unit rows if wanted."""
        setting = self._job.setting
        silent = step == 0 and self._begin.mirrored  # f = 0, and one half of the neurons mirrors the other
        errors, squares = samples.look(self._begin.neurons(self._coordinates, silent))
        if self._observer.wants("train_error", step):
            self._observer.write("train_error", step, squares / setting.n)
        move = self._move(samples, errors, silent)
        if setting.extragradient:
            errors, _ = samples.look(self._begin.neurons(self._coordinates + setting.extragradient * move))
            move = self._move(samples, errors, False)
        rows = self._job.decay * self._coordinates + setting.eta * move
        self._coordinates = unit_rows(rows) if setting.regime.normalize_rows else rows

    def _move(self, samples: Samples, errors: Errors, silent: bool) -> np.ndarray:
        """v_i / n sum x e_i for all neurons; new coordinates are taken in."""
        output = self._begin.output[:, : errors.inner.shape[1]]
        move = samples.gradient(errors) * (output / self._job.setting.n)[:, :, None]
        self._explore(move.shape[2])
        return np.concatenate([move, -move[:, ::-1]], axis=1) if silent else move

    def _explore(self, coordinates: int) -> None:
        """Rows have no component along coordinates found since."""
        new = coordinates - self._coordinates.shape[2]
        if new:
            self._coordinates = np.pad(self._coordinates, ((0, 0), (0, 0), (0, new)))
            self._frames.grow(new)

    def _forget(self, step: int, batch: int) -> None:
        """Drop a batch that is not needed any more, and where none is left all coordinates but those of the rows."""
        if self._plan.last[batch] == step:
            del self._live[batch]
        if self._live:
            return
        self._coordinates = self._frames.reduce(self._coordinates)
