"""Tasks for the tests of campaigns, and a campaign that can be run, and killed, from the command line."""

import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from checks.campaign import Campaign, Moments, Samples, Store, Work, Workers, parts

Results = dict[str, np.ndarray]


def draws(arguments: Mapping[str, Any], first: int, count: int, threads: int | None) -> Results:
    """A standard normal a replica, and how many of three coins came up heads."""
    streams = [np.random.SeedSequence(arguments["seed"], spawn_key=(first + i,)) for i in range(count)]
    generators = [np.random.default_rng(stream) for stream in streams]
    time.sleep(arguments.get("sleep", 0.0))
    normal = np.array([generator.normal() for generator in generators])
    return {"normal": normal, "heads": np.array([generator.integers(0, 2, 3).sum() for generator in generators])}


def deadly(arguments: Mapping[str, Any], first: int, count: int, threads: int | None) -> Results:
    """Kills its worker when replica `arguments["at"]` comes up; once, if `arguments["mark"]` names a file."""
    mark = arguments["mark"] and Path(arguments["mark"])
    if first == arguments["at"] and not (mark and mark.exists()):
        if mark:
            mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return draws(arguments, first, count, threads)


def failing(arguments: Mapping[str, Any], first: int, count: int, threads: int | None) -> Results:
    """Fails at replica `arguments["at"]`."""
    if first == arguments["at"]:
        raise ArithmeticError(f"no result for {first}")
    return draws(arguments, first, count, threads)


def threads_used(arguments: Mapping[str, Any], first: int, count: int, threads: int | None) -> Results:
    """How many threads BLAS may use, at most, and how many the task was told it may use."""
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_info

    found = max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
    return {"blas": np.full(count, found), "told": np.full(count, threads or 0)}


def statistics(campaign: Campaign, work: Work, tasks: int) -> tuple[Moments, Samples]:
    """Of the normals of all replicas, one a task, added up as they come."""
    moments, samples = Moments(), Samples.of([])
    for results in campaign.run(parts(work, 0, tasks, 1)):
        moments, samples = moments + Moments.of(results["normal"]), samples + Samples.of(results["normal"])
    return moments, samples


def main(store: str, tasks: int, sleep: float, workers: int) -> None:
    """Run a campaign and print its statistics."""
    work = Work(draws, {"seed": 5, "sleep": sleep})
    executor = Workers(workers) if workers else None
    with Store(store) as kept:
        campaign = Campaign(kept, executor)
        moments, samples = statistics(campaign, work, tasks)
        values = samples.values.tobytes().hex()
        found = {"total": str(moments.total), "squares": str(moments.squares), "samples": values}
        print(json.dumps({**found, "computed": campaign.computed, "answered": campaign.answered}))
    if executor is not None:
        executor.shutdown()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
