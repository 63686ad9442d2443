"""One sample a step, exact in law at a cost free of d.

A sample enters through its coordinates along the teacher and in the span of the rows, and through its distance from
both: normal numbers and a chi-squared one, independent of all that came before, because the rows depend on earlier
samples only. A sample may stay for several steps in a row: its coordinates are then kept. Proof: docs/notes/chain.md.
"""

import numpy as np

from theory.problem import Setting

from ..costs import DRAW, signal
from ..expressions.programs import Programs
from ..inputs import special
from ..job import Estimate, Job, Means
from ..observer import Observer
from ..random.streams import cut
from ..record import Record, observe
from ..student.network import Buffers
from ..student.start import start
from ..threads import Crew
from .draws import draw_samples
from .steps import advance
from .uses import Uses

SAMPLES = 256  # at most so many share a stream; they are drawn together, so how many are used changes none of them
NUMBERS = 2048  # ... and not many more numbers than this
PART_BYTES = 2**20  # what replicas side by side work on: about the second-nearest cache
SNAPSHOT_BYTES = 2**23  # recorded states on their way
STRETCH = 0.2  # seconds of work between two reports of progress, roughly ...
BLOCKS = 4  # ... but at least so many blocks of samples: one that is cut is drawn again
LOOKS = 2**14  # at a time in the compiled loop

# Seconds: a chi number and a label; a neuron, beside its signal, and a pair of neurons, of a replica in a step; and of
# a step of replicas side by side, however few: overhead, neuron, pair of neurons; a number recorded; a replica begun.
SAMPLE, NEURON, PAIR, STEP, STEP_NEURON, STEP_PAIR = 5e-9, 3e-9, 5e-10, 3.5e-7, 1e-7, 1.2e-8
RECORD, BEGIN = 2.2e-8, 3e-5


def refusal(setting: Setting, record: Record, dtype: np.dtype) -> str | None:
    """One sample a step, not met again after others, in a space with room for rows and teacher; and float64."""
    if reason := special(setting):
        return reason
    if setting.n != 1:
        return "it takes one sample a step, n = 1"
    if setting.regime.preprocess is not None:
        return "preprocess removes the one label there is, or puts a multiple of it in its place"
    if setting.student.p + setting.target.k > setting.regime.d:
        return "it needs p + k <= d"
    if Uses(setting.regime).returning:
        return "a sample comes back after others: only consecutive steps may share one"
    if "rows" in record.kinds:
        return "it holds overlaps and Gram matrices, no rows"
    return None if dtype == np.float64 else "it works in float64"


