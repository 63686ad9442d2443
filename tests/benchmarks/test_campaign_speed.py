"""What the engine and the store cost, as ratios inside one run."""

import time

import numpy as np
import pytest
from campaign_load import TASK, asleep, at_work

from checks.campaign import Campaign, Store, Task, Work, Workers, parts


def seconds(campaign: Campaign, work: Work, tasks: int) -> float:
    start = time.perf_counter()
    campaign.collect(parts(work, 0, tasks, 1))
    return time.perf_counter() - start


@pytest.mark.parametrize("workers", [0, 2])
def test_engine_and_store_cost_below_five_percent(benchmark, tmp_path, workers):
    executor, tasks = Workers(workers) if workers else None, 30 * max(1, workers)
    with Store(tmp_path / "store.sqlite") as store:
        campaign = Campaign(store, executor)
        seconds(campaign, Work(asleep, {"warm": True}), max(1, workers))  # processes start once
        taken = benchmark.pedantic(seconds, (campaign, Work(asleep, {}), tasks), rounds=1)
    if executor:
        executor.shutdown()
    benchmark.extra_info["overhead"] = taken * max(1, workers) / (tasks * TASK) - 1
    assert benchmark.extra_info["overhead"] < 0.05


@pytest.mark.slow
def test_two_workers_do_almost_twice_as_much(benchmark):
    start = time.perf_counter()
    at_work({"products": 2000}, 0, 1, 1)
    work, tasks = Work(at_work, {"products": round(2000 * TASK / (time.perf_counter() - start))}), 60
    taken = {}
    for workers in (1, 2):
        with Workers(workers) as executor:
            campaign = Campaign(None, executor)
            seconds(campaign, Work(at_work, {"products": 1}), 4)
            taken[workers] = seconds(campaign, work, tasks)
    benchmark.extra_info["speedup"] = taken[1] / taken[2]
    benchmark.pedantic(lambda: None, rounds=1)
    assert benchmark.extra_info["speedup"] >= 1.8


@pytest.mark.slow
def test_a_million_results_are_scanned_within_five_seconds(benchmark, tmp_path):
    work, many = Work(asleep, {"seed": 1}), 10**6
    with Store(tmp_path / "store.sqlite") as store:
        store.save_all((Task(work, first, 1), {"x": np.zeros(1)}, 0.0) for first in range(many))
    with Store(tmp_path / "store.sqlite") as store:
        done = benchmark.pedantic(lambda: store.done(work), rounds=1)
    assert len(done) == many
    # An absolute time, as a user feels it; a pass over as many Python tuples is the reference.
    start = time.perf_counter()
    assert len({(first, 1) for first in range(many)}) == many
    benchmark.extra_info["against a set of tuples"] = benchmark.stats["mean"] / (time.perf_counter() - start)
