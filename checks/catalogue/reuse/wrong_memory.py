"""Dynamical mean-field theory with mistakes in what a batch remembers: foils for the right one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from theory import Setting
from theory.dmft.batch import Batch
from theory.dmft.domain import problem
from theory.dmft.limit import streams
from theory.dmft.path import Descent

SAMPLES = 2**16


class NewNoise(Batch):
    """Of its fields at earlier steps a batch keeps what its own gradients left, but draws their noise again."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._teacher = len(self._seen)

    def fields(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As if no directions but the teacher's had been asked for before."""
        self._asked, self._seen = self._asked[: self._teacher], self._seen[: self._teacher]
        return super().fields(rows)


class SharedMemory(Batch):
    """Every neuron has the memories of all: a response that begins at 1 in every entry, not at the identity."""

    def fields(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same sum of memories for every neuron."""
        free, memory = super().fields(rows)
        return free, np.repeat(memory.sum(axis=0, keepdims=True), len(memory), axis=0)


@dataclass(frozen=True, eq=False)
class WrongLimit:
    """overlaps (T + 1, p, k), gram (T + 1, p, p), train_error (T + 1,)."""

    overlaps: np.ndarray
    gram: np.ndarray
    train_error: np.ndarray


@cache
def wrong_limit(setting: Setting, memory: Callable[..., Batch]) -> WrongLimit:
    """One solution of the equations of theory.solve_dmft with batches of another kind."""
    path = Descent(problem(setting, None, None), setting.regime.batch_ids, SAMPLES, streams(0)[0], memory).run()
    return WrongLimit(path.overlaps, np.einsum("ttij->tij", path.correlation), path.train_error)
