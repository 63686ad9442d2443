"""From claims to verdicts, within one error budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from theory.problem import ProblemError

from .catalogue import claims
from .claim import Claim, Plan
from .draw import Draw, Simulate
from .verdict import Budget, Data, Outcome, Share, Status, Verdict, first_stage, run_stages

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
    for claim in chosen:
        yield _judge(claim, shares[claim.id], simulate or _direct(), seed, depth, progress)


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


def _direct() -> Simulate:
    import sim

    return sim.simulate


def _judge(claim: Claim, share: Share, simulate: Simulate, seed: int, depth: str, progress: Progress | None) -> Verdict:
    start, plan = time.perf_counter(), claim.plan(depth)
    beta = share.beta / (1 + len(claim.mutants))  # the claim with its foils, then each mutant, may miss once
    tell = (lambda fraction: progress(claim.id, fraction)) if progress else None
    outcome = _stages(claim, plan, share.alpha, beta, simulate, seed, tell, claim.foils(plan))
    mutants: dict[str, Status] = {}
    for name, mutant in claim.mutants.items():
        mutants[name] = _stages(claim, plan, share.alpha, beta, mutant(simulate), seed, tell, {}).status
    replay = f"giantstep verify {claim.id} --seed {seed} --alpha {share.alpha!r} --beta {share.beta!r}"
    return Verdict.of(
        outcome,
        claim=claim.id,
        group=claim.group,
        dims=plan.dims,
        seed=seed,
        seconds=time.perf_counter() - start,
        replay=replay + ("" if depth == "quick" else f" --{depth}"),
        mutants=mutants,
    )


def _stages(
    claim: Claim,
    plan: Plan,
    alpha: float,
    beta: float,
    simulate: Simulate,
    seed: int,
    progress: Callable[[float], None] | None,
    foils: Mapping[str, Mapping[str, float]],
) -> Outcome:
    components = claim.components(plan)

    def measure(stage: int, replicas: int) -> Data:
        return claim.measure(plan, Draw(simulate, seed, claim.id, stage, replicas, progress))

    n0 = first_stage(components, stages=plan.stages, alpha=alpha, beta=beta)
    return run_stages(measure, components, n0=n0, stages=plan.stages, alpha=alpha, beta=beta, foils=foils)
