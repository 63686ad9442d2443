"""The sum of what tests spent, kept in the process that reports, and the table at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .spending import PROPERTY, Suite

SEED = "giantstep_seed"  # under which other processes find it
Record = dict[str, Any]  # "test", "alpha", "decisions": see Allowance


class Ledger:
    """A plugin of pytest of its own, since reports come without the run they belong to."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.records: dict[str, Record] = {}

    @property
    def spent(self) -> float:
        """The probability that any verdict of this run is wrong, at most: whole alphas, of tests that decided."""
        return sum(record["alpha"] for _, record in sorted(self.records.items()))

    @property
    def overspent(self) -> bool:
        """Beyond rounding."""
        return self.spent > self.suite.alpha * (1 + 1e-9)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a process of pytest-xdist the seed."""
        node.workerinput[SEED] = self.suite.seed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a report carries; those of a test's later phases know more."""
        for name, record in report.user_properties:
            if name == PROPERTY and isinstance(record, dict):
                self.records[report.nodeid.partition("::")[0] + record["test"]] = record

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A run that spent more than there is has not passed."""
        if self.overspent and not session.exitstatus:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The table, sorted by name; nothing where nothing was spent."""
        if self.records:
            terminalreporter.section("giantstep: error budget")
            for line in self._lines():
                terminalreporter.line(line)
            if self.overspent:
                terminalreporter.line(self._complaint(), red=True, bold=True)

    def _lines(self) -> Iterator[str]:
        rows = [("test", "alpha", "decisions")]
        for _, record in sorted(self.records.items()):
            decisions = [f"{what} {status}".rstrip() for what, _, status in record["decisions"]]
            rows.append((record["test"], f"{record['alpha']:.3g}", ", ".join(decisions)))
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        for test, alpha, what in rows:
            yield f"{test:<{widths[0]}}  {alpha:>{widths[1]}}  {what}"
        yield (
            f"spent {self.spent:.3g} of {self.suite.alpha:.3g}: any wrong verdict here has probability at most "
            f"{min(1.0, self.spent):.3g}; --giantstep-seed {self.suite.seed}"
        )

    def _complaint(self) -> str:
        return (
            f"ERROR: giantstep: tests spent alpha = {self.spent:.3g} of giantstep_alpha = {self.suite.alpha:.3g}: "
            f"declare smaller alphas, raise giantstep_tests (now {self.suite.tests}) or giantstep_alpha"
        )
