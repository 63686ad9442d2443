"""Which simulator "auto" takes, what it says, and what is told of a run beforehand."""

import math
from typing import Any

import pytest
from sim_problems import setting

import sim
from sim import choose
from theory.problem import ProblemError, Setting

CASES = {
    "conditioned": setting(d=2000, n=8000, p=4, steps=2),
    "dice": setting(d=2000, n=8000, p=4, steps=2, batch="reused"),
    "chain": setting(d=2000, n=1, p=4, steps=50),
    "direct": setting(d=6, n=300, p=128, steps=2),
}


@pytest.mark.parametrize("method", CASES)
def test_auto_takes_the_method_made_for_the_setting(method: str) -> None:
    run = sim.simulate(CASES[method], replicas=1)
    assert run.method == method
    assert run.why.startswith(f"{method}: the cheapest")
    assert sim.estimate(CASES[method])["auto"].method == method
    assert sim.simulate(CASES[method], replicas=1, method=method).why == "asked for"


@pytest.mark.parametrize("problem", CASES.values(), ids=CASES)
def test_the_choice_depends_on_neither_threads_nor_replicas_nor_the_machine(
    problem: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = sim.estimate(problem)["auto"].method
    monkeypatch.setattr(choose, "memory", lambda: 2.0**50)
    for options in ({"replicas": 1}, {"replicas": 10**6}, {"threads": 1}, {"threads": 64}):
        assert sim.estimate(problem, **options)["auto"].method == usual  # type: ignore[arg-type]


def test_what_only_some_can_do_decides() -> None:
    last = ("train_error",)
    assert sim.simulate(CASES["conditioned"], replicas=1, record=last).method == "dice"
    assert sim.simulate(setting(d=20, n=40), replicas=1, dtype="float32").method == "direct"
    assert sim.simulate(setting(d=20, n=1, steps=3, batch=(0, 1, 0)), replicas=1).method in ("dice", "direct")


def test_a_method_that_cannot_says_why_and_names_those_that_can() -> None:
    with pytest.raises(ProblemError, match="used twice; use direct or dice"):
        sim.simulate(CASES["dice"], method="conditioned")


@pytest.mark.parametrize("method", ["auto", "dice", "direct"])
def test_a_run_that_would_not_fit_is_refused_before_it_starts(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "memory", lambda: 2.0**16)
    with pytest.raises(ProblemError, match=r"not enough memory: \w+ needs about .* record fewer"):
        sim.simulate(CASES["dice"], method=method)


@pytest.mark.parametrize(
    ("more", "grows"),
    [
        ({"record": ("test_error",)}, "seconds"),
        ({"record": ("rows",)}, "bytes"),
        ({"replicas": 3200}, "seconds"),
        ({"threads": 1}, "seconds"),
    ],
)
@pytest.mark.parametrize("method", CASES)
def test_estimates_grow_with_what_is_asked(method: str, more: dict[str, Any], grows: str) -> None:
    problem = CASES[method]
    less, most = (sim.estimate(problem, **options)[method] for options in ({"threads": 2}, {"threads": 2, **more}))
    if most.refusal:
        assert "rows" in most.refusal
        return
    assert less.cost is not None
    assert most.cost is not None
    assert getattr(most.cost, grows) > getattr(less.cost, grows)


@pytest.mark.parametrize("problem", [setting(d=10**7, n=10**12, p=2), setting(d=9, n=1, p=2, steps=10**6)])
def test_the_largest_settings_are_estimated_at_once(problem: Setting) -> None:
    for option in sim.estimate(problem, at=(0,)).values():
        assert option.refusal or (option.cost is not None and math.isfinite(option.cost.seconds))
        assert str(option).startswith(option.method)
