"""Whatever happens to a campaign, in the end its statistics are those of one left alone, bit for bit."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from campaign_tasks import deadly, draws, failing, statistics, threads_used

from checks.campaign import Campaign, Stopped, Store, Work, Workers, dask_executor, parts
from theory import ProblemError

SCRIPT = Path(__file__).with_name("campaign_tasks.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SCRIPT.parent), *sys.path])}
KILLS = 5


def start(store: Path, sleep: float, workers: int, tasks: int = 2000) -> "subprocess.Popen[str]":
    command = [sys.executable, str(SCRIPT), str(store), str(tasks), str(sleep), str(workers)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)


def kept(store: Path) -> int:
    if not store.exists():
        return 0
    with Store(store) as open_store:
        return sum(work.tasks for work in open_store.works())


@pytest.mark.parametrize(("tasks", "workers"), [(2000, 0), (500, 2)])
def test_killed_at_five_random_moments(tmp_path, tasks, workers):
    sleep, store, moments = 1e-3, tmp_path / "store.sqlite", []
    for kill in range(KILLS):
        goal = kept(store) + random.randint(20, tasks // (KILLS + 1))
        process = start(store, sleep, workers, tasks)
        while kept(store) < goal and process.poll() is None:
            time.sleep(random.uniform(0.005, 0.05))
        assert process.poll() is None, f"ended before kill {kill}"
        process.kill()
        process.wait()
        moments.append(kept(store))
    ended = json.loads(start(store, sleep, workers, tasks).communicate(timeout=300)[0])
    assert ended["answered"] == moments[-1] == tasks - ended["computed"] > 0
    alone, samples = statistics(Campaign(), Work(draws, {"seed": 5}), tasks)
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
    with Workers(2) as executor:
        with pytest.raises(ProblemError, match="3 worker processes died"):
            statistics(Campaign(None, executor), Work(deadly, {"seed": 5, "at": 3, "mark": None}), 8)
        assert statistics(Campaign(None, executor), Work(draws, {"seed": 5}), 8)  # the others are as good as before


def test_dismissed_workers_take_no_more():
    executor = Workers(1)
    running = executor.submit(time.sleep, 60)
    time.sleep(0.5)
    executor.shutdown(cancel_futures=True)
    assert running.exception(timeout=20) is not None
    with pytest.raises(RuntimeError, match="shutdown"):
        executor.submit(time.sleep, 0)
    assert not executor._pools or all(pool._processes is None for pool in executor._pools)


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
    for threads in (None, 1, 2):
        found = Campaign(threads=threads).collect(parts(work, 0, 1, 1))
        assert (found["told"].tolist(), found["blas"].tolist()) == ([threads or 0], [1])


def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    process = start(tmp_path / "store.sqlite", 0.01, 2)
    while kept(tmp_path / "store.sqlite") < 10:
        time.sleep(0.1)
    lists = list(Path("/proc").glob(f"{process.pid}/task/*/children"))
    if not lists:
        process.kill()
        pytest.skip("only Linux names the children of a process, in /proc: elsewhere none could be watched to end")
    pids = [int(pid) for children in lists for pid in children.read_text().split()]
    assert len(pids) >= 2
    process.send_signal(signal.SIGKILL)
    process.wait()
    gone = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < gone:
        time.sleep(0.1)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_stop_ends_a_run_in_another_thread(tmp_path):
    caught: list[BaseException] = []

    def run(campaign: Campaign, stop: threading.Event) -> None:
        try:
            campaign.collect(parts(Work(draws, {"seed": 5, "sleep": 0.05}), 0, 1000, 1), stop)
        except Stopped as error:
            caught.append(error)

    with ThreadPoolExecutor(1) as executor:
        for campaign in (Campaign(), Campaign(executor=executor)):
            stop = threading.Event()
            thread = threading.Thread(target=run, args=(campaign, stop))
            thread.start()
            time.sleep(0.3)
            stop.set()
            thread.join(timeout=20)
            assert campaign.collect(parts(Work(draws, {"seed": 5}), 0, 2, 1))  # stopped for that run alone
    assert len(caught) == 2


def test_what_arrives_is_kept_though_nobody_asks_for_it(tmp_path):
    with Store(tmp_path / "store.sqlite") as store, ThreadPoolExecutor(2) as executor:
        results = Campaign(store, executor, ahead=16).run(parts(Work(draws, {"seed": 5}), 0, 40, 1))
        next(results)
        until = time.monotonic() + 20
        while kept(tmp_path / "store.sqlite") < 16 and time.monotonic() < until:
            time.sleep(0.02)
        assert kept(tmp_path / "store.sqlite") == 16
        results.close()


def test_blas_and_numba_get_their_threads_back():
    import numba
    import scipy.linalg  # noqa: F401  its BLAS is one of those that are limited
    from threadpoolctl import threadpool_info

    before = numba.get_num_threads(), [pool["num_threads"] for pool in threadpool_info()]
    with ThreadPoolExecutor(4) as executor:
        statistics(Campaign(executor=executor), Work(draws, {"seed": 5, "sleep": 0.001}), 100)
    Campaign(threads=1).collect(parts(Work(draws, {"seed": 5}), 0, 2, 1))
    assert before == (numba.get_num_threads(), [pool["num_threads"] for pool in threadpool_info()])


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
        ExitStack() as stack,
    ):
        executor, count = stack.enter_context(dask_executor(cluster.scheduler_address))
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
    assert killed
    assert found == statistics(Campaign(), Work(draws, {"seed": 5}), 200)


class Leaving(Executor):
    """Does one call, and is gone: what it holds then is cancelled, as Dask does when its scheduler goes away."""

    def __init__(self) -> None:
        self.calls = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        self.calls += 1
        if self.calls == 1:
            future.set_result(fn(*args, **kwargs))
        else:
            threading.Timer(0.1, future.cancel).start()
        return future


@pytest.mark.parametrize("keep", [True, False])
def test_an_executor_that_goes_away_ends_the_campaign(tmp_path, keep):
    stop = threading.Event()
    patience = threading.Timer(30, stop.set)
    patience.start()
    with Store(tmp_path / "store.sqlite") as store:
        campaign = Campaign(store if keep else None, Leaving(), ahead=4)
        told = "; what was computed is kept" if keep else ""
        with pytest.raises(ProblemError, match=f"lost a task{told}: run the same again"):
            campaign.collect(parts(Work(draws, {"seed": 5}), 0, 8, 1), stop)
    patience.cancel()
    assert kept(tmp_path / "store.sqlite") == int(keep)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://address", ""])
def test_no_scheduler_is_one_clear_error_and_leaves_no_client_behind(address):
    client = pytest.importorskip("distributed.client")
    with pytest.raises(ProblemError, match="no Dask scheduler answers"), dask_executor(address, 1.0):
        pass
    assert client._get_global_client() is None
