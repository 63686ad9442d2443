"""From claims to verdicts, within one error budget."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from difflib import get_close_matches
from fnmatch import fnmatchcase

from theory.problem import ProblemError

from .campaign import Campaign
from .campaign.campaign import LOOK
from .campaign.worker import one_blas_thread
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
            near = get_close_matches(pattern, [claim.id for claim in claims()], 3, 0.3)
            hint = f"did you mean {' or '.join(near)}? " if near else ""
            raise ProblemError(f"no claim matches {pattern!r}; {hint}`giantstep claims` lists them all")
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
    worth planning; ProblemError for an unknown depth and settings outside a claim's domain.
    """
    shares = (budget or Budget()).share({claim.id: claim.weight for claim in chosen})
    campaign = campaign or Campaign()
    stop = threading.Event()
    with nullcontext() if campaign.executor is None else one_blas_thread():  # more would take cores from the workers
        judges = [Judge(claim, shares[claim.id], depth, seed, simulate, campaign, stop) for claim in chosen]
        campaign.expect(sum(judge.tasks() for judge in judges))  # a design error comes before any simulation
        if campaign.executor is None:
            yield from (judge.verdict() for judge in judges)
        else:
            yield from _side_by_side(judges, stop)


def _side_by_side(judges: Sequence[Judge], stop: threading.Event) -> Iterator[Verdict]:
    """All claims at once, each in a thread that waits for the workers: no stage of one holds up another claim.

    What is the user's own is measured here, and not at once with anything else.
    """
    with ThreadPoolExecutor(max(1, len(judges))) as threads:
        coming = {judge: threads.submit(judge.verdict) for judge in judges if not judge.own}
        try:
            for judge in judges:
                if judge in coming:
                    _wait_for(coming[judge], coming.values())
                yield coming[judge].result() if judge in coming else judge.verdict()
        finally:
            stop.set()


def _wait_for(verdict: Future[Verdict], others: Iterable[Future[Verdict]]) -> None:
    """Until the verdict is there, or any other has failed, which is raised: nobody waits hours to hear of an error."""
    while not verdict.done():
        for other in wait(others, timeout=LOOK, return_when=FIRST_EXCEPTION).done:
            other.result()


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