def estimate(setting: Setting, record: Record, means: Means) -> Estimate:
    """(p + k) numbers and p^2 operations a step, and the overhead of a step of replicas side by side."""
    p, k, steps, replicas = setting.student.p, setting.target.k, setting.regime.steps, means.replicas
    looks = 1 + 0.5 * (setting.extragradient > 0)
    each = (p + k + 1) * DRAW + SAMPLE + looks * p * (NEURON + signal(setting.student.activation)) + p * p * PAIR
    size = _side_by_side(setting, replicas, means.threads)
    parts = -(-replicas // size)
    threads = min(means.threads, parts)
    rounds = -(-parts // threads)
    step = rounds * (STEP + p * STEP_NEURON + p * p * STEP_PAIR + size * each)
    snapshots = 3 * min(SNAPSHOT_BYTES, 8 * size * p * (p + k) * len(record.at))
    held = replicas * p * (p + k + 8) * 8 + threads * (size * _bytes_each(setting) + snapshots)
    begin = replicas * BEGIN / threads
    return Estimate(begin + steps * step + rounds * size * len(record.at) * p * (p + 2 * k) * RECORD, held)


def run(job: Job) -> dict[str, np.ndarray]:
    """All replicas a stretch of time, then all of them the next one."""
    uses, buffers = Uses(job.setting.regime), Buffers()
    sizes = list(cut(job.replicas, _side_by_side(job.setting, job.replicas, job.threads), job.first))
    task = estimate(job.setting, job.record, Means(job.replicas, job.threads)).seconds / len(sizes)
    stretch = max(1, BLOCKS * _samples(job.setting), int(uses.looks * min(1.0, STRETCH / task)))
    stretches = list(cut(uses.looks, stretch))
    done = 0
    with Crew(job.threads) as crew:
        parts = list(crew.stream(lambda part: _Part(job, uses, buffers, *part), sizes))
        for first, count in stretches:
            advance_ = lambda part, first=first, count=count: part.advance(first, first + count)  # noqa: E731
            for _ in crew.stream(advance_, parts):
                done += 1
                job.progress(done / (len(parts) * len(stretches)))
    results = [part.arrays() for part in parts]
    return {name: np.concatenate([result[name] for result in results]) for name in results[0]}


def _samples(setting: Setting) -> int:
    """How many samples share a stream."""
    return max(16, min(SAMPLES, NUMBERS // (setting.student.p + setting.target.k)))


def _bytes_each(setting: Setting) -> int:
    """What a replica works on."""
    p, k = setting.student.p, setting.target.k
    return 8 * ((p + k + 3) * _samples(setting) + p * (p + k + 8))


def _side_by_side(setting: Setting, replicas: int, threads: int) -> int:
    """Replicas that step together: whole vectors of eight where memory decides."""
    most = max(8, PART_BYTES // _bytes_each(setting) // 8 * 8)
    return min(most, -(-replicas // threads))


class _Part:
    """Replicas first .. first + count - 1 on their way, as the last axis of arrays."""

    def __init__(self, job: Job, uses: Uses, buffers: Buffers, first: int, count: int) -> None:
        self._job, self._uses, self._buffers, self._first, self._count = job, uses, buffers, first, count
        setting = job.setting
        p, k, regime = setting.student.p, setting.target.k, setting.regime
        begin = start(setting, job.seed, first, count)
        self._observer = Observer(job, first, begin)
        self._root = np.zeros((p, p + 1, count))
        self._root[:, : begin.coordinates.shape[2] - k] = np.moveaxis(begin.coordinates[:, :, k:], 0, 2)
        self._overlaps = np.ascontiguousarray(np.moveaxis(begin.coordinates[:, :, :k], 0, 2))
        self._sample = np.zeros((p + 1, count))
        self._student = np.ascontiguousarray(begin.bias.T), np.ascontiguousarray(begin.output.T)
        correlation = regime.loss == "correlation"
        self._rule = float(setting.eta), job.decay, float(setting.extragradient), correlation, regime.normalize_rows
        self._programs = Programs.of(setting)
        self._at = np.array(job.record.at)

    def advance(self, first: int, last: int) -> None:
        """Looks first .. last - 1, each with its step."""
        samples, number, drawn = _samples(self._job.setting), int(self._uses.numbers(first, first + 1)[0]), -1
        most = max(1, SNAPSHOT_BYTES // (8 * (self._root.size + self._overlaps.size)))
        while first < last:
            block = number // samples
            if block != drawn:
                inputs, labels = self._draw(block, samples)
            end = min(last, first + LOOKS, self._uses.reaching((block + 1) * samples))
            kept = np.searchsorted(self._at, [first, end])
            if kept[1] - kept[0] > most:
                kept[1] = kept[0] + most
                end = int(self._at[kept[1]])
            self._look(first, end, slice(*kept), block * samples, inputs, labels)
            first, drawn = end, block
            number = int(self._uses.numbers(first, first + 1)[0])

    def _draw(self, block: int, samples: int) -> tuple[np.ndarray, np.ndarray]:
        setting = self._job.setting
        p, k, noise = setting.student.p, setting.target.k, setting.target.noise
        width = k + p + (2 if noise > 0 else 1)
        inputs = self._buffers.take("inputs", (width, samples, self._count), np.dtype(float))
        labels = self._buffers.take("labels", (samples, self._count), np.dtype(float))
        key, df = self._job.key, setting.regime.d - k - p
        draw_samples(key, self._first, block, df, k, p, float(noise), self._programs.target, inputs, labels)
        return inputs, labels

    def _look(self, first: int, last: int, kept: slice, drawn: int, inputs: np.ndarray, labels: np.ndarray) -> None:
        """Looks whose samples are all in one block, which begins with sample `drawn`."""
        p, k = self._job.setting.student.p, self._job.setting.target.k
        numbers = self._uses.numbers(first - 1, last)
        uses = np.column_stack([numbers[1:] - drawn, numbers[1:] > numbers[:-1]])
        steps = self._at[kept]
        wanted = np.isin(np.arange(first, last), steps)
        coordinates, squares = np.empty((len(steps), p, k + p, self._count)), np.empty((len(steps), self._count))
        moves = min(last, self._uses.looks - 1) - first
        state = self._overlaps, self._root, self._sample
        advance(
            uses,
            wanted,
            moves,
            self._rule,
            self._programs.both,
            inputs,
            labels,
            self._student,
            state,
            (coordinates, squares),
        )
        if len(steps):
            self._record(steps, kept, np.ascontiguousarray(np.moveaxis(coordinates, 3, 0)), squares.T)

    def _record(self, steps: np.ndarray, kept: slice, coordinates: np.ndarray, squares: np.ndarray) -> None:
        """coordinates (R, steps, p, D), squares (R, steps)."""
        arrays = self._observer.kept
        together = {name: array[:, kept, None] for name, array in arrays.items() if array.ndim == 4}
        observe(together, 0, coordinates, self._job.setting.target.k)
        if "train_error" in arrays:
            arrays["train_error"][:, kept] = squares
        if "test_error" in arrays:
            with Crew(1) as alone:
                for i, step in enumerate(steps):
                    self._observer.observe(int(step), coordinates[:, i], alone)

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything recorded."""
        last = np.concatenate([self._overlaps, self._root], axis=1)
        return self._observer.arrays(np.moveaxis(last, 2, 0))
