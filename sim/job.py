"""What every simulator is given, and what it says of itself beforehand."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from theory.problem import Setting

from .data import Teacher
from .random.streams import Streams
from .record import Record


class Estimate(NamedTuple):
    """Seconds on the machine the models were measured on (ratios carry over to others), and bytes at the peak."""

    seconds: float
    bytes: float


class Means(NamedTuple):
    """What a run is carried out with; as the arguments of ``sim.simulate``."""

    replicas: int
    threads: int
    dtype: np.dtype = np.dtype(float)
    chunk_bytes: int | None = None


@dataclass(frozen=True)
class Job:
    """Runs of `setting` numbered first .. first + replicas - 1, on `threads` threads.

    progress: called with the fraction done.
    """

    setting: Setting
    teacher: Teacher
    record: Record
    seed: np.random.SeedSequence
    first: int
    replicas: int
    threads: int
    dtype: np.dtype
    chunk_bytes: int | None
    progress: Callable[[float], None]

    @cached_property
    def key(self) -> np.ndarray:
        """What the compiled kernels know of the seed, for every replica: see ``Streams.key``."""
        return self.streams(0).key

    @property
    def decay(self) -> float:
        """1 - eta weight_decay: what a step leaves of the rows."""
        return 1.0 - self.setting.eta * self.setting.regime.weight_decay

    def streams(self, replica: int) -> Streams:
        """The streams of one replica."""
        return Streams(self.seed, replica)


class Simulator(Protocol):
    """What the modules direct, conditioned, dice and chain provide."""

    def refusal(self, setting: Setting, record: Record, dtype: np.dtype) -> str | None:
        """Why this simulator cannot do it, or None."""
        ...

    def estimate(self, setting: Setting, record: Record, means: Means) -> Estimate:
        """What it would cost; only asked where there is no refusal."""
        ...

    def run(self, job: Job) -> dict[str, np.ndarray]:
        """The arrays of ``sim.run.Run``, replica axis first."""
        ...
