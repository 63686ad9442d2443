"""The search: blocks of settings, each guided by Hypothesis towards those that look worst for the conjecture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import hypothesis
import numpy as np
from hypothesis import HealthCheck, Phase, given, reject, settings, target
from hypothesis.errors import Unsatisfiable

from theory.problem import ProblemError, Setting

from ..campaign import Task, Work, parts
from ..campaign.work import Results
from .conjecture import Conjecture
from .evidence import score
from .trial import ConjectureError, arguments_of, asked, excesses, packed, resolve

BLOCK = 10  # settings a block: what a killed run may lose


def search_tasks(conjecture: Conjecture, seed: int, first: int, blocks: int) -> Iterator[Task]:
    """Blocks number first .. first + blocks - 1 as tasks of a campaign."""
    arguments = arguments_of(conjecture, seed=seed, block=BLOCK, hypothesis=hypothesis.__version__)
    if surroundings := conjecture.surroundings():
        arguments["surroundings"] = surroundings
    return parts(Work(search_block, arguments), first, blocks, 1)


def search_block(arguments: Mapping[str, Any], first: int, count: int, threads: int | None) -> Results:
    """Some blocks: each one's worst setting with its score, and how many were tried."""
    conjecture = resolve(arguments["conjecture"])
    if (wanted := arguments.get("surroundings", "")) != (here := conjecture.surroundings()):
        raise ProblemError(
            f"{conjecture.id}: a worker has {here or 'nothing'} where the campaign has {wanted or 'nothing'}"
        )
    found = [_block(conjecture, arguments["seed"], arguments["block"], i, threads) for i in range(first, first + count)]
    rows = [packed(setting) for _, setting, _ in found]
    width = max(row.shape[1] for row in rows)
    cases = np.concatenate([np.pad(row, ((0, 0), (0, width - row.shape[1]))) for row in rows])
    scores, _, tried = zip(*found, strict=True)
    return {"score": np.array(scores), "tried": np.array(tried), "case": cases}


def _block(
    conjecture: Conjecture, seed: int, examples: int, number: int, threads: int | None
) -> tuple[float, Setting | None, int]:
    """(highest score, its setting, settings tried)."""
    tried: list[tuple[float, Setting]] = []

    # Monte Carlo inside @given finds the unluckiest seed: here that only nominates suspects for fresh data.
    @hypothesis.seed(int(np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)[0]))
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.target),
        suppress_health_check=list(HealthCheck),
    )
    @given(conjecture.strategy())
    def consider(setting: Setting) -> None:
        try:
            predicted = asked(conjecture, "predict", setting)
        except ConjectureError:
            raise
        except ProblemError:
            reject()
        value = score(excesses(conjecture, setting, predicted, conjecture.search, seed, f"search {number}", threads))
        tried.append((value, setting))
        if np.isfinite(value):
            target(value)

    with suppress(Unsatisfiable):  # nothing in this block lies in the conjecture's domain
        consider()
    if not tried:
        return -np.inf, None, 0
    best = max(tried, key=lambda pair: pair[0])
    return best[0], best[1], len(tried)
