"""The prober: search, confirm, shrink, and one e-value for all that was tried."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from theory.problem import ProblemError, Setting

from ..campaign import Campaign
from .confirm import confirmation
from .conjecture import Conjecture
from .conjectures import shipped as conjectures
from .counterexample import Counterexample
from .evidence import run_e_value, sign_e_value, weight
from .search import BLOCK, search_tasks
from .shrink import shrink
from .trial import checked, name_of, resolve, unpacked

ALPHA = 1e-3  # of ever refuting a true conjecture, in one run
FINAL = "final"  # the phase whose data confirm what is reported
WINDOW = 16  # blocks asked for at once

__all__ = ["ALPHA", "Outcome", "conjectures", "probe", "replay"]


@dataclass(frozen=True)
class Outcome:
    """What a probe came to.

    status: "REFUTED" or "NOT_REFUTED". tasks: settings asked of the search. statistics: how many were tried within
    the domain, how many blocks named a suspect, how many suspects were put to confirmation, and the highest score.
    e_value: of the whole run, see evidence.run_e_value; runs on other seeds multiply.
    """

    conjecture: str
    status: str
    tasks: int
    statistics: dict[str, float]
    e_value: float
    counterexample: Counterexample | None

    def to_json(self) -> dict[str, Any]:
        """One object, for a line of JSON."""
        found = None if self.counterexample is None else self.counterexample.to_json()
        return {
            "schema": 1,
            "conjecture": self.conjecture,
            "status": self.status,
            "tasks": self.tasks,
            "statistics": self.statistics,
            "e_value": self.e_value,
            "counterexample": found,
        }


@dataclass
class _Tally:
    """What has happened so far."""

    tried: int = 0
    blocks: int = 0
    suspects: int = 0
    highest: float = -np.inf
    e_values: list[float] = field(default_factory=list)

    def statistics(self) -> dict[str, float]:
        highest = {"highest_score": float(self.highest)} if np.isfinite(self.highest) else {}
        return {"tried": self.tried, "suspects": self.suspects, "confirmations": len(self.e_values), **highest}


def probe(
    conjecture: Conjecture | str,
    *,
    tasks: int | None = 200,
    seconds: float | None = None,
    seed: int = 0,
    alpha: float = ALPHA,
    campaign: Campaign | None = None,
) -> Outcome:
    """Hunt for a counterexample until one is confirmed, `tasks` settings were tried, or `seconds` are over.

    conjecture: an object, the id of a shipped one, or "module:Class". tasks: settings to try, in blocks of ten; None:
    until the time is over. seed: of everything; the outcome depends on it and on `tasks` alone, not on the campaign.
    alpha: probability of refuting a true conjecture; the j-th confirmation has alpha 6 / (pi^2 j^2).
    Raises ProblemError for a conjecture that is not known, where neither tasks nor seconds are given, and where its
    ladders have too few replicas to refute anything at `alpha`.
    """
    conjecture = resolve(conjecture) if isinstance(conjecture, str) else checked(conjecture)
    if tasks is None and seconds is None:
        raise ProblemError("say when to stop: tasks, seconds, or both")
    if not 0 < alpha < 1:
        raise ProblemError(f"alpha = {alpha}; between 0 and 1")
    for name, value in (("tasks", tasks), ("seconds", seconds)):
        if value is not None and not value > 0:
            raise ProblemError(f"{name} = {value}; give more than 0")
    _check_power(conjecture, alpha)
    campaign = campaign or Campaign()
    tally, found = _Tally(), None
    for suspect in _suspects(conjecture, tasks, seconds, seed, campaign, tally):
        found = _confirmed(conjecture, suspect, seed, alpha, campaign, tally)
        if found is not None:
            break
    status = "NOT_REFUTED" if found is None else "REFUTED"
    asked = tally.blocks * BLOCK
    return Outcome(name_of(conjecture), status, asked, tally.statistics(), run_e_value(tally.e_values), found)


def _check_power(conjecture: Conjecture, alpha: float) -> None:
    level = 1 / (alpha * weight(1))
    for ladder in conjecture.confirm:
        if sign_e_value(np.ones(ladder.replicas)) < level:
            raise ProblemError(
                f"{conjecture.id}: {ladder.replicas} replicas of a confirmation can never reach the e-value "
                f"{level:.3g} that alpha = {alpha:g} asks for; give its ladders more"
            )


def _suspects(
    conjecture: Conjecture, tasks: int | None, seconds: float | None, seed: int, campaign: Campaign, tally: _Tally
) -> Iterator[Setting]:
    """Settings that the search holds against the conjecture, in the order of the blocks."""
    start, first = time.monotonic(), 0
    left = np.inf if tasks is None else -(-tasks // BLOCK)
    while left > 0:
        many = int(min(left, WINDOW))
        campaign.expect(many)
        for block in campaign.run(search_tasks(conjecture, seed, first, many)):
            (value,), (tried,), (case,) = block["score"], block["tried"], block["case"]
            tally.blocks, tally.tried = tally.blocks + 1, tally.tried + int(tried)
            tally.highest = max(tally.highest, float(value))
            suspect = unpacked(case)
            if suspect is not None and value > 0:
                tally.suspects += 1
                yield suspect
            if seconds is not None and time.monotonic() - start > seconds:
                return
        first, left = first + many, left - many


def _confirmed(
    conjecture: Conjecture, suspect: Setting, seed: int, alpha: float, campaign: Campaign, tally: _Tally
) -> Counterexample | None:
    """The next confirmation; where it succeeds, the simplest target that is confirmed as surely by the final data.

    Those are what `replay` looks at. Where they confirm nothing, the suspect itself included, nothing is reported: the
    e-value of the run keeps what was seen, and the search goes on.
    """
    number = len(tally.e_values) + 1
    level = 1 / (alpha * weight(number))
    e_value = confirmation(campaign, conjecture, suspect, seed, f"confirmation {number}")
    tally.e_values.append(e_value)
    if e_value < level:
        return None
    looks = lambda s: confirmation(campaign, conjecture, s, seed, "shrunk", rungs=1) >= level  # noqa: E731
    final = lambda s: confirmation(campaign, conjecture, s, seed, FINAL) >= level  # noqa: E731
    simplest = next(filter(final, reversed(shrink(suspect, looks))), None)
    return None if simplest is None else Counterexample(name_of(conjecture), simplest, seed)


def replay(counterexample: Counterexample, *, seed: int | None = None, alpha: float = ALPHA) -> Outcome:
    """Confirm it once more, from scratch: on the data it was confirmed by, or, with a `seed`, on fresh ones."""
    conjecture = resolve(counterexample.conjecture)
    chosen = counterexample.seed if seed is None else seed
    e_value = confirmation(Campaign(), conjecture, counterexample.setting, chosen, FINAL)
    status = "REFUTED" if e_value >= 1 / alpha else "NOT_REFUTED"
    return Outcome(counterexample.conjecture, status, 1, {"confirmations": 1}, e_value, counterexample)
