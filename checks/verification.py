"""From claims to verdicts, within one error budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from theory.problem import ProblemError

from .catalogue import claims
from .claim import Claim, Plan
from .draw import Draw, Simulate
from .verdict import Budget, Data, DesignError, Outcome, Share, Status, Verdict, first_stage, run_stages

Progress = Callable[[str, float], None]


def select(patterns: Sequence[str] = ()) -> tuple[Claim, ...]:
    """The claims whose id matches a pattern such as "giant-step/*"; all of them without patterns.

    Raises ProblemError for a pattern that matches nothing.
    """
    chosen: list[Claim] = []
    for pattern in patterns or ("*",):
        found = [claim for claim in claims() if fnmatchcase(claim.id, pattern)]
        if not found:
            known = ", ".join(claim.id for claim in claims())
            raise ProblemError(f"no claim matches {pattern!r}; known: {known}")
        chosen += [claim for claim in found if claim not in chosen]
    return tuple(chosen)


def verify_all(
    chosen: Sequence[Claim],
    budget: Budget | None = None,
    simulate: Simulate | None = None,
    *,
    seed: int = 0,
    depth: str = "quick",
    progress: Progress | None = None,
) -> Iterator[Verdict]:
    """Judge claims one after another; each verdict is yielded as soon as it is reached.

    budget: shared by all of `chosen`. simulate: whatever has the interface of sim.simulate; that by default.
    progress(claim id, fraction of the simulation under way). Raises DesignError (a ProblemError) where a claim could
    not decide at its margin within the largest simulation worth planning.
    """
    shares = (budget or Budget()).share({claim.id: claim.weight for claim in chosen})
    tasks = [_Task(claim, shares[claim.id], depth) for claim in chosen]
    for task in tasks:
        task.first_stage()  # a design error comes before any simulation, not between two
    for task in tasks:
        yield task.verdict(simulate, seed, progress)


def verify(
    claim: str | Claim,
    budget: Budget | None = None,
    simulate: Simulate | None = None,
    *,
    seed: int = 0,
    depth: str = "quick",
) -> Verdict:
    """The verdict on one claim, by its id or a Claim of your own, with the whole `budget` to itself.

    Errors as verify_all; also ProblemError for an id that is not known.
    """
    chosen = (claim,) if isinstance(claim, Claim) else tuple(c for c in claims() if c.id == claim)
    if not chosen:
        select([str(claim)])  # says which are known
        raise ProblemError(f"{claim!r} is a pattern; verify takes one id, verify_all many")
    (verdict,) = verify_all(chosen, budget, simulate, seed=seed, depth=depth)
    return verdict


@dataclass(frozen=True)
class _Task:
    """One claim at one depth with its share of the budget."""

    claim: Claim
    share: Share
    depth: str

    @property
    def plan(self) -> Plan:
        return self.claim.plan(self.depth)

    @property
    def beta(self) -> float:
        """The claim with its foils, and each of its mutants, may miss once."""
        return self.share.beta / (1 + len(self.claim.mutants))

    def first_stage(self) -> int:
        """Replicas of the first stage. Raises DesignError where no affordable number has the power."""
        try:
            components = self.claim.components(self.plan)
            return first_stage(components, stages=self.plan.stages, alpha=self.share.alpha, beta=self.beta)
        except DesignError as error:
            raise DesignError(
                f"{self.claim.id} with alpha = {self.share.alpha:.3g} and, for itself and each wrong simulator, "
                f"beta = {self.beta:.3g}: {error}"
            ) from None

    def verdict(self, simulate: Simulate | None, seed: int, progress: Progress | None) -> Verdict:
        """Judge the claim with its foils; and where it agrees, every mutant on data of its own."""
        start, claim = time.perf_counter(), self.claim
        right = simulate or _direct()
        tell = (lambda fraction: progress(claim.id, fraction)) if progress else None
        outcome = self._stages(right, seed, tell, claim.foils(self.plan))
        lies = claim.mutants if outcome.status is Status.AGREE else {}
        mutants = {name: self._stages(lie(right), seed, tell, {}).status for name, lie in lies.items()}
        return Verdict.of(
            outcome,
            claim=claim.id,
            group=claim.group,
            dims=self.plan.dims,
            seed=seed,
            seconds=time.perf_counter() - start,
            replay=self._replay(seed, own=simulate is not None or claim not in claims()),
            mutants=mutants,
        )

    def _stages(
        self,
        simulate: Simulate,
        seed: int,
        progress: Callable[[float], None] | None,
        foils: Mapping[str, Mapping[str, float]],
    ) -> Outcome:
        def measure(stage: int, replicas: int) -> Data:
            with np.errstate(all="ignore"):  # a wrong simulator may well diverge
                data = self.claim.measure(self.plan, Draw(simulate, seed, self.claim.id, stage, replicas, progress))
            return {key: np.where(np.isnan(values), np.inf, values) for key, values in data.items()}

        components, n0 = self.claim.components(self.plan), self.first_stage()
        alpha, stages = self.share.alpha, self.plan.stages
        return run_stages(measure, components, n0=n0, stages=stages, alpha=alpha, beta=self.beta, foils=foils)

    def _replay(self, seed: int, own: bool) -> str:
        """The command, or for a simulator or claim of the user's own the call, that gives this verdict again."""
        alpha, beta = self.share
        if own:
            budget = f"checks.Budget({alpha!r}, {beta!r})"
            return f"checks.verify(<{self.claim.id}>, {budget}, <simulate>, seed={seed}, depth={self.depth!r})"
        depth = "" if self.depth == "quick" else f" --{self.depth}"
        return f"giantstep verify {self.claim.id} --seed {seed} --alpha {alpha!r} --beta {beta!r}{depth}"


def _direct() -> Simulate:
    import sim

    return sim.simulate
