"""What a test may spend of the suite's error budget, and where that is written down.

Everything here follows from the settings, the test's own marks and its name: neither the choice of tests nor their
order nor the process they run in plays a part.
"""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass, field
from math import pi
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import numpy as np

    from ..verdict import Share

PROPERTY = "giantstep"  # under which reports carry a test's record, from other processes too


@dataclass(frozen=True)
class Suite:
    """The settings of a run of pytest. tests: how many equal slices alpha has; an undeclared test takes one."""

    alpha: float
    tests: int
    seed: int
    deep: bool


@dataclass
class Allowance:
    """What one test may spend: the fixture `giantstep_budget`.

    test: its name, from the file on. alpha: for all its decisions together, of `suite_alpha`. margin: as declared, or
    None. seed, deep: the options of the run. decisions: what was decided so far, as (what, alpha, status).
    """

    test: str
    nodeid: str
    alpha: float
    suite_alpha: float
    margin: float | None
    seed: int
    deep: bool
    properties: list[tuple[str, Any]] = field(repr=False)  # of the test, which reports carry
    decisions: list[list[Any]] = field(default_factory=list)

    @property
    def beta(self) -> float:
        """For all its decisions together, of that of the suite what alpha is of the suite's alpha."""
        from ..verdict import beta_beside

        return beta_beside(self.suite_alpha) * self.alpha / self.suite_alpha

    def take(self, what: str = "a decision of the test's own") -> Share:
        """The shares (alpha, beta) of the next decision: 6 / (pi^2 j^2) of the test's for the j-th, which sum to it."""
        from ..verdict import Share

        if not self.decisions:  # a record that goes on changing: a report tells how it stands by then
            self.properties.append((PROPERTY, {"test": self.test, "alpha": self.alpha, "decisions": self.decisions}))
        part = 6 / (pi * (len(self.decisions) + 1)) ** 2
        self.decisions.append([str(what), part * self.alpha, ""])
        return Share(part * self.alpha, part * self.beta)

    def decided(self, status: str) -> None:
        """Note what the last share taken was spent on came to."""
        self.decisions[-1][2] = str(status)  # plain text: it goes to other processes

    @property
    def replay(self) -> str:
        """The command that runs this test again on the same random numbers."""
        deep = " --giantstep-deep" if self.deep else ""
        return f"pytest {shlex.quote(self.nodeid)} --giantstep-seed {self.seed}{deep}"

    @property
    def rng(self) -> np.random.SeedSequence:
        """The test's own stream: a function of the seed and of its name."""
        import numpy as np

        digest = hashlib.sha256(self.test.encode()).digest()
        words = [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]
        return np.random.SeedSequence(self.seed, spawn_key=words)


def allowance(item: pytest.Item, suite: Suite) -> Allowance:
    """What a collected test may spend. Raises pytest.UsageError where its marks say nothing sensible."""
    options = _marked(item)
    alpha = options.get("alpha", suite.alpha / suite.tests)
    if not (_number(alpha) and 0 < alpha <= suite.alpha):
        raise pytest.UsageError(
            f"{item.nodeid}: giantstep(alpha={alpha!r}): give a number above 0, "
            f"at most giantstep_alpha = {suite.alpha:g}"
        )
    margin = options.get("margin")
    if margin is not None and not (_number(margin) and 0 < margin < float("inf")):
        raise pytest.UsageError(f"{item.nodeid}: giantstep(margin={margin!r}): give a positive number")
    path, _, _ = item.nodeid.partition("::")
    # Not the node id: that begins wherever pytest finds a root, and pytest-xdist may write a group at its end.
    names = "::".join(node.name for node in item.listchain() if isinstance(node, pytest.Class | pytest.Item))
    return Allowance(
        test=f"{item.path.name}::{names}",
        nodeid=f"{path}::{names}",
        alpha=float(alpha),
        suite_alpha=suite.alpha,
        margin=margin,
        seed=suite.seed,
        deep=suite.deep,
        properties=item.user_properties,
    )


def _marked(item: pytest.Item) -> dict[str, Any]:
    """alpha and margin, each from the closest mark that has it: a test's, its class's, its module's."""
    options: dict[str, Any] = {}
    for mark in item.iter_markers("giantstep"):
        if mark.args or set(mark.kwargs) - {"alpha", "margin"}:
            raise pytest.UsageError(f"{item.nodeid}: the mark giantstep takes alpha=... and margin=..., nothing else")
        options = {**mark.kwargs, **options}
    return options


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
