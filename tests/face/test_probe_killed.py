"""`giantstep probe staircase`, killed three times with no warning and called again, ends with the same JSON."""

import random
import time
from pathlib import Path

import pytest
from commands import begun, process

from checks.campaign import Store

TASKS, KILLS = 100, 3  # ten blocks of ten


def kept(path: Path) -> int:
    """Results in a store that another process writes to."""
    if not path.exists():
        return 0
    with Store(path) as store:
        return sum(work.tasks for work in store.works())


@pytest.mark.slow
def test_killed_three_times_and_resumed_it_ends_with_the_same_json(tmp_path):
    store, moments = tmp_path / "store.sqlite", []
    command = ("probe", "staircase", "--tasks", str(TASKS), "--json", "--store")
    for _ in range(KILLS):
        goal = kept(store) + random.randint(1, 2)
        running = begun(*command, str(store))
        while kept(store) < goal and running.poll() is None:
            time.sleep(random.uniform(0.01, 0.2))
        running.kill()
        _, said = running.communicate()
        assert running.returncode == -9, f"ended before it was killed: {said}"
        moments.append(kept(store))
    assert 0 < moments[0] < moments[1] < moments[2] < TASKS // 10
    resumed = process(*command, str(store))
    whole = process(*command, str(tmp_path / "other.sqlite"))
    assert (resumed.returncode, resumed.stdout) == (whole.returncode, whole.stdout)
    assert resumed.returncode in (0, 1)
    assert resumed.stdout.startswith('{"schema": 1, "conjecture": "staircase"')
