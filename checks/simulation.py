"""Runs of several settings as one campaign, kept, resumed and shared out: trajectories, or errors of a readout."""

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
from theory.problem.scalars import finite

from .campaign import Campaign, Task, Work, joined, part_size, parts

PARTS = 4  # tasks that the replicas of a setting are cut into
TEST_SAMPLES = 2**13  # of a readout
READOUT = 1  # word that parts the readout's streams from the run's


def simulate_part(arguments: Mapping[str, Any], first: int, count: int, threads: int | None) -> dict[str, np.ndarray]:
    """The arrays of sim.Run of some replicas. arguments: "setting" (JSON) and those of sim.simulate but for threads."""
    options = {name: value for name, value in arguments.items() if name not in ("setting", "rng")}
    setting, rng = Setting.from_json(arguments["setting"]), arguments["rng"]
    return sim.simulate(setting, rng, count, first=first, threads=threads, **options).arrays()


def errors_part(arguments: Mapping[str, Any], first: int, count: int, threads: int | None) -> dict[str, np.ndarray]:
    """Test and training error (count, T + 1) of a second layer fitted after every step, in some replicas.

    arguments: "setting" (JSON), "rng", "method", "record" and "ridge". A readout has as many samples as a step.
    """
    setting, rng = Setting.from_json(arguments["setting"]), arguments["rng"]
    run = sim.simulate(
        setting, rng, count, arguments["method"], tuple(arguments["record"]), first=first, threads=threads
    )
    stream = np.random.SeedSequence(rng, spawn_key=(READOUT,))
    fits = [
        run.readout(setting.n, arguments["ridge"], stream, at=t, test_samples=TEST_SAMPLES, threads=threads)
        for t in run.at
    ]
    return {kind: np.stack([getattr(fit, kind) for fit in fits], axis=1) for kind in ("test_error", "train_error")}


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
    chosen, plan = [], []
    for setting in settings:
        taken, why, steps = _choice(setting, replicas, method, record, at, dtype)
        arguments = {"rng": seed, "method": taken, "record": list(record), "at": list(steps), "dtype": dtype}
        chosen.append((setting, taken, why, steps))
        plan.append(_tasks(Work(simulate_part, {"setting": setting.to_json(), **arguments}), replicas))
    for (setting, taken, why, steps), arrays in zip(chosen, _results(campaign, plan), strict=True):
        yield sim.Run(setting=setting, method=taken, why=why, at=steps, **arrays)


def errors_each(
    campaign: Campaign, settings: Sequence[Setting], *, seed: int, replicas: int, method: str, ridge: float
) -> Iterator[dict[str, np.ndarray]]:
    """For every setting test and training error (replicas, T + 1): see `errors_part`. Errors as simulate_each."""
    plan = []
    for setting in settings:
        record = errors_record(setting)
        taken, _, _ = _choice(setting, replicas, method, record, "all", "float64")
        arguments = {"rng": seed, "method": taken, "record": list(record), "ridge": finite(ridge, "ridge", low=0)}
        plan.append(_tasks(Work(errors_part, {"setting": setting.to_json(), **arguments}), replicas))
    yield from _results(campaign, plan)


def errors_record(setting: Setting) -> tuple[str, ...]:
    """What a readout needs of a run: Gram matrices where they say as much as rows at less cost."""
    return ("gram",) if setting.student.p + setting.target.k < setting.regime.d else ("rows",)


def _choice(
    setting: Setting, replicas: int, method: str, record: Sequence[str], at: Any, dtype: str
) -> tuple[str, str, tuple[int, ...]]:
    """(method, why, steps kept); refuses what cannot be asked for."""
    sim.estimate(setting, replicas, record, at, dtype=dtype)
    kept = make_record(setting, record, at)
    return (*choose(method, setting, kept, Means(replicas, 1, np.dtype(dtype))), kept.at)


def _tasks(work: Work, replicas: int) -> list[Task]:
    return list(parts(work, 0, replicas, part_size(replicas, PARTS)))


def _results(campaign: Campaign, plan: Sequence[Sequence[Task]]) -> Iterator[dict[str, Any]]:
    """The joined results of each list of tasks, all lists under way at once."""
    campaign.expect(sum(map(len, plan)))
    results = campaign.run(task for tasks in plan for task in tasks)
    for tasks in plan:
        yield joined(islice(results, len(tasks)))
