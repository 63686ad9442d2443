"""Whatever happens to a campaign, in the end its statistics are those of one left alone, bit for bit."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from campaign_tasks import deadly, draws, failing, statistics, threads_used

from checks.campaign import Campaign, Store, Work, Workers, dask_executor, parts
from theory import ProblemError

SCRIPT = Path(__file__).with_name("campaign_tasks.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SCRIPT.parent), *sys.path])}
TASKS, KILLS = 2000, 5


def start(store: Path, sleep: float, workers: int, tasks: int = TASKS) -> "subprocess.Popen[str]":
    command = [sys.executable, str(SCRIPT), str(store), str(tasks), str(sleep), str(workers)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)


def kept(store: Path) -> int:
    if not store.exists():
        return 0
    with Store(store) as open_store:
        return sum(work.tasks for work in open_store.works())


@pytest.mark.parametrize("workers", [0, 2])
def test_killed_at_five_random_moments(tmp_path, workers):
    sleep, store, moments = 1e-3, tmp_path / "store.sqlite", []
    for kill in range(KILLS):
        goal = kept(store) + random.randint(20, TASKS // (KILLS + 1))
        process = start(store, sleep, workers)
        while kept(store) < goal and process.poll() is None:
            time.sleep(random.uniform(0.005, 0.05))
        assert process.poll() is None, f"ended before kill {kill}"
        process.kill()
        process.wait()
        moments.append(kept(store))
    ended = json.loads(start(store, sleep, workers).communicate(timeout=300)[0])
    assert ended["answered"] == moments[-1] == TASKS - ended["computed"] > 0
    alone, samples = statistics(Campaign(), Work(draws, {"seed": 5}), TASKS)
    assert (ended["total"], ended["squares"]) == (str(alone.total), str(alone.squares))
    assert ended["samples"] == samples.values.tobytes().hex()


def test_any_number_of_workers_gives_the_same_bits():
    work, expected = Work(draws, {"seed": 5}), statistics(Campaign(), Work(draws, {"seed": 5}), 200)
    for count in (1, 2, 4):
        with Workers(count) as executor:
            assert statistics(Campaign(None, executor), work, 200) == expected
    with ThreadPoolExecutor(3) as executor:  # any executor will do
        assert statistics(Campaign(None, executor, ahead=5), work, 200) == expected


def test_a_worker_that_dies_costs_nothing_but_time(tmp_path):
    work = Work(deadly, {"seed": 5, "at": 7, "mark": str(tmp_path / "died")})
    with Workers(2) as executor:
        found = statistics(Campaign(None, executor), work, 40)
    assert (tmp_path / "died").exists()
    assert found == statistics(Campaign(), Work(draws, {"seed": 5}), 40)


def test_a_task_that_always_kills_its_worker_is_given_up():
    work = Work(deadly, {"seed": 5, "at": 0, "mark": "/proc/never/there"})  # cannot be marked: fails each time
    with Workers(1) as executor, pytest.raises(OSError, match="never"):
        statistics(Campaign(None, executor), work, 1)


def test_a_failing_task_is_told_and_what_was_done_is_kept(tmp_path):
    for executor in (None, Workers(2)):
        path = tmp_path / f"{executor is None}.sqlite"
        with Store(path) as store:
            with pytest.raises(ArithmeticError, match="no result for 12"):
                statistics(Campaign(store, executor, ahead=8), Work(failing, {"seed": 5, "at": 12}), 40)
            (work,) = store.works()
            assert work.tasks >= 12
        if executor is not None:
            executor.shutdown()


def test_workers_use_one_thread_and_a_campaign_as_many_as_told():
    work = Work(threads_used, {})
    with Workers(1) as executor:
        found = Campaign(None, executor).collect(parts(work, 0, 2, 1))
    assert found["blas"].tolist() == found["told"].tolist() == [1, 1]
    assert Campaign(threads=1).collect(parts(work, 0, 1, 1))["told"].tolist() == [1]
    assert Campaign().collect(parts(work, 0, 1, 1))["told"].tolist() == [0]


def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    process = start(tmp_path / "store.sqlite", 0.01, 2)
    while kept(tmp_path / "store.sqlite") < 10:
        time.sleep(0.1)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        process.kill()
        pytest.skip("needs /proc to list children")
    pids = [int(pid) for pid in children.read_text().split()]
    assert len(pids) >= 2
    process.send_signal(signal.SIGKILL)
    process.wait()
    gone = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < gone:
        time.sleep(0.1)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_stop_ends_a_run_in_another_thread(tmp_path):
    campaign = Campaign(executor=ThreadPoolExecutor(1))
    caught: list[BaseException] = []

    def run() -> None:
        try:
            statistics(campaign, Work(draws, {"seed": 5, "sleep": 0.05}), 1000)
        except InterruptedError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.3)
    campaign.stop()
    thread.join(timeout=20)
    assert caught
    campaign.executor.shutdown(cancel_futures=True)


def test_a_result_of_the_wrong_length_is_refused():
    with pytest.raises(ProblemError, match="2 rows of 'normal' where 1 were asked for"):
        Campaign().collect(parts(Work(two_rows, {}), 0, 1, 1))


def two_rows(arguments: object, first: int, count: int, threads: int | None) -> dict[str, np.ndarray]:
    return {"normal": np.zeros(2)}


def test_a_worker_with_other_code_is_refused():
    with pytest.raises(ProblemError, match="another version of the code"):
        Campaign().collect(parts(Work(draws, {"seed": 1}, code="newer"), 0, 1, 1))


def test_progress_counts_what_is_known_of():
    told: list[tuple[int, int]] = []
    campaign = Campaign(progress=lambda done, expected: told.append((done, expected)))
    campaign.expect(3)
    campaign.collect(parts(Work(draws, {"seed": 1}), 0, 4, 1))
    assert told == [(1, 3), (2, 3), (3, 3), (4, 4)]


def test_a_dask_worker_killed_in_mid_run_costs_nothing_but_time(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Store(tmp_path / "store.sqlite") as store,
    ):
        executor, count = dask_executor(cluster.scheduler_address)
        assert count == 2
        campaign = Campaign(store, executor, ahead=32)
        killed = []

        def kill(done: int, expected: int) -> None:
            if done == 60:
                victim = next(iter(cluster.workers.values()))
                os.kill(victim.process.pid, signal.SIGKILL)
                killed.append(victim)

        campaign._progress = kill
        found = statistics(campaign, Work(draws, {"seed": 5, "sleep": 0.01}), 200)
        executor.shutdown()
    assert killed
    assert found == statistics(Campaign(), Work(draws, {"seed": 5}), 200)


def test_no_scheduler_is_one_clear_error():
    pytest.importorskip("distributed")
    with pytest.raises(ProblemError, match="no Dask scheduler answers"):
        dask_executor("tcp://127.0.0.1:1", patience=1.0)
