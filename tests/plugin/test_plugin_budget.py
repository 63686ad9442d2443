"""Who may spend how much: declared and undeclared alphas, the sum at the end, and what is refused."""

import subprocess
import sys
import tomllib
from math import isclose
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.plugin import Allowance
from theory import launch

ROOT = Path(__file__).parents[2]
SPENDING = """
import pytest

@pytest.mark.giantstep(alpha=6e-5)
def test_one(giantstep_budget):
    giantstep_budget.take("mine")

@pytest.mark.giantstep(alpha=6e-5)
def test_two(giantstep_budget):
    giantstep_budget.take()
    giantstep_budget.decided("AGREE")

def test_three(): pass
"""


def allowed(alpha: float = 1e-6) -> Allowance:
    return Allowance("test_a.py::test_b", "tests/test_a.py::test_b", alpha, 0.5, None, 7, False, [])


@given(st.floats(1e-12, 0.5), st.integers(1, 60))
def test_a_test_never_spends_more_than_its_alpha(alpha: float, decisions: int) -> None:
    own = allowed(alpha)
    shares = [own.take() for _ in range(decisions)]
    assert sum(share.alpha for share in shares) <= alpha
    assert sum(share.beta for share in shares) <= own.beta
    assert isclose(shares[0].alpha, 0.6079271018540267 * alpha)  # 1 / zeta(2)
    assert isclose(shares[-1].alpha * decisions**2, shares[0].alpha)


def test_nearly_all_of_it_is_there_to_be_spent() -> None:
    own = allowed(1e-3)
    assert sum(own.take().alpha for _ in range(1000)) > 0.999e-3


def test_declared_or_an_equal_slice_and_the_closest_mark_counts(pytester, inner) -> None:
    pytester.makeini("[pytest]\ngiantstep_alpha = 1e-3\ngiantstep_tests = 50\n")
    pytester.makepyfile("""
        import pytest
        pytestmark = pytest.mark.giantstep(margin=0.25)

        def test_slice(giantstep_budget):
            assert (giantstep_budget.alpha, giantstep_budget.margin) == (2e-5, 0.25)
            assert giantstep_budget.beta == pytest.approx(1e-2 / 50)

        @pytest.mark.giantstep(alpha=1e-4)
        class TestDeclared:
            def test_by_its_class(self, giantstep_budget):
                assert (giantstep_budget.alpha, giantstep_budget.margin) == (1e-4, 0.25)

            @pytest.mark.giantstep(alpha=1e-5, margin=0.5)
            def test_by_itself(self, giantstep_budget):
                assert (giantstep_budget.alpha, giantstep_budget.margin) == (1e-5, 0.5)
    """)
    result = inner()
    result.assert_outcomes(passed=3)


def test_a_loose_alpha_brings_a_beta_that_goes_with_it(pytester, inner) -> None:
    pytester.makeini("[pytest]\ngiantstep_alpha = 0.05\n")
    pytester.makepyfile("""
        import pytest

        def test_slice(giantstep_budget):
            assert giantstep_budget.beta == pytest.approx(10 * giantstep_budget.alpha)
    """)
    inner().assert_outcomes(passed=1)


def test_the_sum_is_told_and_overspending_fails(pytester, inner) -> None:
    pytester.makepyfile(test_sum=SPENDING)
    result = inner()
    result.assert_outcomes(passed=3)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([
        "*giantstep: error budget*",
        "test_sum.py::test_one *6e-05  mine",
        "test_sum.py::test_two *6e-05  a decision of the test's own AGREE",
        "spent 0.00012 of 0.0001: any wrong verdict here has probability at most 0.00012; --giantstep-seed 0",
        "ERROR: giantstep: tests spent alpha = 0.00012 of giantstep_alpha = 0.0001: declare smaller alphas, raise*",
    ])  # fmt: skip
    within = inner("-k", "test_one")
    assert within.ret == 0
    within.stdout.fnmatch_lines(["spent 6e-05 of 0.0001: *"])
    within.stdout.no_fnmatch_line("*test_two*")


