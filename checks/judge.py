"""One claim at one depth: stages of data for it, its foils and its mutants, until they are decided."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import ceil, log2
from typing import Any

import numpy as np

from .campaign import Campaign, Work, part_size, parts
from .catalogue import claims
from .claim import Claim, Plan
from .clock import Clock
from .draw import Draw, Simulate
from .verdict import (
    Component,
    Data,
    DesignError,
    Fate,
    Outcome,
    Share,
    Status,
    Verdict,
    first_stage,
    planned_power,
    run_stages,
    spend,
)

PARTS = {"smoke": 2, "quick": 4, "deep": 32}  # tasks that a first stage is cut into: what a killed run may lose

LOOKS = 2  # stages that a mutant may take more than its claim: most lies are gross, and a first look shows them


def measure_part(arguments: Mapping[str, Any], first: int, count: int, threads: int | None) -> dict[str, np.ndarray]:
    """What a shipped claim measures on some replicas of a stage, by the shipped simulator or a mutant of it.

    arguments: "claim", "depth", "seed", "stage", and "mutant", its name or None.
    """
    import sim

    (claim,) = [claim for claim in claims() if claim.id == arguments["claim"]]
    simulate: Simulate = sim.simulate
    if arguments["mutant"] is not None:
        simulate = claim.mutants[arguments["mutant"]](simulate)
    draw = Draw(simulate, arguments["seed"], claim.id, arguments["stage"], count, first, threads)
    return measured(claim, claim.plan(arguments["depth"]), draw)


def measured(claim: Claim, plan: Plan, draw: Draw) -> dict[str, np.ndarray]:
    """What a claim measures; a number that is none counts as infinite: a wrong simulator may well diverge."""
    with np.errstate(all="ignore"):
        data = claim.measure(plan, draw)
    return {key: np.where(np.isnan(values), np.inf, values) for key, values in data.items()}


@dataclass(frozen=True, eq=False)
class Judge:
    """One claim at one depth with its share of the budget.

    simulate: the user's own, None for the shipped one. stop: set when the verdict is not wanted any more.
    Raises ProblemError for an unknown depth and for a setting outside the claim's domain.
    """

    claim: Claim
    share: Share
    depth: str
    seed: int
    simulate: Simulate | None
    campaign: Campaign
    stop: threading.Event

    def __post_init__(self) -> None:
        self.claim.require_domain(self.depth)

    @property
    def plan(self) -> Plan:
        """Of the claim at this depth."""
        return self.claim.plan(self.depth)

    @property
    def own(self) -> bool:
        """Claim or simulator are the user's own: no other process knows them, and no store could name them."""
        return self.simulate is not None or self.claim not in claims()

    @property
    def beta(self) -> float:
        """The claim with its foils, and each of its mutants, may miss once."""
        return self.share.beta / (1 + len(self.claim.mutants))

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """What the claim predicts."""
        return self.claim.components(self.plan)

    @cached_property
    def first_stage(self) -> int:
        """Replicas of the first stage: as planned, but enough to be worth a look where another stage follows.

        Raises DesignError where no affordable number has the power.
        """
        stages = self.plan.stages
        return self._planned(stages) if stages == 1 else self._worth_a_look(stages)

    @cached_property
    def mutant_stages(self) -> tuple[int, int]:
        """(replicas of the first stage, stages) of a mutant: looked at early, with the same alpha, beta and margins.

        The plan counts on the last stage alone, so a mutant's power is planned as the claim's, and its last stage is
        about as large, or where a claim has a single stage at most about twice as large.
        """
        for stages in range(self.plan.stages + LOOKS, 2, -1):
            if 4 * self._planned(stages) >= 3 * self._least(stages):
                return self._worth_a_look(stages), stages
        return self._worth_a_look(2), 2

    def _worth_a_look(self, stages: int) -> int:
        """As planned, or more so that the first stage can decide; power saws as it rises with the number."""
        n0 = max(self._planned(stages), self._least(stages))
        while planned_power(self.components, n0=n0, stages=stages, alpha=self.share.alpha) < 1 - self.beta:
            n0 += 1
        return n0

    def _least(self, stages: int) -> int:
        """Replicas that can bound a median at the alpha of the first stage: the extremes do, if all fall on one side
        of it with probability at most alpha. Fewer decide nothing.
        """
        alpha = spend(self.share.alpha / len(self.components), stages)[0]
        return ceil(log2(2 / alpha))

    def _planned(self, stages: int) -> int:
        try:
            return first_stage(self.components, stages=stages, alpha=self.share.alpha, beta=self.beta)
        except DesignError as error:
            raise DesignError(
                f"{self.claim.id} with alpha = {self.share.alpha:.3g} and, for itself and each wrong simulator, "
                f"beta = {self.beta:.3g}: {error}"
            ) from None

    @property
    def part(self) -> int:
        """Replicas a task: of a mutant as many as of the claim, so that small stages are one."""
        return part_size(self.first_stage, PARTS[self.depth])

    def tasks(self) -> int:
        """How many there will be, if first stages are enough."""
        firsts = [self.first_stage, *(self.mutant_stages[0] for _ in self.claim.mutants)]
        return 0 if self.own else sum(-(-n0 // self.part) for n0 in firsts)

    def verdict(self) -> Verdict:
        """Judge the claim with its foils; and where it agrees, every mutant on data of its own."""
        clock = Clock()
        outcome = self._stages(clock, None, self.claim.foils(self.plan))
        lies = self.claim.mutants if outcome.status is Status.AGREE else {}
        mutants = {name: self._stages(clock, name, {}) for name in lies}
        return Verdict.of(
            outcome,
            claim=self.claim.id,
            group=self.claim.group,
            dims=self.plan.dims,
            seed=self.seed,
            seconds=clock.seconds,
            replay=self._replay(),
            mutants={name: lie.status for name, lie in mutants.items()},
            mutant_fates=tuple(Fate(name, "simulator", lie.worst) for name, lie in mutants.items()),
        )

    def _stages(self, clock: Clock, mutant: str | None, foils: Mapping[str, Mapping[str, float]]) -> Outcome:
        """Stages of the claim, or of one of its mutants."""
        n0, stages = (self.first_stage, self.plan.stages) if mutant is None else self.mutant_stages

        def measure(stage: int, replicas: int) -> Data:
            with clock.others() as seconds:
                data, spent = (self._here if self.own else self._anywhere)(mutant, stage, replicas)
                seconds.append(spent)
            return data

        alpha = self.share.alpha
        return run_stages(measure, self.components, n0=n0, stages=stages, alpha=alpha, beta=self.beta, foils=foils)

    def _anywhere(self, mutant: str | None, stage: int, replicas: int) -> tuple[Data, float]:
        """By the campaign; and the seconds that it took there."""
        arguments = {"claim": self.claim.id, "depth": self.depth, "seed": self.seed, "stage": stage, "mutant": mutant}
        work = Work(measure_part, arguments)
        before = self.campaign.seconds[work.identity]
        data = self.campaign.collect(parts(work, 0, replicas, self.part), self.stop)
        return data, self.campaign.seconds[work.identity] - before

    def _here(self, mutant: str | None, stage: int, replicas: int) -> tuple[Data, float]:
        start = time.perf_counter()
        simulate = self.simulate or _shipped()
        if mutant is not None:
            simulate = self.claim.mutants[mutant](simulate)
        draw = Draw(simulate, self.seed, self.claim.id, stage, replicas)
        return measured(self.claim, self.plan, draw), time.perf_counter() - start

    def _replay(self) -> str:
        """The command, or for a simulator or claim of the user's own the call, that computes this verdict again."""
        alpha, beta = self.share
        if self.own:
            budget = f"checks.Budget({alpha!r}, {beta!r})"
            return f"checks.verify(<{self.claim.id}>, {budget}, <simulate>, seed={self.seed}, depth={self.depth!r})"
        depth = "" if self.depth == "quick" else f" --{self.depth}"
        options = f"--seed {self.seed} --alpha {alpha!r} --beta {beta!r}{depth} --no-store"
        return f"giantstep verify {self.claim.id} {options}"


def _shipped() -> Simulate:
    import sim

    return sim.simulate
