"""The suite's own settings: when it runs on several processes, and what a system without file locks does."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

HERE = Path(__file__).parent / "conftest.py"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module, on four cores, in the process that starts the others."""
    spec = importlib.util.spec_from_file_location("settings_of_the_suite", HERE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(module, "available_cores", lambda: 4)
    monkeypatch.setattr(module, "fcntl", SimpleNamespace(LOCK_EX=1, LOCK_SH=2))
    return module


def processes(settings: Any, **changes: Any) -> int | None:
    """How many `pytest` takes for the whole suite."""
    plain = {"markexpr": "not slow", "usepdb": False, "collectonly": False, "capture": "fd", "numprocesses": None}
    option = SimpleNamespace(**{**plain, "dist": "no", **changes})
    settings.pytest_cmdline_main(SimpleNamespace(option=option, args_source=pytest.Config.ArgsSource.TESTPATHS))
    return option.numprocesses


def test_the_whole_suite_takes_all_cores_unless_told_otherwise(settings: Any) -> None:
    assert processes(settings) == 4
    assert processes(settings, capture="sys") == 4
    assert processes(settings, numprocesses=0) == 0
    assert processes(settings, usepdb=True) is None


@pytest.mark.parametrize("capture", ["no", "tee-sys"])
def test_what_tests_print_is_not_lost_in_other_processes(settings: Any, capture: str) -> None:
    assert processes(settings, capture=capture) is None


def test_without_file_locks_tests_run_all_the_same(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Two processes asked for by hand have a gate, and nothing to lock it with."""
    monkeypatch.setattr(settings, "fcntl", None)
    assert processes(settings) is None
    item = SimpleNamespace(config=SimpleNamespace(workerinput={"gate": str(tmp_path)}), fixturenames=("benchmark",))
    protocol = settings.pytest_runtest_protocol(item)
    next(protocol)
    with pytest.raises(StopIteration) as ended:
        protocol.send("done")
    assert ended.value.value == "done"
