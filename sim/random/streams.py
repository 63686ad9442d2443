"""Random streams: every random number of a run has an address, and the address alone decides its value."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.problem import ProblemError

from .normals import fill
from .words import open_stream

ROWS, SECOND_LAYER, BIAS, INPUTS, NOISE, HELD_OUT, START, FIELDS, GRADIENT, FRAME, LINEAR = range(11)  # what for
READOUT, READOUT_NOISE, READOUT_OUTSIDE, READOUT_LENGTH, SPECTRUM = range(11, 16)
SHARED, HELD_OUT_SHARED, TEACHER = range(24, 27)

BLOCK_VALUES = 2**18  # numbers in a block of vectors: 2 MiB, so that a block is still in cache when it is used
BLOCK_ROWS = 1024


def block_rows(d: int) -> int:
    """How many vectors of R^d share a stream: depends on d only, so that chunks and threads cannot change the data."""
    return max(1, min(BLOCK_ROWS, BLOCK_VALUES // d))


def cut(total: int, size: int, start: int = 0) -> Iterator[tuple[int, int]]:
    """(first, number) of the consecutive parts of `total` things numbered from `start`, `size` in each but the last."""
    return ((start + first, min(size, total - first)) for first in range(0, total, size))


@dataclass(frozen=True)
class Streams:
    """The streams of one replica.

    A stream is addressed by (replica, purpose, batch id, block) and depends on nothing else but the seed: not
    on the setting, so that two settings with one seed are paired; not on threads, chunks, other replicas or
    what is recorded.
    """

    root: np.random.SeedSequence
    replica: int

    @cached_property
    def key(self) -> np.ndarray:
        """What the compiled kernels know of the seed: (2,) uint64, the same for every replica."""
        return self.root.generate_state(2, np.uint64)

    def open(self, purpose: int, batch: int = 0, block: int = 0) -> np.ndarray:
        """The state at the start of the stream, for the functions of ``sim.random.normals``."""
        return open_stream(self.key, self.replica, purpose, batch, block)

    def normals(self, purpose: int, block: int, shape: tuple[int, int]) -> np.ndarray:
        """The first standard normals of a stream."""
        array = np.empty(shape)
        fill(self.open(purpose, block=block), array)
        return array

    def generator(self, purpose: int, batch: int = 0, block: int = 0) -> np.random.Generator:
        """A new NumPy generator of the same address, independent of the stream that `open` gives: for odd laws."""
        key = (*self.root.spawn_key, self.replica, purpose, batch, block)
        seed = np.random.SeedSequence(self.root.entropy, spawn_key=key, pool_size=self.root.pool_size)
        return np.random.Generator(np.random.SFC64(seed))


def seed_sequence(rng: int | np.random.SeedSequence | np.random.Generator) -> np.random.SeedSequence:
    """The seed of a run. A Generator gives its next 128 bits, so two runs from one Generator differ.

    Raises ProblemError for anything else, None included: a run that cannot be repeated proves nothing.
    """
    if isinstance(rng, np.random.SeedSequence):
        return rng
    if isinstance(rng, np.random.Generator):
        return np.random.SeedSequence([int(word) for word in rng.integers(0, 2**32, size=4)])
    if isinstance(rng, int | np.integer) and not isinstance(rng, bool) and rng >= 0:
        return np.random.SeedSequence(int(rng))
    raise ProblemError(f"rng = {rng!r}; give a non-negative int, a numpy SeedSequence or a numpy Generator")
