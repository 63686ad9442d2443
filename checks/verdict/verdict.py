"""The verdict on a claim: one frozen record, and its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import isfinite
from typing import Any, Self

from theory.problem import ProblemError

from .component import ComponentRecord
from .decide import Status
from .interval import Interval
from .sequential import Outcome

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a claim came to, with all that is needed to weigh it and to run it again.

    estimate, interval, prediction, margin and bias are those of the component closest to failing, in its
    own unit. `alpha` is the claim's whole share of the budget and `power` the planned power at `margin`.
    `n` counts samples used, `dims` the dimensions d, `seconds` of computing it, side by
    side or not. `foils` are pairs (name, status).
    """

    claim: str
    group: str
    status: Status
    estimate: float
    interval: Interval
    prediction: float
    margin: float
    bias: float
    alpha: float
    power: float
    n: int
    dims: tuple[int, ...]
    seed: int
    seconds: float
    flags: tuple[str, ...]
    components: tuple[ComponentRecord, ...]
    foils: tuple[tuple[str, Status], ...]
    replay: str

    @classmethod
    def of(
        cls,
        outcome: Outcome,
        *,
        claim: str,
        group: str,
        dims: tuple[int, ...],
        seed: int,
        seconds: float,
        replay: str,
        mutants: Mapping[str, Status] | None = None,
    ) -> Self:
        """The verdict of an outcome; `mutants` are statuses of wrong simulators, judged on their own data.

        AGREE becomes POWERLESS if any foil or mutant did not come to DISAGREE, or if there are none.
        """
        worst = max(outcome.records, key=_closeness)
        foils = outcome.foils + tuple((mutants or {}).items())
        status = outcome.status
        killed = bool(foils) and all(foil is Status.DISAGREE for _, foil in foils)
        if status is Status.AGREE and not killed:
            status = Status.POWERLESS
        return cls(
            claim=claim, group=group, status=status,
            estimate=worst.estimate, interval=worst.interval, prediction=worst.prediction,
            margin=worst.margin, bias=worst.bias, alpha=outcome.alpha, power=outcome.power,
            n=outcome.n, dims=dims, seed=seed, seconds=seconds,
            flags=("resolved_bias",) if any(record.resolved_bias for record in outcome.records) else (),
            components=outcome.records, foils=foils, replay=replay,
        )  # fmt: skip

    @property
    def headline(self) -> ComponentRecord:
        """The component closest to failing, whose numbers the verdict shows."""
        return max(self.components, key=_closeness)

    def _repr_html_(self) -> str:
        """A table of the components, for notebooks."""
        from .notebook import verdict_html

        return verdict_html(self)

    def to_json(self) -> dict[str, Any]:
        """A dict of JSON types with "schema": 1; infinities and NaN become "inf", "-inf", "nan"."""
        return {
            "schema": SCHEMA,
            **{field.name: _encode(getattr(self, field.name)) for field in fields(self)},
            "components": [_record_to_json(record) for record in self.components],
            "foils": [{"name": name, "status": str(status)} for name, status in self.foils],
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`; ProblemError on another schema number or a field missing or malformed."""
        if record.get("schema") != SCHEMA:
            raise ProblemError(f"a verdict of schema {SCHEMA} is needed, got schema {record.get('schema')!r}")
        try:
            return cls(
                claim=str(record["claim"]),
                group=str(record["group"]),
                replay=str(record["replay"]),
                power=_number(record["power"]),
                seconds=_number(record["seconds"]),
                **_numbers(record),
                status=Status(record["status"]),
                interval=_interval(record["interval"]),
                n=int(record["n"]),
                seed=int(record["seed"]),
                dims=tuple(int(d) for d in record["dims"]),
                flags=tuple(str(flag) for flag in record["flags"]),
                components=tuple(_record_from_json(component) for component in record["components"]),
                foils=tuple((str(foil["name"]), Status(foil["status"])) for foil in record["foils"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ProblemError(f"not a verdict of schema {SCHEMA}: {type(error).__name__} {error}") from error


_SEVERITY = {Status.AGREE: 0, Status.INCONCLUSIVE: 1, Status.DISAGREE: 2}


def _closeness(record: ComponentRecord) -> tuple[int, float]:
    """How close a component is to failing, or how far beyond."""
    return _SEVERITY[record.status], record.excess


def _encode(value: Any) -> Any:
    """JSON has no infinities and no NaN: those become the strings that float() reads back."""
    if isinstance(value, Interval):
        return [_encode(value.lo), _encode(value.hi)]
    if isinstance(value, float):
        return float(value) if isfinite(value) else str(float(value))
    return list(value) if isinstance(value, tuple) else value


def _number(value: Any) -> float:
    if isinstance(value, bool) or (isinstance(value, str) and value not in ("inf", "-inf", "nan")):
        raise ValueError(f"{value!r} is not a number")
    return float(value)


def _numbers(record: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers that a verdict and a component have in common."""
    return {name: _number(record[name]) for name in ("estimate", "prediction", "margin", "bias", "alpha")}


def _interval(ends: Any) -> Interval:
    lo, hi = ends
    return Interval(_number(lo), _number(hi))


def _record_to_json(record: ComponentRecord) -> dict[str, Any]:
    return {field.name: _encode(getattr(record, field.name)) for field in fields(record)}


def _record_from_json(record: Mapping[str, Any]) -> ComponentRecord:
    return ComponentRecord(
        name=str(record["name"]),
        status=Status(record["status"]),
        interval=_interval(record["interval"]),
        interval_95=_interval(record["interval_95"]),
        resolved_bias=bool(record["resolved_bias"]),
        **_numbers(record),
    )
