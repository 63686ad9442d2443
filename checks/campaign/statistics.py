"""Statistics that add up: those of two parts of a campaign give those of the whole, exactly, in any order."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf, isfinite, sqrt
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from theory.problem import ProblemError

UNIT = 1074  # every float is a whole multiple of 2^-1074


@dataclass(frozen=True, slots=True)
class Moments:
    """Number, sum and sum of squares of finite floats, without rounding.

    total is in units of 2^-1074 and squares in units of 2^-2148: whole numbers, so that `+` is associative and
    commutative bit for bit.
    """

    count: int = 0
    total: int = 0
    squares: int = 0

    @classmethod
    def of(cls, values: ArrayLike) -> Self:
        """Those of an array of any shape. Raises ProblemError where an entry is not finite: it has no sum."""
        numbers = [float(value) for value in np.ravel(np.asarray(values))]
        if not all(map(isfinite, numbers)):
            raise ProblemError("moments need finite numbers; keep Samples of what may diverge")
        units = [_units(number) for number in numbers]
        return cls(len(units), sum(units), sum(unit * unit for unit in units))

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.count + other.count, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> float:
        """The mean, correctly rounded; NaN of nothing."""
        return float(Fraction(self.total, self.count << UNIT)) if self.count else float("nan")

    @property
    def variance(self) -> float:
        """The unbiased variance, correctly rounded; NaN of fewer than two, infinite beyond the largest float."""
        if self.count < 2:
            return float("nan")
        spread = self.count * self.squares - self.total**2
        try:
            return float(Fraction(spread, self.count * (self.count - 1) << 2 * UNIT))
        except OverflowError:
            return inf

    @property
    def standard_error(self) -> float:
        """Of the mean."""
        return sqrt(self.variance / self.count) if self.count else float("nan")


def _units(number: float) -> int:
    top, bottom = number.as_integer_ratio()  # bottom is a power of two, at most 2^1074
    return top << (UNIT + 1 - bottom.bit_length())


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Every value, sorted: for medians, quantiles and whole laws. Infinities (censored runs) sort to the ends."""

    values: np.ndarray

    @classmethod
    def of(cls, values: ArrayLike) -> Self:
        """Those of an array of any shape. Raises ProblemError for NaN: it has no place in an order."""
        numbers = np.sort(np.ravel(np.asarray(values, dtype=float)))
        if np.isnan(numbers).any():
            raise ProblemError("samples cannot be sorted: NaN among them; say inf for a run that diverged")
        return cls(numbers)

    def __add__(self, other: Samples) -> Samples:
        return Samples(np.sort(np.concatenate([self.values, other.values]), kind="stable"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Samples) and np.array_equal(self.values, other.values)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def median(self) -> float:
        """The sample median; of an even number the lower of the two in the middle, which is a sample. NaN of none."""
        return float(self.values[(len(self.values) - 1) // 2]) if len(self.values) else float("nan")
