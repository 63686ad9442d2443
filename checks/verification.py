"""From claims to verdicts, within one error budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase

from theory.problem import ProblemError

from .campaign import Campaign
from .catalogue import claims
from .claim import Claim
from .draw import Simulate
from .judge import Judge
from .verdict import Budget, Verdict


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
    campaign: Campaign | None = None,
) -> Iterator[Verdict]:
    """Judge claims; verdicts are yielded in the order of the claims, each as soon as it is reached.

    budget: shared by all of `chosen`. simulate: whatever has the interface of sim.simulate; that by default.
    campaign: the store and the executor to use; by default nothing is kept, and all is done here. A claim or a
    simulator of your own is always measured here and not kept. Verdicts do not depend on the campaign.
    Raises DesignError (a ProblemError) where a claim could not decide at its margin within the largest simulation
    worth planning.
    """
    shares = (budget or Budget()).share({claim.id: claim.weight for claim in chosen})
    campaign = campaign or Campaign()
    judges = [Judge(claim, shares[claim.id], depth, seed, simulate, campaign) for claim in chosen]
    campaign.expect(sum(judge.tasks() for judge in judges))  # a design error comes before any simulation
    if campaign.executor is None:
        yield from (judge.verdict() for judge in judges)
    else:
        yield from _side_by_side(judges, campaign)


def _side_by_side(judges: Sequence[Judge], campaign: Campaign) -> Iterator[Verdict]:
    """All claims at once, each in a thread that waits for the workers: no stage of one holds up another claim."""
    with ThreadPoolExecutor(len(judges)) as threads:
        verdicts = [threads.submit(judge.verdict) for judge in judges]
        try:
            for verdict in verdicts:
                yield verdict.result()
        finally:
            if not all(verdict.done() for verdict in verdicts):
                campaign.stop()


def verify(
    claim: str | Claim,
    budget: Budget | None = None,
    simulate: Simulate | None = None,
    *,
    seed: int = 0,
    depth: str = "quick",
    campaign: Campaign | None = None,
) -> Verdict:
    """The verdict on one claim, by its id or a Claim of your own, with the whole `budget` to itself.

    Errors as verify_all; also ProblemError for an id that is not known.
    """
    chosen = (claim,) if isinstance(claim, Claim) else tuple(c for c in claims() if c.id == claim)
    if not chosen:
        select([str(claim)])  # says which are known
        raise ProblemError(f"{claim!r} is a pattern; verify takes one id, verify_all many")
    (verdict,) = verify_all(chosen, budget, simulate, seed=seed, depth=depth, campaign=campaign)
    return verdict
