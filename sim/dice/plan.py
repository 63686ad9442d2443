"""What a run on reused batches will ask of each, known from the start: how much to hold, how long, at what cost."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.problem import Setting

from ..costs import DRAW, signal
from .ledger import chunking

# Seconds a value of the ledger read again, a multiplication with it:
READ, MULTIPLY = 1e-9, 9e-11


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
        asked = self._linear + self._uses[batch] * self._rows - (p // 2 if mirrored and batch == ids[0] else 0)
        more = p if self.end and batch == ids[-1] else 0
        return max(1, min(setting.regime.d, setting.target.k + asked + more)), max(1, min(setting.n, asked))

    @cached_property
    def footprint(self) -> int:
        """Bytes a replica holds at its fullest, at most."""
        (chunks, width), regime = chunking(self.setting.n), self.setting.regime
        ids = np.zeros(1) if regime.batch == "fresh" else np.array(self.setting.batch_ids)  # fresh: one at a time
        _, first, uses = np.unique(ids, return_index=True, return_counts=True)
        last = len(ids) - 1 - np.unique(ids[::-1], return_index=True)[1]
        asked, more = self._linear + uses * self._rows, self.setting.student.p if self.end else 0
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
        return min(regime.d, self.setting.target.k + p + regime.steps * self._rows)

    @cached_property
    def seconds(self) -> float:
        """Of one replica on one thread, beside what every step costs."""
        if self.setting.regime.batch == "fresh":
            return self.setting.regime.steps * self._seconds(1)
        return sum(many * self._seconds(uses) for uses, many in Counter(self._uses.values()).items())

    def _seconds(self, uses: int) -> float:
        """Of a batch: each use draws fields and passes four times over the directions known by then."""
        n, d, k, rows = self.setting.n, self.setting.regime.d, self.setting.target.k, self._rows
        asked = self._linear + rows * np.arange(uses)
        lefts, rights = np.minimum(n, asked), np.minimum(d, k + asked + rows)
        read = (4 * lefts + 2 * rights) * READ + rows * (6 * lefts + 2 * rights + 3 * rows) * MULTIPLY
        small = 4 * rows * rights * (lefts + rights) * MULTIPLY
        return float(np.sum(n * (rows * (DRAW + signal(self.setting.student.activation)) + read) + small))

    @cached_property
    def _uses(self) -> Counter[int]:
        return Counter(self.setting.batch_ids)

    @property
    def _rows(self) -> int:
        """Rows looked at, and gradients taken, in a step."""
        return self.setting.student.p * (1 + (self.setting.extragradient > 0))

    @property
    def _linear(self) -> int:
        return int(self.setting.regime.preprocess == 1)
