"""Fresh batches, exact in law at a cost free of d: a batch is drawn only where it is looked at.

A sample enters a step through its coordinates in the span of teacher and rows; the rest of it is noise that is
independent of all that happens, and whose sum over the batch, weighted by the error signals, is a Gaussian matrix
with the signals' Gram matrix. Proof: docs/notes/conditioned.md.
"""

import numpy as np
import sympy

from theory.problem import Setting

from ..algebra.small import bartlett, root, unit_rows
from ..costs import DRAW, beginning, locked, multiply, recording, signal, turning
from ..groups import Advance, Replica, bytes_held, run_in_groups, seconds
from ..job import Estimate, Job, Means
from ..observer import Observer
from ..random.streams import GRADIENT
from ..record import Record
from ..student.frame import Frames
from ..student.start import Start, start
from ..threads import Crew
from .accumulate import SLICE
from .batch_sums import BatchSums, Sums, divisible, part_size, samples_sharing

# Seconds of linear algebra a step, of order p^0, p, p^2 and p^3; where the signals' Gram matrix is singular, of order
# p^0 and p^2 more; and of a step of any number of replicas:
FEW, NEURON, PAIR, CUBE = 1.8e-6, 4e-7, 5.4e-9, 1.2e-10
SINGULAR, SINGULAR_PAIR = 1.4e-5, 5.4e-8
STEP = 1.3e-4
ALIKE = 3.0  # neurons, of those that began as mirror images, times samples


def refusal(setting: Setting, record: Record, dtype: np.dtype) -> str | None:
    """Fresh batches only, and float64."""
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
    return run_in_groups(job, _held(setting, job.record), divisible(setting, job.threads), group)


def _held(setting: Setting, record: Record) -> float:
    """Bytes a replica holds: rows, sums and what becomes of them, and vectors of R^d if those are recorded."""
    p, width = setting.student.p, setting.student.p + setting.target.k
    return 8 * (10 * p * width + (5 * p * setting.regime.d if "rows" in record.kinds else 0))


def estimate(setting: Setting, record: Record, means: Means) -> Estimate:
    """Drawing n (p + k) numbers and three products n p (p + k) a step; some linear algebra of order p^3."""
    p, k, d, steps, threads = setting.student.p, setting.target.k, setting.regime.d, setting.regime.steps, means.threads
    width, glance = k + min(p, d - k), _last_overlaps_do(setting, record)
    first = p // 2 if setting.student.init == "symmetric" else p  # half of the neurons decide a mirrored step
    neurons = [(first, 1), (p, steps - 1)]  # how many, in how many steps
    full = [(first, int(not glance or steps > 1)), (p, max(0, steps - 1 - glance))]  # not counting a glance
    shared = sum(count * _look(setting, rows) for rows, count in neurons)
    shared += sum(count * _sums(setting, rows) for rows, count in full)
    alone = beginning(setting, record) + recording(setting, record, width)
    alone += sum(count * _algebra(setting, rows) for rows, count in full)
    if "rows" in record.kinds:
        alone += (steps - glance) * turning(d - k, p, p, p)
    size, divided, tasks = _held(setting, record), divisible(setting, threads), _tasks(setting)
    each = Replica(shared, alone, locked(record, steps - glance, steps - glance), tasks)
    total = seconds(means.replicas, threads, size, divided, each, steps * STEP)
    held = bytes_held(means.replicas, threads, size, divided)
    if tasks > 1:  # their sums wait for those before them
        held += 8 * p * (p + width) * min(2 * threads + 2 if threads > 1 else 1, tasks)
    at_once = min(threads, max(tasks, means.replicas))
    return Estimate(total, held + 8 * at_once * SLICE * (width + 5 * p))


def _tasks(setting: Setting) -> int:
    """Into how many a batch is cut."""
    return max(1, -(-setting.n // (samples_sharing(setting) * part_size(setting))))


def _look(setting: Setting, rows: int) -> float:
    """Fields of a step's samples, drawn, and error signals of so many neurons."""
    width = setting.target.k + min(rows, setting.regime.d - setting.target.k)
    passes = 1 + (setting.regime.preprocess is not None)
    product = rows * width * multiply(min(rows, width))
    each = rows * signal(setting.student.activation, silent=rows < setting.student.p)
    return setting.n * (passes * width * DRAW + product + each)


def _sums(setting: Setting, rows: int) -> float:
    """Products of the error signals with the fields and with each other."""
    width = min(rows, setting.regime.d - setting.target.k)
    return setting.n * rows * (width * multiply(min(rows, width)) + rows * multiply(rows))


def _algebra(setting: Setting, rows: int) -> float:
    """What follows from the sums, a step."""
    seconds = FEW + NEURON * rows + PAIR * rows**2 + CUBE * rows**3
    return seconds + _singular(setting, rows) * (SINGULAR + SINGULAR_PAIR * rows**2)


def _singular(setting: Setting, rows: int) -> float:
    """How often the signals' Gram matrix is: with fewer samples than neurons, or two neurons alike on all samples.

    Such are neurons that began as mirror images and have hardly parted, if sigma' is constant but for jumps.
    """
    jumps = setting.student.activation.derivative.has(sympy.Heaviside, sympy.sign)
    alike = jumps and setting.student.init == "symmetric" and rows == setting.student.p
    return 1.0 if setting.n < rows else min(1.0, ALIKE * rows / setting.n) if alike else 0.0


def _last_overlaps_do(setting: Setting, record: Record) -> bool:
    """Whether nothing else is asked of the rows after the last step: then most of that step can be left out."""
    more = {"gram", "cosines", "test_error", "rows"}
    return not setting.regime.normalize_rows and not (setting.regime.steps in record.position and record.kinds & more)


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
        glance = step + 1 == regime.steps and _last_overlaps_do(setting, self._job.record)
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
