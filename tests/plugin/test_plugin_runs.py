"""Tests of tests: seeds by name, replays, several processes, wrong calls."""

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.plugin import assert_agrees
from theory import ProblemError

SEEDS = """
import pytest

@pytest.fixture
def note(giantstep_rng, giantstep_budget):
    giantstep_budget.take("-".join(map(str, giantstep_rng.generate_state(2))))

@pytest.mark.parametrize("case", ["a/b", 2])
def test_case(note, case): pass

class TestHeld:
    @pytest.mark.xdist_group("held")
    def test_case(self, note): pass

@pytest.mark.giantstep(alpha=1e-5)
@pytest.mark.xdist_group("held")
def test_declared(note, giantstep_budget):
    giantstep_budget.take()
"""
MADE_UP = """
import numpy as np
import pytest
import sim
from checks.plugin import assert_agrees
from theory import *

S = Setting(Target("z1"), Student("relu", 2, second_layer=(1.0, -1.0)), Regime(d=512, n="4*d", eta="p", steps=2))
SHOWN = np.array([0.0, 0.5, 0.8])[:, None, None] * np.array([1.0, -1.0])[:, None]
LIMIT = FreshLimit(S, SHOWN, np.ones((3, 2, 2)), np.zeros(3), np.zeros(3), "by hand")

@pytest.mark.giantstep(alpha=2e-6, margin=0.05)
def test_off(giantstep_rng):
    overlaps = 1.5 * LIMIT.overlaps + 0.02 * np.random.default_rng(giantstep_rng).standard_normal((99, 3, 2, 1))
    zeros = np.zeros((99, 2))
    run = sim.Run(S, "made up", "", (0, 1, 2), overlaps=overlaps, alpha=zeros, bias=zeros, diverged=zeros)
    assert_agrees(LIMIT, run)
"""


def table(result: pytest.RunResult) -> list[str]:
    """The lines of the summary; none where there is none."""
    lines = iter(result.outlines)
    for line in lines:
        if "giantstep: error budget" in line:
            return [row.rstrip() for row in lines if "::" in row or row.startswith("spent")]
    return []


def streams(result: pytest.RunResult) -> dict[str, str]:
    """What SEEDS noted, by test."""
    return {row.split()[0]: row.split()[2].rstrip(",") for row in table(result) if "::" in row}


def test_a_test_s_stream_is_a_matter_of_its_name_and_the_seed(pytester, inner) -> None:
    path = pytester.mkpydir("deep") / "test_seeds.py"
    path.write_text(SEEDS)
    whole = streams(inner(str(path)))
    assert len(whole) == len(set(whole.values())) == 4
    alone = streams(inner(f"{path}::test_case[2]"))
    assert alone == {"test_seeds.py::test_case[2]": whole["test_seeds.py::test_case[2]"]}
    assert streams(inner(str(path), "--rootdir", str(path.parent))) == whole
    assert not set(streams(inner(str(path), "--giantstep-seed", "1")).values()) & set(whole.values())


def test_processes_change_nothing(pytester, inner) -> None:
    pytester.makepyfile(test_seeds=SEEDS)
    several = inner("-p", "xdist.plugin", "-n", "2", apart=True)
    several.assert_outcomes(passed=4)
    assert len(table(several)) == 5
    assert table(several) == table(inner())


def test_processes_draw_one_seed_between_them_and_overspend_together(pytester, inner) -> None:
    """Also where pytest-xdist writes the names of groups behind those of tests."""
    pytester.makepyfile(test_seeds=SEEDS)
    less = ("-o", "giantstep_tests=3")  # three thirds of alpha, and what is declared
    several = inner("-p", "xdist.plugin", "-n", "2", "--dist", "loadgroup", "--giantstep-vary-seed", *less, apart=True)
    several.assert_outcomes(passed=4)
    assert several.ret == pytest.ExitCode.TESTS_FAILED
    (seed,) = set(re.findall(r"--giantstep-seed (\d+)", several.stdout.str()))
    assert table(several) == table(inner("--giantstep-seed", seed, *less))


def test_a_bad_mark_is_told_by_other_processes_too(pytester, inner) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.giantstep(alpha=2)\ndef test_it(): pass\n")
    result = inner("-p", "xdist.plugin", "-n", "1", apart=True)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*::test_it: giantstep(alpha=2): give a number above 0, at most giantstep_alpha*"])


def test_a_failure_tells_its_numbers_and_is_replayed_by_its_line(pytester, inner) -> None:
    pytester.makepyfile(test_made=MADE_UP)
    first = inner("--giantstep-vary-seed")
    first.assert_outcomes(failed=1)
    told = r"overlap of neuron 2 with z1 at step 2: estimate \S+ in \[\S+, \S+\] at alpha 2e-07, prediction -0.8, "
    # Where CI is set, pytest repeats a failure's message in its short summary.
    (numbers,) = set(re.findall(told + "margin 0.05: DISAGREE", first.stdout.str()))
    (line,) = set(re.findall(r"run it again: (pytest .*)", first.stdout.str()))
    (seed,) = re.findall(r"giantstep: --giantstep-seed (\d+)", first.stdout.str())
    assert line == f"pytest test_made.py::test_off --giantstep-seed {seed}"
    assert numbers in inner(*shlex.split(line)[1:]).stdout.str()
    assert numbers not in inner().stdout.str()


def test_deep_is_an_option_that_tests_see(pytester, inner) -> None:
    pytester.makepyfile("def test_it(giantstep_budget): assert giantstep_budget.deep\n")
    assert inner("--giantstep-deep").ret == 0
    assert inner().ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("assert_agrees('z1', margin=0.1)", "a claim has margins of its own"),
        ("assert_agrees(object())", "a prediction is compared with a run"),
        ("assert_agrees(object(), object())", r"Mark the test with giantstep\(margin=...\)"),
        ("assert_agrees(object(), object(), simulate=print)", "a prediction is compared with a run"),
    ],
)
def test_wrong_calls_say_what_would_be_right(pytester, inner, call: str, told: str) -> None:
    pytester.makepyfile(f"""
        import pytest
        from checks.plugin import assert_agrees
        from theory.problem import ProblemError

        def test_it():
            with pytest.raises(ProblemError, match={told!r}):
                {call}
    """)
    inner().assert_outcomes(passed=1)


@given(st.integers())
def test_hypothesis_must_not_choose_the_seed(number: int) -> None:
    from checks.plugin import current
    from checks.plugin.spending import Allowance

    before = current.set(Allowance("", "", 1e-6, 1e-4, 0.1, number, False, []))
    try:
        with pytest.raises(ProblemError, match="inside @given"):
            assert_agrees("no/such-claim")
    finally:
        current.reset(before)


def test_outside_of_a_test_there_is_no_budget(monkeypatch) -> None:
    from checks.plugin import current

    before = current.set(None)
    try:
        with pytest.raises(ProblemError, match="call it in one, run by pytest"):
            assert_agrees("no/such-claim")
    finally:
        current.reset(before)
