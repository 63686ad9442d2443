"""The verdict on a claim: one frozen record, and its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from theory.problem import ProblemError

from .component import ComponentRecord, worst
from .decide import Status
from .fate import Fate
from .interval import Interval
from .jsonable import encode, interval, number, numbers
from .sequential import Outcome

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a claim came to, with all that is needed to weigh it and to run it again.

    estimate, interval, prediction, margin and bias are those of the component closest to failing, in its
    own unit. `alpha` is the claim's whole share of the budget and `power` the planned power at `margin`.
    `n` counts samples used, `dims` the dimensions d, `seconds` of computing it, side by side or not. `foils` are
    pairs (name, status); `fates` say how they came to it, and may lack in records of earlier versions.
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
    fates: tuple[Fate, ...] = ()

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
        mutant_fates: tuple[Fate, ...] = (),
    ) -> Self:
        """The verdict of an outcome; `mutants` are statuses of wrong simulators, judged on their own data.

        AGREE becomes POWERLESS if any foil or mutant did not come to DISAGREE, or if there are none.
        """
        headline = outcome.worst
        foils = outcome.foils + tuple((mutants or {}).items())
        status = outcome.status
        killed = bool(foils) and all(foil is Status.DISAGREE for _, foil in foils)
        if status is Status.AGREE and not killed:
            status = Status.POWERLESS
        return cls(
            claim=claim, group=group, status=status,
            estimate=headline.estimate, interval=headline.interval, prediction=headline.prediction,
            margin=headline.margin, bias=headline.bias, alpha=outcome.alpha, power=outcome.power,
            n=outcome.n, dims=dims, seed=seed, seconds=seconds,
            flags=("resolved_bias",) if any(record.resolved_bias for record in outcome.records) else (),
            components=outcome.records, foils=foils, replay=replay,
            fates=outcome.fates + mutant_fates,
        )  # fmt: skip

    @property
    def headline(self) -> ComponentRecord:
        """The component closest to failing, whose numbers the verdict shows."""
        return worst(self.components)

    def _repr_html_(self) -> str:
        """A table of the components, for notebooks."""
        from .notebook import verdict_html

        return verdict_html(self)

    def to_json(self) -> dict[str, Any]:
        """A dict of JSON types with "schema": 1; infinities and NaN become "inf", "-inf", "nan"."""
        plain = [field.name for field in fields(self) if field.name != "fates"]
        fates = {"fates": [fate.to_json() for fate in self.fates]} if self.fates else {}
        return {
            "schema": SCHEMA,
            **{name: encode(getattr(self, name)) for name in plain},
            **fates,
            "components": [record.to_json() for record in self.components],
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
                power=number(record["power"]),
                seconds=number(record["seconds"]),
                **numbers(record),
                status=Status(record["status"]),
                interval=interval(record["interval"]),
                n=int(record["n"]),
                seed=int(record["seed"]),
                dims=tuple(int(d) for d in record["dims"]),
                flags=tuple(str(flag) for flag in record["flags"]),
                components=tuple(ComponentRecord.from_json(component) for component in record["components"]),
                foils=tuple((str(foil["name"]), Status(foil["status"])) for foil in record["foils"]),
                fates=tuple(Fate.from_json(fate) for fate in record.get("fates", ())),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ProblemError(f"not a verdict of schema {SCHEMA}: {type(error).__name__} {error}") from error
