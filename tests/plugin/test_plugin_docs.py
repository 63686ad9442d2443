"""The layout in docs/pytest_plugin.md, copied as it stands, passes; with errors planted in its code it fails.

A right outcome fails by chance with probability below 1e-4: alpha, and margins that are several times the spread.
"""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "pytest_plugin.md").read_text(encoding="utf-8")


@pytest.fixture
def layout(pytester: pytest.Pytester) -> Path:
    """The files of the page, in a folder of their own."""
    blocks = re.findall(r"```(?:python|toml)\n# (\S+)\n(.*?)```", PAGE, re.S)
    assert [name for name, _ in blocks] == ["pyproject.toml", "paper.py", "tests/test_paper.py"]
    assert len(blocks) == len(re.findall(r"```\w+\n", PAGE))
    for name, text in blocks:
        path = pytester.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return pytester.path


def printed(start: str) -> list[str]:
    """The block of the page that begins with `start`."""
    (block,) = re.findall(rf"```\n({start}.*?)```", PAGE, re.S)
    return block.splitlines()


def test_the_layout_passes_as_printed_and_under_xdist(layout: Path, inner) -> None:
    result = inner("-p", "xdist.plugin", "-n", "2", apart=True)
    result.assert_outcomes(passed=4)
    table = printed("=+ giantstep: error budget")[1:]
    assert [line.rstrip() for line in result.outlines if line in table] == table


def test_a_wrong_learning_rate_is_found(layout: Path, inner) -> None:
    path = layout / "paper.py"
    right = path.read_text()
    path.write_text(right.replace("setting.eta / p", "2 * setting.eta / p"))
    assert path.read_text() != right
    result = inner("-k", "overlaps or first_step", apart=True)
    result.assert_outcomes(failed=2)
    line, last = printed("AssertionError")[1].strip(), printed("AssertionError")[-1].strip()
    shape = re.sub(r"(\d+\\\.)?\d+(e\\-\d+)?", r"\\S+", re.escape(line))
    told = result.stdout.str()
    assert re.search(r"AssertionError: \d+ of 12 numbers do not agree", told)
    assert re.search(shape, told)
    assert last in told
    result.stdout.fnmatch_lines([
        "E * AssertionError: giant-step/one-step-norm: DISAGREE",
        "E * relu: signal: estimate *, prediction 1, margin 0.05, bias 0.01: DISAGREE",
        "E * the claim alone: checks.verify(<giant-step/one-step-norm>, checks.Budget(1.2*",
        "E * run it again: pytest tests/test_paper.py::test_our_code_takes_the_first_step_* --giantstep-seed 0",
        "test_paper.py::test_our_code_takes_the_first_step_of_the_theory *2e-06  giant-step/one-step-norm DISAGREE",
    ])  # fmt: skip
