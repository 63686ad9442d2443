"""What a step needs of a fresh batch: sums over its samples, for a group of replicas and on several threads."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.problem import Setting

from ..algebra.small import chi_squares
from ..expressions.programs import Programs
from ..groups import Advance
from ..job import Job
from ..random.streams import LINEAR, cut
from ..student.start import Neurons
from ..threads import Crew
from .accumulate import SLICE, accumulate, add_moments
from .removed import Removed, linear, mean, nothing

TASK_WORK = 2**24  # multiplications that are worth handing to a thread
WIDE = 64  # neurons
DRAWING = 20  # a normal number costs about as much as this many


@dataclass(frozen=True)
class Sums:
    """With e_i = sigma'(h_i) r: inside (R, p, q) = sum e_i x in q >= D coordinates; squares (R,) = sum (y - f)^2.

    Of a glance inside has the teacher's coordinates alone, and gram is empty. gram (R, p, p) = E^T P E, where the
    part of the data outside the q coordinates is P times a Gaussian matrix: P is 1, or, where the labels' linear part
    is removed, takes off the labels (docs/notes/conditioned.md).
    """

    inside: np.ndarray
    gram: np.ndarray
    squares: np.ndarray


@dataclass(frozen=True)
class BatchSums:
    """Takes the sums, drawing batches as ``sim.conditioned.accumulate`` does."""

    job: Job

    def over(self, first: int, batch: int, neurons: Neurons, glance: bool, crew: Crew, advance: Advance) -> Sums:
        """The sums over batch `batch` of replicas `first` .. `first` + R - 1; see ``Sums`` for a glance."""
        (count, p, width), k = neurons.rows.shape, self.job.setting.target.k
        setting, program = self.job.setting, self._programs.slope if neurons.silent else self._programs.both
        removed = self._removed(first, batch, count, width, crew, advance)
        q = max(width, removed.correction.shape[1] - 2)
        common = (setting.target.noise, self._programs.target, program, setting.regime.loss == "correlation")

        def take(replicas: slice, blocks: tuple[int, int, int], *arrays: np.ndarray) -> None:
            student = (neurons.rows[replicas], neurons.bias[replicas], neurons.output[replicas])
            accumulate(
                self.job.key, first + replicas.start, batch, setting.n, blocks, *common,
                *student, removed.correction[replicas], q, *arrays,
            )  # fmt: skip

        sizes = (k, 0, 0, 0) if glance else (k, q - k, p, int(removed.lifts))
        shapes = (*((count, p, size) for size in sizes), (count,))
        along, beside, gram, against, squares = self._totals(take, shapes, crew, advance)
        inside = np.concatenate([along, beside], axis=2)
        if removed.lifts and not glance:
            removed.restore(inside, gram, against)
        return Sums(inside, gram, squares)

    def _removed(self, first: int, batch: int, count: int, width: int, crew: Crew, advance: Advance) -> Removed:
        """What is taken off the labels; the direction of their linear part outside `width` fields is a field more."""
        setting = self.job.setting
        if setting.regime.preprocess is None:
            return nothing(count)
        if setting.regime.preprocess == 0:
            return mean(setting.n, self._moments(first, batch, count, width, crew, advance))
        rest = setting.regime.d - width
        moments = self._moments(first, batch, count, width + (rest > 0), crew, advance)
        squared = chi_squares(self.job.key, first, LINEAR, batch, 0, np.full(count, rest)) if rest else None
        return linear(setting.n, moments, squared)

    def _moments(self, first: int, batch: int, count: int, q: int, crew: Crew, advance: Advance) -> np.ndarray:
        """Sums of y, y^2 and y times each of q fields: (count, 2 + q)."""

        def take(replicas: slice, blocks: tuple[int, int, int], moments: np.ndarray) -> None:
            noise = self.job.setting.target.noise
            add_moments(
                self.job.key,
                first + replicas.start,
                batch,
                self.job.setting.n,
                blocks,
                noise,
                self._programs.target,
                moments,
            )

        return self._totals(take, ((count, 2 + q),), crew, advance)[0]

    def _totals(
        self, take: Callable[..., None], shapes: tuple[tuple[int, ...], ...], crew: Crew, advance: Advance
    ) -> tuple[np.ndarray, ...]:
        """Arrays of these shapes, replica axis first, as `take` fills them part by part."""
        count, totals = shapes[0][0], tuple(np.zeros(shape) for shape in shapes)
        part_of_step = 1.0 / (1 if self.job.setting.regime.preprocess is None else 2)
        share, size = samples_sharing(self.job.setting), part_size(self.job.setting)
        blocks = -(-self.job.setting.n // share)
        if blocks <= size:  # several replicas make a task, not all: between two of them a stop is noticed
            for first, many in cut(count, max(1, size * share // self.job.setting.n)):
                replicas = slice(first, first + many)
                take(replicas, (0, blocks, share), *(total[replicas] for total in totals))
                advance(part_of_step * many / count)
            return totals
        for r in range(count):

            def part_totals(part: tuple[int, int], r: int = r) -> tuple[np.ndarray, ...]:
                arrays = tuple(np.zeros((1, *shape[1:])) for shape in shapes)
                take(slice(r, r + 1), (part[0], part[0] + part[1], share), *arrays)
                return arrays

            for arrays in crew.stream(part_totals, cut(blocks, size)):
                for total, array in zip(totals, arrays, strict=True):
                    total[r] += array[0]
                advance(part_of_step / count / -(-blocks // size))
        return totals

    @cached_property
    def _programs(self) -> Programs:
        return Programs.of(self.job.setting)


def samples_sharing(setting: Setting) -> int:
    """Samples that share a stream: opening one costs little beside them, and a wide student's batch can be divided."""
    return SLICE if setting.student.p >= WIDE else 8 * SLICE


def part_size(setting: Setting) -> int:
    """Blocks that make a task: a function of the sizes alone, since sums are taken part by part."""
    p, width = setting.student.p, setting.student.p + setting.target.k
    return max(1, TASK_WORK // (samples_sharing(setting) * (width * (p + DRAWING) + p * (p + width))))


def divisible(setting: Setting, threads: int) -> bool:
    """Whether the samples of one replica occupy several threads."""
    return setting.n >= 2 * threads * samples_sharing(setting) * part_size(setting)
