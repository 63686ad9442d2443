"""The whole suite runs on as many processes as there are cores; what measures time has the machine to itself.

`pytest -n 0` runs it in one process, as a choice of files or of slow tests does anyway.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from sim.threads import available_cores

try:
    import fcntl
except ImportError:  # not on every system: one process, then
    fcntl = None  # type: ignore[assignment]

pytest_plugins = ["pytester"]  # runs pytest inside tests: for the plugin's own

GATE = pytest.StashKey[TemporaryDirectory]()  # of the folder that holds the locks


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    option, whole = config.option, config.args_source is pytest.Config.ArgsSource.TESTPATHS
    if "PYTEST_XDIST_WORKER" in os.environ:  # one of the processes, which pass here as well
        return
    if option.capture not in ("fd", "sys"):  # -s: what tests print reaches the terminal from one process only
        return
    if not (whole and fcntl) or option.markexpr != "not slow" or option.usepdb or option.collectonly:
        return
    cores = min(available_cores(), 8)
    if cores > 1 and getattr(option, "numprocesses", 0) is None:  # pytest-xdist is there, and not told otherwise
        option.numprocesses, option.dist = cores, "worksteal"
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # in each process: the cores are busy with the others


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Before a process of pytest-xdist starts, in the one that starts it."""
    stash = node.config.stash
    if GATE not in stash:
        stash[GATE] = TemporaryDirectory()
    node.workerinput["gate"] = stash[GATE].name


def pytest_unconfigure(config: pytest.Config) -> None:
    if GATE in config.stash:
        config.stash[GATE].cleanup()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Benchmarks are alone in the room, all else shares it; who waits at the gate lets nobody else pass."""
    folder = getattr(item.config, "workerinput", {}).get("gate")
    if folder is None or fcntl is None:  # without locks benchmarks are not alone: nothing else to be done
        return (yield)
    how = fcntl.LOCK_EX if "benchmark" in getattr(item, "fixturenames", ()) else fcntl.LOCK_SH
    with open(Path(folder) / "gate", "w") as gate, open(Path(folder) / "room", "w") as room:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(room, how)
        fcntl.flock(gate, fcntl.LOCK_UN)
        return (yield)
