"""pytest inside pytest, with giantstep's plugin and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest
import scipy.special  # noqa: F401

HOME = str(Path(__file__).parents[2])
Inner = Callable[..., pytest.RunResult]


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Inner:
    """inner(*arguments, apart=False): run pytest in the test's own folder; `apart` in a process of its own."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", HOME)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)

    def run(*arguments: str, apart: bool = False) -> pytest.RunResult:
        options = ("-p", "checks.plugin", "-p", "no:cacheprovider", *arguments)
        return pytester.runpytest_subprocess(*options) if apart else pytester.runpytest_inprocess(*options)

    return run
