"""One number a claim predicts, and the record of how it was judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from math import isfinite
from typing import Any, NamedTuple, Self

from theory.problem import ProblemError

from .decide import Status, decide
from .interval import Interval
from .jsonable import encode, interval, number, numbers
from .quantity import Data, Exponent, Quantity, Rung

USUAL = 0.05  # the level that papers print


@dataclass(frozen=True, slots=True)
class ComponentRecord:
    """A judged component: everything in its own unit; `alpha` is the level at which `interval` was taken.

    interval_95: the same from the same data at the level that papers print. It decides nothing.
    ladder: of an exponent, the medians whose logarithms its slope is taken through.
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
    ladder: tuple[Rung, ...] = ()

    @property
    def excess(self) -> float:
        """The farthest end of the discrepancy in units of bias + margin; AGREE means below 1."""
        ends = self.interval.shifted(-self.prediction)
        return max(-ends.lo, ends.hi) / (self.bias + self.margin)

    def to_json(self) -> dict[str, Any]:
        """A dict of JSON types; without a ladder there is no "ladder"."""
        record = {field.name: encode(getattr(self, field.name)) for field in fields(self)}
        ladder = [
            {"x": encode(x), "median": encode(m), "interval": encode(ends)} for x, m, ends in record.pop("ladder")
        ]
        return record | ({"ladder": ladder} if ladder else {})

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`; KeyError, TypeError or ValueError where something is missing or malformed."""
        rungs = record.get("ladder", ())
        return cls(
            name=str(record["name"]),
            status=Status(record["status"]),
            interval=interval(record["interval"]),
            interval_95=interval(record["interval_95"]),
            resolved_bias=bool(record["resolved_bias"]),
            ladder=tuple(Rung(number(r["x"]), number(r["median"]), interval(r["interval"])) for r in rungs),
            **numbers(record),
        )


_SEVERITY = {Status.AGREE: 0, Status.INCONCLUSIVE: 1, Status.DISAGREE: 2}


def worst(records: Iterable[ComponentRecord]) -> ComponentRecord:
    """The component closest to failing, or farthest beyond."""
    return max(records, key=lambda record: (_SEVERITY[record.status], record.excess))


class Seen(NamedTuple):
    """A component on the data of a stage: estimate, interval, interval at 95 %, and an exponent's ladder."""

    estimate: float
    interval: Interval
    interval_95: Interval
    ladder: tuple[Rung, ...]


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
        for name in ("prediction", "margin", "bias"):
            object.__setattr__(self, name, float(getattr(self, name)))
        if not all(map(isfinite, (self.prediction, self.margin, self.bias))):
            raise ProblemError(f"{self.name}: prediction, margin and bias must be finite numbers")
        if self.bias < 0 or not self.bias + self.margin > self.bias:
            raise ProblemError(f"{self.name}: need margin > 0 and bias >= 0, got {self.margin}, {self.bias}")

    def look(self, data: Data, alpha: float) -> Seen:
        """What `data` say of the quantity at two-sided level `alpha`, and at the level that papers print."""
        ladder = self.interval.rungs(data, alpha) if isinstance(self.interval, Exponent) else ()
        return Seen(*self.interval(data, alpha), self.interval(data, USUAL)[1], ladder)

    def judge(self, seen: Seen, alpha: float, final: bool) -> ComponentRecord:
        """The record of the interval rule applied to the interval of (quantity - prediction)."""
        status, resolved = decide(seen.interval.shifted(-self.prediction), self.margin, self.bias, final)
        return ComponentRecord(
            self.name,
            status,
            seen.estimate,
            seen.interval,
            self.prediction,
            self.margin,
            self.bias,
            alpha,
            seen.interval_95,
            resolved,
            seen.ladder,
        )
