"""One number a claim predicts, and the record of how it was judged."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from theory.problem import ProblemError

from .decide import Status, decide
from .interval import Interval
from .quantity import Quantity


@dataclass(frozen=True, slots=True)
class ComponentRecord:
    """A judged component: everything in its own unit; `alpha` is the level at which `interval` was taken.

    interval_95: the same from the same data at the level that papers print. It decides nothing.
    """

    name: str
    status: Status
    estimate: float
    interval: Interval
    prediction: float
    margin: float
    bias: float
    alpha: float
    interval_95: Interval
    resolved_bias: bool = False

    @property
    def excess(self) -> float:
        """The farthest end of the discrepancy in units of bias + margin; AGREE means below 1."""
        ends = self.interval.shifted(-self.prediction)
        return max(-ends.lo, ends.hi) / (self.bias + self.margin)


@dataclass(frozen=True, slots=True)
class Component:
    """A predicted number, its margin and finite-size allowance, and the quantity that measures it.

    `prediction`, `margin` (> 0) and `bias` (>= 0) are finite, in the quantity's own unit, and declared
    before any data; an exact number is stored as a float. `interval(data, alpha)` returns (estimate,
    Interval) of the simulated quantity. ProblemError otherwise.
    """

    name: str
    prediction: float
    margin: float
    bias: float
    interval: Quantity

    def __post_init__(self) -> None:
        for number in ("prediction", "margin", "bias"):
            object.__setattr__(self, number, float(getattr(self, number)))
        if not all(map(isfinite, (self.prediction, self.margin, self.bias))):
            raise ProblemError(f"{self.name}: prediction, margin and bias must be finite numbers")
        if self.bias < 0 or not self.bias + self.margin > self.bias:
            raise ProblemError(f"{self.name}: need margin > 0 and bias >= 0, got {self.margin}, {self.bias}")

    def judge(
        self, estimate: float, interval: Interval, interval_95: Interval, alpha: float, final: bool
    ) -> ComponentRecord:
        """The record of the interval rule applied to `interval` - prediction."""
        status, resolved = decide(interval.shifted(-self.prediction), self.margin, self.bias, final)
        return ComponentRecord(
            self.name, status, estimate, interval, self.prediction, self.margin, self.bias, alpha, interval_95, resolved
        )
