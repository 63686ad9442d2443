"""Draw in stages until a claim and every wrong theory planted beside it are decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from theory.problem import ProblemError

from .budget import sample_sizes, spend
from .component import Component, ComponentRecord, worst
from .decide import Status, combine
from .fate import Fate
from .plan import DesignError, require_power
from .quantity import Data

Measure = Callable[[int, int], Data]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The judged components, each wrong theory's status, samples used, alpha given, planned power, and what each
    wrong theory died of."""

    records: tuple[ComponentRecord, ...]
    foils: tuple[tuple[str, Status], ...]
    n: int
    alpha: float
    power: float
    fates: tuple[Fate, ...] = ()

    @property
    def worst(self) -> ComponentRecord:
        """The component closest to failing, or farthest beyond."""
        return worst(self.records)

    @property
    def status(self) -> Status:
        """The components' statuses combined, foils aside; of a wrong simulator it ought to be DISAGREE."""
        return combine(record.status for record in self.records)


def run_stages(
    measure: Measure,
    components: Sequence[Component],
    *,
    n0: int,
    stages: int,
    alpha: float,
    beta: float,
    foils: Mapping[str, Mapping[str, float]] | None = None,
) -> Outcome:
    """Judge all components, and all foils on the same data, at n0, 4 n0, 16 n0, ... samples.

    `measure(stage, n)` draws n new independent replicas: arrays whose first axis has length n, under the
    same names at every stage. `alpha` is split evenly over the components and spent over the stages by
    `budget.spend`, so all intervals ever looked at cover with probability 1 - alpha. A component once
    decided stays decided. A foil maps component names to wrong predictions, keeps the others, and shares
    intervals with the claim: it costs no alpha, and no beta if it lies 2 bias + margin away. The loop ends
    when everything is decided, when the claim is DISAGREE, or after the last stage.

    A foil nearer than that, down to one that is no lie at all, is judged like any other and may survive: that is for
    the verdict to report.

    Raises DesignError, before `measure` is called, if the planned power is below 1 - beta or a foil predicts what
    the claim does not measure; ProblemError if `measure` returns other rows or names than asked for.
    """
    _distinct(components)
    power = require_power(components, n0=n0, stages=stages, alpha=alpha, beta=beta)
    theories = [tuple(components)] + [_foil(components, *item) for item in (foils or {}).items()]
    judged: list[dict[str, ComponentRecord]] = [{} for _ in theories]
    data: Data = {}
    n = 0
    sizes, shares = sample_sizes(n0, stages), spend(alpha / len(components), stages)
    for stage, (size, share) in enumerate(zip(sizes, shares, strict=True)):
        data = _append(data, measure(stage, size - n), size - n)
        n = size
        seen = {c.name: c.look(data, share) for c in components}
        for theory, records in zip(theories, judged, strict=True):
            for component in theory:
                name = component.name
                if name not in records or records[name].status is Status.INCONCLUSIVE:
                    records[name] = component.judge(seen[name], share, final=stage == stages - 1)
        statuses = [combine(record.status for record in records.values()) for records in judged]
        if statuses[0] is Status.DISAGREE or Status.INCONCLUSIVE not in statuses:
            break
    names = tuple(foils or {})
    fates = tuple(Fate(name, "theory", worst(own.values())) for name, own in zip(names, judged[1:], strict=True))
    return Outcome(tuple(judged[0].values()), tuple(zip(names, statuses[1:], strict=True)), n, alpha, power, fates)


def _distinct(components: Sequence[Component]) -> None:
    names = [component.name for component in components]
    if not names or len(set(names)) < len(names):
        raise ProblemError(f"a claim needs components with distinct names, got {names}")


def _foil(components: Sequence[Component], name: str, wrong: Mapping[str, float]) -> tuple[Component, ...]:
    """The components with a foil's predictions."""
    unknown = set(wrong) - {component.name for component in components}
    if unknown:
        raise DesignError(f"foil {name!r} predicts {sorted(unknown)}, which the claim does not measure")
    return tuple(replace(c, prediction=wrong.get(c.name, c.prediction)) for c in components)


def _append(data: Data, new: Data, rows: int) -> Data:
    """Data with the new replicas below the old; a replica left out (a censored run, say) is refused."""
    if data and set(new) != set(data):
        raise ProblemError(f"measure returned {sorted(new)} where it had returned {sorted(data)}")
    for key, values in new.items():
        if len(values) != rows:
            raise ProblemError(f"measure returned {len(values)} rows of {key!r} where {rows} were asked for")
    return {key: np.concatenate([data[key], values] if data else [values]) for key, values in new.items()}
