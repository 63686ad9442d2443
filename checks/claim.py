"""A claim: one statement of the theory, how to measure it, and the wrong theories it must tell apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from theory.problem import ProblemError, Setting

from .draw import Draw, Simulate
from .verdict import Component, Data

DEPTHS = ("smoke", "quick", "deep")
Mutant = Callable[[Simulate], Simulate]


@dataclass(frozen=True)
class Plan:
    """What is simulated at one depth: settings by name, and how many stages the verdict may take."""

    settings: Mapping[str, Setting]
    stages: int = 2

    @property
    def dims(self) -> tuple[int, ...]:
        """The input dimensions, ascending."""
        return tuple(sorted({setting.regime.d for setting in self.settings.values()}))


@dataclass(frozen=True)
class Claim:
    """One statement. Predictions come from `theory`; dynamics only through the `simulate` a Draw was handed.

    id: "group/name". statement: one paragraph, the paper's symbols. source: arXiv id with theorem or equation, or a
    note in docs/notes. blind: what the check cannot see. domain(setting): None, or why the statement does not apply.
    plans: settings by depth. components(plan): the predicted numbers with margin, bias and interval.
    measure(plan, draw): arrays whose first axis runs over replicas. foils(plan): wrong theories, as other predictions
    of named components. mutants: wrong simulators, made from a right one. weight: its share of the error budget.
    """

    id: str
    title: str
    statement: str
    source: str
    blind: str
    domain: Callable[[Setting], str | None]
    plans: Mapping[str, Plan]
    components: Callable[[Plan], tuple[Component, ...]]
    measure: Callable[[Plan, Draw], Data]
    foils: Callable[[Plan], Mapping[str, Mapping[str, float]]]
    mutants: Mapping[str, Mutant] = field(default_factory=dict)
    weight: float = 1.0

    def __post_init__(self) -> None:
        if "quick" not in self.plans or set(self.plans) - set(DEPTHS):
            raise ProblemError(f'{self.id}: plans need a "quick" one, and know {", ".join(DEPTHS)} only')

    @property
    def group(self) -> str:
        """The part of the id before the slash."""
        return self.id.partition("/")[0]

    def plan(self, depth: str) -> Plan:
        """The plan at `depth`; a claim without one of its own is as deep as "quick"."""
        if depth not in DEPTHS:
            raise ProblemError(f"depth = {depth!r}; known: {', '.join(DEPTHS)}")
        return self.plans.get(depth, self.plans["quick"])

    def require_domain(self, depth: str) -> None:
        """Raises ProblemError if the statement does not apply to a setting at `depth`.

        Asked before a verdict, not of every claim that is loaded: answers take theory.
        """
        for name, setting in self.plan(depth).settings.items():
            if reason := self.domain(setting):
                raise ProblemError(f"{self.id}: the setting {name!r} lies outside the claim's domain: {reason}")
