"""Which sample every step of a chain takes."""

import numpy as np

from theory.problem import Regime


class Uses:
    """Samples in the order of their first use, one a step; `returning` if one is used again after another.

    A look is a step's glance at its sample before it moves; one more, look T, is at the last sample after all steps.
    """

    def __init__(self, regime: Regime) -> None:
        self.looks = regime.steps + 1
        self.returning = False
        self._numbers: np.ndarray | None = None  # a fresh sample a step: the numbers are the steps, and not held
        if regime.batch != "fresh":
            ids = np.zeros(regime.steps, np.int64) if regime.batch == "reused" else np.array(regime.batch, dtype=object)
            self._numbers = np.cumsum(np.append(False, ids[1:] != ids[:-1]))
            self.returning = len(set(ids.tolist())) <= self._numbers[-1]

    def numbers(self, first: int, last: int) -> np.ndarray:
        """The sample's number at looks first .. last - 1; -1 before the first look."""
        looks = np.arange(first, last)
        steps = np.minimum(looks, self.looks - 2)
        return np.where(looks < 0, -1, steps if self._numbers is None else self._numbers[steps])

    def reaching(self, number: int) -> int:
        """The first look whose sample has at least this number; past the end if there is none."""
        if self._numbers is None:
            return number if number < self.looks - 1 else self.looks
        step = int(np.searchsorted(self._numbers, number))
        return step if step < self.looks - 1 else self.looks
