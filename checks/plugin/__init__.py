"""The pytest plugin: statistical tests that share one error budget, and say how to run them again.

pytest finds it by itself where giantstep is installed; docs/pytest_plugin.md shows how to use it. Loading it costs
nothing: what decides is imported when a test first asks.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextvars import ContextVar
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from theory.launch import shadow

from .ledger import SEED, Ledger
from .spending import Allowance, Suite, allowance

if TYPE_CHECKING:
    import numpy as np

    from .agree import assert_agrees

__all__ = ["Allowance", "assert_agrees", "giantstep_budget", "giantstep_rng"]

MARK = "giantstep(alpha, margin): error probability of the test, and the error that would matter, in the unit compared"
SUITE = pytest.StashKey[Suite]()
BAD = pytest.StashKey[pytest.UsageError]()  # what is wrong with a test's marks
OWN = pytest.StashKey[Allowance]()
current: ContextVar[Allowance | None] = ContextVar("current", default=None)  # of the test that is running

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name != "assert_agrees":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return import_module(".agree", __name__).assert_agrees


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("giantstep", "giantstep: tests within an error budget")
    group.addoption("--giantstep-seed", type=int, metavar="N", help="seed of every random stream (default: 0)")
    group.addoption("--giantstep-vary-seed", action="store_true", help="draw that seed anew, and print it")
    group.addoption("--giantstep-deep", action="store_true", help="larger d and longer runs")
    parser.addini("giantstep_alpha", "probability of any wrong verdict in the suite (default: 1e-4)", default="1e-4")
    parser.addini("giantstep_tests", "tests without alpha that can share it (default: 100)", default="100")


def pytest_configure(config: pytest.Config) -> None:
    if reason := shadow():
        raise pytest.UsageError(f"giantstep: {reason}")
    config.addinivalue_line("markers", MARK)
    config.stash[SUITE] = suite = Suite(*_settings(config), _seed(config), config.getoption("--giantstep-deep"))
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Ledger(suite), "giantstep-ledger")


def _settings(config: pytest.Config) -> tuple[float, int]:
    """giantstep_alpha and giantstep_tests."""
    written = config.getini("giantstep_alpha"), config.getini("giantstep_tests")
    try:
        alpha, tests = float(written[0]), int(written[1])
    except ValueError:
        alpha, tests = 0.0, 0
    if not (0 < alpha < 1 and tests >= 1):
        raise pytest.UsageError(
            f"giantstep_alpha = {written[0]}, giantstep_tests = {written[1]}: give a probability and a whole number"
        )
    return alpha, tests


def _seed(config: pytest.Config) -> int:
    """The run's seed; one that is drawn is drawn once, and told to pytest-xdist's processes: see Ledger."""
    if hasattr(config, "workerinput"):
        return int(config.workerinput[SEED])
    given = config.option.giantstep_seed
    if config.option.giantstep_vary_seed:
        if given is not None:
            raise pytest.UsageError("--giantstep-seed fixes the seed, --giantstep-vary-seed draws one: give either")
        return secrets.randbits(32)
    if given is not None and given < 0:
        raise pytest.UsageError(f"--giantstep-seed {given}: give a whole number, at least 0")
    return given or 0


def pytest_report_header(config: pytest.Config) -> str | None:
    return f"giantstep: --giantstep-seed {config.stash[SUITE].seed}" if config.option.giantstep_vary_seed else None


def pytest_itemcollected(item: pytest.Item) -> None:
    try:
        item.stash[OWN] = allowance(item, item.config.stash[SUITE])
    except pytest.UsageError as error:
        if not hasattr(item.config, "workerinput"):
            raise
        item.stash[BAD] = error  # a process of pytest-xdist would end without a word: let it run, and say so there


def pytest_runtest_setup(item: pytest.Item) -> None:
    if BAD in item.stash:
        pytest.fail(str(item.stash[BAD]), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    before = current.set(item.stash.get(OWN, None))
    try:
        return (yield)
    finally:
        current.reset(before)


@pytest.fixture
def giantstep_budget(request: pytest.FixtureRequest) -> Allowance:
    """The test's part of the error budget: `take()` gives the shares of its next decision."""
    return request.node.stash[OWN]


@pytest.fixture
def giantstep_rng(request: pytest.FixtureRequest) -> np.random.SeedSequence:
    """The test's own seed sequence, a function of --giantstep-seed and of the test's name."""
    return request.node.stash[OWN].rng
