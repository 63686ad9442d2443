"""What a run on reused batches will ask of each, known from the start: how much to hold, and how long."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.problem import Setting

from .ledger import TASK_VALUES, chunking


@dataclass(frozen=True)
class Plan:
    """end: the training error after the last step is wanted."""

    setting: Setting
    end: bool

    @cached_property
    def last(self) -> dict[int, int]:
        """By batch: the last step that needs it. The last batch is held to the end."""
        last = {batch: step for step, batch in enumerate(self.setting.batch_ids)}
        return {**last, self.setting.batch_ids[-1]: self.setting.regime.steps}

    def capacity(self, batch: int) -> tuple[int, int]:
        """How many orthonormal directions of R^d and of R^n a batch needs at most, labels included."""
        setting, ids = self.setting, self.setting.batch_ids
        p, mirrored = setting.student.p, setting.student.init == "symmetric"
        asked = self.linear + self._used(batch) * self._rows - (p // 2 if mirrored and batch == ids[0] else 0)
        more = p if self.end and batch == ids[-1] else 0
        return max(1, min(setting.regime.d, setting.target.k + asked + more)), max(1, min(setting.n, asked))

    @cached_property
    def footprint(self) -> int:
        """Bytes a replica holds at its fullest, at most."""
        (chunks, width), regime = chunking(self.setting.n), self.setting.regime
        ids = np.zeros(1) if isinstance(regime.batch, str) else np.array(regime.batch)  # or one batch at a time
        _, first, uses = np.unique(ids, return_index=True, return_counts=True)
        last = len(ids) - 1 - np.unique(ids[::-1], return_index=True)[1]
        if regime.batch == "reused":
            uses = np.array([regime.steps])
        asked, more = self.linear + uses * self._rows, self.setting.student.p if self.end else 0
        directions = np.minimum(self.setting.n, asked)
        directions += np.minimum(self.setting.regime.d, self.setting.target.k + asked + more)
        sizes = 8.0 * (chunks * width * (directions + self.setting.student.p + 1) + 2 * directions**2)
        change = np.zeros(len(ids) + 1)
        np.add.at(change, first, sizes)
        np.add.at(change, last + 1, -sizes)
        return int(np.cumsum(change).max())

    @property
    def explored(self) -> int:
        """Coordinates of R^d in use at most."""
        regime, p = self.setting.regime, self.setting.student.p
        steps = 1 if regime.batch == "fresh" else regime.steps
        return min(regime.d, self.setting.target.k + p + steps * self._rows)

    @property
    def usual(self) -> int:
        """Coordinates in use halfway."""
        return (self.setting.target.k + self.setting.student.p + self.explored) // 2

    @property
    def tasks(self) -> int:
        """Into how many a pass over a batch is cut at least."""
        (chunks, width), (rights, lefts) = chunking(self.setting.n), self.capacity(self.setting.batch_ids[0])
        return -(-chunks // max(1, TASK_VALUES // ((rights + lefts) * width)))

    @cached_property
    def batches(self) -> list[tuple[int, bool, int]]:
        """(uses, whether it is the first batch, how many such batches there are)."""
        regime = self.setting.regime
        if isinstance(regime.batch, str):
            others = Counter({self._used(0): regime.steps // self._used(0)})
        else:
            others = Counter(self._uses.values())
        first = self._used(self.setting.batch_ids[0])
        others[first] -= 1
        return [(first, True, 1), *((uses, False, many) for uses, many in others.items() if many)]

    def _used(self, batch: int) -> int:
        """In how many steps."""
        regime = self.setting.regime
        if isinstance(regime.batch, str):
            return 1 if regime.batch == "fresh" else regime.steps
        return self._uses[batch]

    @cached_property
    def _uses(self) -> Counter[int]:
        return Counter(self.setting.batch_ids)

    @property
    def _rows(self) -> int:
        """Rows looked at, and gradients taken, in a step."""
        return self.setting.student.p * (1 + (self.setting.extragradient > 0))

    @property
    def linear(self) -> int:
        """Directions of R^n asked for before any step."""
        return int(self.setting.regime.preprocess == 1)