def test_nothing_is_said_where_nothing_was_spent(pytester, inner) -> None:
    pytester.makepyfile(test_sum=SPENDING)
    result = inner("-k", "test_three")
    assert result.ret == 0
    assert "giantstep" not in result.stdout.str()


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ("alpha=0", "giantstep(alpha=0): give a number above 0, at most giantstep_alpha = 0.0001"),
        ("alpha=2e-4", "giantstep(alpha=0.0002): give a number above 0, at most giantstep_alpha = 0.0001"),
        ("alpha='1e-6'", "giantstep(alpha='1e-6'): give a number above 0, at most giantstep_alpha = 0.0001"),
        ("alpha=True", "giantstep(alpha=True): give a number above 0, at most giantstep_alpha = 0.0001"),
        ("alpha=float('nan')", "giantstep(alpha=nan): give a number above 0, at most giantstep_alpha = 0.0001"),
        ("margin=0", "giantstep(margin=0): give a positive number"),
        ("margin=float('inf')", "giantstep(margin=inf): give a positive number"),
        ("tolerance=1", "the mark giantstep takes alpha=... and margin=..., nothing else"),
        ("1e-6", "the mark giantstep takes alpha=... and margin=..., nothing else"),
    ],
)
def test_bad_marks_are_errors_of_usage(pytester, inner, marks: str, told: str) -> None:
    pytester.makepyfile(f"import pytest\n@pytest.mark.giantstep({marks})\ndef test_it(): pass\n")
    result = inner()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in result.errlines if line]
    assert line.startswith("ERROR: test_bad_marks")
    assert line.endswith(f"::test_it: {told}")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-o", "giantstep_alpha=1"), "giantstep_alpha = 1, giantstep_tests = 100: give a probability and a whole*"),
        (("-o", "giantstep_alpha=small"), "giantstep_alpha = small, giantstep_tests = 100: give a probability*"),
        (("-o", "giantstep_tests=0"), "giantstep_alpha = 1e-4, giantstep_tests = 0: give a probability*"),
        (("--giantstep-seed", "-1"), "--giantstep-seed -1: give a whole number, at least 0"),
        (("--giantstep-seed", "3", "--giantstep-vary-seed"), "--giantstep-seed fixes the seed, --giantstep-vary*"),
    ],
)
def test_bad_settings_are_errors_of_usage(pytester, inner, arguments: tuple[str, ...], told: str) -> None:
    pytester.makepyfile("def test_it(): pass\n")
    result = inner(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {told}"])


def test_loading_the_plugin_loads_nothing_heavy() -> None:
    code = "import sys, checks.plugin; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"numpy", "sympy", "numba", "scipy", "matplotlib", "hypothesis"}


def test_pytest_finds_it_at_the_door_that_looks_first() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"giantstep": launch.__name__}


@pytest.mark.parametrize("plugin", ["theory.launch", "checks.plugin"])
def test_one_line_names_what_hides_sim(pytester, monkeypatch, plugin: str) -> None:
    hiding = pytester.mkpydir("sim")
    pytester.makepyfile("def test_it(): pass\n")
    monkeypatch.setenv("PYTHONPATH", f"{pytester.path}:{ROOT}")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    result = pytester.runpytest_subprocess("-p", plugin)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: giantstep: {hiding} hides giantstep's package 'sim'; take its folder off *"])


def test_one_line_names_what_hides_checks(pytester, monkeypatch) -> None:
    """Which holds the plugin: only the door is left to say so."""
    pytester.makepyfile(checks="", test_it="def test_it(): pass\n")
    monkeypatch.setenv("PYTHONPATH", f"{pytester.path}:{ROOT}")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    result = pytester.runpytest_subprocess("-p", "theory.launch")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: giantstep: {pytester.path}/checks.py hides giantstep's package 'checks'; *"])


def test_the_door_opens_to_the_same_plugin_once(pytester, monkeypatch) -> None:
    pytester.makepyfile("def test_it(giantstep_budget): giantstep_budget.take()\n")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for plugins in (("-p", "theory.launch"), ("-p", "checks.plugin", "-p", "theory.launch")):
        result = pytester.runpytest_inprocess(*plugins)
        result.assert_outcomes(passed=1)
        result.stdout.fnmatch_lines(["*giantstep: error budget*"])
