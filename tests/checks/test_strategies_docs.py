"""docs/strategies.md has an example for every strategy, and each runs as a reader would run it."""

import re
from inspect import getmembers, isfunction
from pathlib import Path
from typing import Any

import pytest

from checks import strategies

PAGE = Path(__file__).parents[2] / "docs" / "strategies.md"
HEAD, *EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
PUBLIC = {
    name
    for name, thing in getmembers(strategies, isfunction)
    if thing.__module__ == strategies.__name__ and name[0] != "_"
}


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What the examples share, in the order of the page."""
    shared: dict[str, Any] = {}
    exec(compile(HEAD, PAGE.name, "exec"), shared)
    return shared


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: re.findall(r"def (\w+)", text)[0])
def test_an_example_runs(names: dict[str, Any], example: str) -> None:
    exec(compile(example, PAGE.name, "exec"), names)


def test_every_strategy_is_described_with_its_signature_and_used() -> None:
    told = re.findall(r"^`(\w+)\(.*?\)`:", PAGE.read_text(encoding="utf-8"), re.M)
    assert sorted(told) == sorted(PUBLIC)
    used = set(re.findall(r"strategies\.(\w+)\(", "".join(EXAMPLES)))
    assert used >= PUBLIC
