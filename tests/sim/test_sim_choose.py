"""Which simulator "auto" takes, what it says, and what is told of a run beforehand."""

import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sim_problems import setting

import sim
from sim import choose, memory
from theory.problem import ProblemError, Setting

CASES = {
    "conditioned": setting(d=2000, n=8000, p=4, steps=2),
    "dice": setting(d=2000, n=8000, p=4, steps=2, batch="reused"),
    "chain": setting(d=2000, n=1, p=4, steps=50),
    "direct": setting(d=100, n=200, p=512, steps=2),
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


@pytest.mark.parametrize(
    ("d", "n", "p"), [(1000, 500, 32), (30, 120, 32), (4096, 64, 16), (1000, 100, 16), (30, 120, 8), (200, 100, 8)]
)
def test_fresh_batches_of_students_neither_narrow_nor_wide_are_conditioned(d: int, n: int, p: int) -> None:
    problem = setting(d=d, n=n, p=p, steps=4, activation="relu", init="plain")
    assert sim.estimate(problem)["auto"].method == "conditioned"


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


WIDE = setting(d=4096, n=2048, p=32)  # direct holds a chunk of its inputs


def seconds(problem: Setting, method: str, **options: Any) -> float:
    cost = sim.estimate(problem, **options)[method].cost
    assert cost is not None
    return cost.seconds


def held(problem: Setting, method: str, **options: Any) -> float:
    cost = sim.estimate(problem, **options)[method].cost
    assert cost is not None
    return cost.bytes


@pytest.mark.parametrize("method", ["conditioned", "dice", "direct", "chain"])
def test_threads_beyond_the_work_there_is_to_share_save_no_time(method: str) -> None:
    problem = setting(d=1000, n=1 if method == "chain" else 200, p=4)
    one, two, eight = (seconds(problem, method, replicas=1, threads=threads) for threads in (1, 2, 8))
    assert one == two == eight


def test_one_large_replica_is_shared_by_threads() -> None:
    problem = setting(d=1000, n=10**6, p=4, batch="reused", steps=2)
    assert seconds(problem, "dice", replicas=1, threads=2) < 0.7 * seconds(problem, "dice", replicas=1, threads=1)


@pytest.mark.parametrize(("method", "least"), [("direct", 1.0), ("conditioned", 5.0), ("dice", 5.0)])
def test_rows_cost_what_vectors_of_so_many_dimensions_do(method: str, least: float) -> None:
    problem = setting(d=20_000, n=100, p=4, steps=3)
    assert seconds(problem, method, record=("rows",)) > least * seconds(problem, method)


@pytest.mark.parametrize("method", ["conditioned", "dice", "direct"])
def test_an_activation_costs_by_the_functions_in_it(method: str) -> None:
    costs = [seconds(setting(d=10, n=10**4, activation=name), method) for name in ("relu", "erf", "tanh", "softplus")]
    assert costs == sorted(costs)
    assert costs[-1] > 1.5 * costs[0]


def test_direct_holds_less_in_single_precision_or_with_smaller_chunks() -> None:
    usual = held(WIDE, "direct")
    assert held(WIDE, "direct", dtype="float32") == pytest.approx(usual / 2, rel=0.01)
    assert held(WIDE, "direct", chunk_bytes=1) < 0.6 * usual


@pytest.mark.parametrize("less", [{"dtype": "float32"}, {"chunk_bytes": 1}])
def test_what_fits_with_smaller_chunks_or_numbers_runs(less: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "memory", lambda: held(WIDE, "direct", replicas=1))  # of which a tenth stays free
    with pytest.raises(ProblemError, match="chunk_bytes, or dtype = 'float32'"):
        sim.simulate(WIDE, replicas=1, method="direct")
    assert sim.simulate(WIDE, replicas=1, method="direct", **less).method == "direct"


@pytest.mark.parametrize("method", ["direct", "conditioned", "dice"])
def test_only_direct_is_advised_to_cut_its_chunks(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "memory", lambda: 2.0**16)
    with pytest.raises(ProblemError) as refusal:
        sim.simulate(CASES["conditioned"], method=method)
    assert ("chunk_bytes" in str(refusal.value)) == (method == "direct")


def test_wide_students_hold_the_sums_of_every_task_under_way() -> None:
    problem = setting(d=10**5, n=30_000, p=1500, steps=2)
    sums, one = 8 * 2 * 1500**2, held(problem, "conditioned", replicas=1, at=(2,), threads=1)
    assert one > 5 * sums
    assert held(problem, "conditioned", replicas=1, at=(2,), threads=6) > one + 10 * sums


@pytest.mark.parametrize("method", CASES)
def test_a_thousand_million_threads_are_not_taken_at_their_word(method: str) -> None:
    many = sim.simulate(CASES[method], replicas=2, method=method, threads=10**9)
    np.testing.assert_array_equal(many.overlaps, sim.simulate(CASES[method], replicas=2, method=method).overlaps)
    assert held(CASES[method], method, threads=10**9) < 2.0**31


@pytest.mark.parametrize(("texts", "bytes_held"), [(("max", "4096"), 4096), (("1024", "4096"), 1024), ((), None)])
def test_memory_is_what_the_container_allows(
    texts: tuple[str, ...], bytes_held: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "LIMITS", ())
    machine = memory.memory()
    paths = [tmp_path / f"limit {i}" for i in range(2)]
    for path, text in zip(paths, texts, strict=False):
        path.write_text(f"{text}\n")
    monkeypatch.setattr(memory, "LIMITS", tuple(paths))
    assert memory.memory() == (machine if bytes_held is None else bytes_held)


LONG = {"d": 9, "p": 2, "steps": 10**6}


@pytest.mark.parametrize(
    "problem",
    [
        setting(d=10**7, n=10**12, p=2),
        setting(**LONG, n=1),
        setting(**LONG, n=30, batch="reused"),
        setting(**{**LONG, "d": 10**8}, n=10**8, batch="reused"),
    ],
)
def test_the_largest_settings_are_estimated_at_once(problem: Setting) -> None:
    begun = time.process_time()
    sim.estimate(problem, at=(0,))
    assert time.process_time() - begun < 0.5
    for option in sim.estimate(problem, at=(0,)).values():
        assert option.refusal or (option.cost is not None and math.isfinite(option.cost.seconds))
        assert str(option).startswith(option.method)
