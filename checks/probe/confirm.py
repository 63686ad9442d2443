"""Confirmation: a suspect on data that nothing was chosen by, on ladders of growing d."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from theory.problem import ProblemError, Setting

from ..campaign import Campaign, Task, Work
from ..campaign.work import Results
from .conjecture import Conjecture
from .evidence import joint_e_value
from .trial import ConjectureError, arguments_of, asked, excesses, resolve

HOPELESS = 20.0  # below, a ladder ends a confirmation: the larger ones would cost more than they could tell


def confirmation(
    campaign: Campaign, conjecture: Conjecture, setting: Setting, seed: int, phase: str, rungs: int | None = None
) -> float:
    """E-value of the setting against the conjecture: the least over its ladders, 0 where one of them says nothing.

    The least of several is an e-value, whichever of the ladders has d large enough for the conjecture to bind.
    phase: names the random stream; another phase is fresh data. rungs: how many of the ladders; None: all.
    """
    least = np.inf
    for rung in range(len(conjecture.confirm))[:rungs]:
        work = Work(
            confirm_rung, arguments_of(conjecture, setting=setting.to_json(), seed=seed, phase=phase, rung=rung)
        )
        found = campaign.collect([Task(work, 0, 1)])
        least = min(least, float(found["e_value"][0]))
        if least < HOPELESS:
            return 0.0
    return least


def confirm_rung(arguments: Mapping[str, Any], first: int, count: int, threads: int | None) -> Results:
    """One ladder, as a campaign's work of one replica."""
    conjecture = resolve(arguments["conjecture"])
    setting, rung = Setting.from_json(arguments["setting"]), arguments["rung"]
    ladder, phase = conjecture.confirm[rung], f"{arguments['phase']}, ladder {rung}"
    try:
        predicted = asked(conjecture, "predict", setting)
    except ConjectureError:
        raise
    except ProblemError:  # the conjecture says nothing here
        return {"e_value": np.zeros(1)}
    found = excesses(conjecture, setting, predicted, ladder, arguments["seed"], phase, threads)
    return {"e_value": np.array([joint_e_value(found)])}
