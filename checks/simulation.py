"""Runs of several settings as one campaign: kept, resumed and shared out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

import sim
from sim.choose import choose
from sim.job import Means
from sim.record import make_record
from theory.problem import Setting

from .campaign import Campaign, Work, joined, part_size, parts

PARTS = 4  # tasks that the replicas of a setting are cut into


def simulate_part(arguments: Mapping[str, Any], first: int, count: int, threads: int | None) -> dict[str, np.ndarray]:
    """The arrays of sim.Run of some replicas. arguments: "setting" (JSON) and those of sim.simulate but for threads."""
    options = {name: value for name, value in arguments.items() if name not in ("setting", "rng")}
    setting, rng = Setting.from_json(arguments["setting"]), arguments["rng"]
    return sim.simulate(setting, rng, count, first=first, threads=threads, **options).arrays()


def simulate_each(
    campaign: Campaign,
    settings: Sequence[Setting],
    *,
    seed: int,
    replicas: int,
    method: str,
    record: Sequence[str],
    at: Sequence[int],
    dtype: str,
) -> Iterator[sim.Run]:
    """For every setting the Run that sim.simulate gives, bit for bit. Raises ProblemError as that does, beforehand."""
    chosen = []
    for setting in settings:
        sim.estimate(setting, replicas, record, at, dtype=dtype)  # refuses what cannot be asked for
        kept = make_record(setting, record, at)
        taken, why = choose(method, setting, kept, Means(replicas, 1, np.dtype(dtype)))
        arguments = {
            "setting": setting.to_json(), "rng": seed, "method": taken,
            "record": list(record), "at": list(kept.at), "dtype": dtype,
        }  # fmt: skip
        tasks = list(parts(Work(simulate_part, arguments), 0, replicas, part_size(replicas, PARTS)))
        chosen.append((setting, taken, why, kept.at, tasks))
    campaign.expect(sum(len(tasks) for *_, tasks in chosen))
    results = campaign.run(task for *_, tasks in chosen for task in tasks)
    for setting, taken, why, steps, tasks in chosen:
        arrays: dict[str, Any] = joined(islice(results, len(tasks)))
        yield sim.Run(setting=setting, method=taken, why=why, at=steps, **arrays)
