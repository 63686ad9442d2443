"""What a result may depend on: the seed, the replica's number, the setting. Nothing else."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from sim_problems import batch_data, setting

import sim
from sim.direct import descent as direct
from sim.direct.layout import Layout
from sim.random.streams import block_rows
from theory.problem import ProblemError, Setting

simulate = partial(sim.simulate, method="direct")

EVERYTHING = ("overlaps", "gram", "cosines", "test_error", "train_error", "rows")
NARROW = setting(d=700, n=1200, p=4, steps=2, noise=0.3, preprocess=1, activation="relu")  # several blocks a batch
WIDE = setting(d=700, n=1200, p=100, steps=2, noise=0.3, preprocess=1, eta=30.0)
SMALL = setting(steps=2)


def arrays(run: sim.Run) -> dict[str, np.ndarray]:
    found = {name: getattr(run, name) for name in (*EVERYTHING, "alpha", "bias", "test_error_stderr", "diverged")}
    return {name: array for name, array in found.items() if array is not None}


def assert_same_bits(one: sim.Run, two: sim.Run) -> None:
    common = arrays(one).keys() & arrays(two).keys()
    assert {"overlaps", "alpha"} <= common
    for name in common:
        np.testing.assert_array_equal(arrays(one)[name], arrays(two)[name], err_msg=name)


def test_the_problems_cover_both_layouts_and_several_chunks() -> None:
    layouts = [Layout(s.n, s.regime.d, s.student.p, 8, 2**20) for s in (NARROW, WIDE)]
    assert [layout.narrow for layout in layouts] == [True, False]
    assert all(len(list(layout.chunks())) > 1 for layout in layouts)
    assert block_rows(700) < 1200 / 2


@pytest.mark.parametrize("side_by_side", [True, False])
@pytest.mark.parametrize("problem", [NARROW, WIDE, SMALL], ids=["narrow", "wide", "small"])
def test_threads_change_no_bit(problem: Setting, side_by_side: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct, "THREAD_WORK", 0)
    monkeypatch.setattr(direct, "SHARED_BYTES", 2**60 if side_by_side else 0)
    runs = [
        simulate(problem, rng=1, replicas=3, record=EVERYTHING, threads=threads, chunk_bytes=2**20)
        for threads in (1, 2, 3)
    ]
    assert_same_bits(runs[0], runs[1])
    assert_same_bits(runs[0], runs[2])


@pytest.mark.parametrize("problem", [NARROW, WIDE], ids=["narrow", "wide"])
def test_other_replicas_change_no_bit(problem: Setting) -> None:
    many = simulate(problem, rng=2, replicas=5, record=EVERYTHING)
    few = simulate(problem, rng=2, replicas=2, record=EVERYTHING)
    for name, array in arrays(few).items():
        np.testing.assert_array_equal(array, arrays(many)[name][:2], err_msg=name)


@pytest.mark.parametrize("problem", [NARROW, WIDE, SMALL], ids=["narrow", "wide", "small"])
def test_what_is_recorded_changes_no_bit(problem: Setting) -> None:
    everything = simulate(problem, rng=3, replicas=2, record=EVERYTHING)
    little = simulate(problem, rng=3, replicas=2, record=())
    late = simulate(problem, rng=3, replicas=2, record=EVERYTHING, at=[2])
    assert_same_bits(everything, little)
    for name in EVERYTHING:
        np.testing.assert_array_equal(arrays(everything)[name][:, 2:], arrays(late)[name], err_msg=name)


@pytest.mark.parametrize(
    "problem",
    [NARROW, replace(WIDE, student=replace(WIDE.student, activation="tanh"))],
    ids=["narrow", "wide"],
)
def test_chunks_matter_to_round_off_only(problem: Setting) -> None:
    layouts = [Layout(problem.n, 700, problem.student.p, 8, size) for size in (1, 2**40)]
    assert layouts[0].chunk_rows < layouts[1].chunk_rows == problem.n
    runs = [simulate(problem, rng=4, replicas=2, chunk_bytes=size, record=("rows",)) for size in (1, 2**40)]
    # The data are the same, only the order of sums over n = 1200 samples differs: each entry of a step moves
    # by at most n eps times the sum of the sizes of its terms, itself at most eta |v|_max (|y| + |f|)_max
    # |x|_max < 30 here; a second step multiplies that by at most the same factor.
    bound = 30 * 1200 * np.finfo(float).eps * 30
    assert np.abs(runs[0].rows - runs[1].rows).max() <= bound


def test_float32_follows_float64() -> None:
    double = simulate(SMALL, rng=5, replicas=4, record=("rows", "test_error", "train_error"))
    single = simulate(SMALL, rng=5, replicas=4, record=("rows", "test_error", "train_error"), dtype="float32")
    assert single.rows is not None
    assert single.rows.dtype == single.overlaps.dtype == np.float32
    # A step sums n = 30 terms of preactivations with d = 12 roundings: under 100 float32 roundings of numbers
    # below 30, twice, the second step amplifying the first by less than 1 + eta |v| |x|^2 < 40.
    bound = 100 * 30 * 40 * np.finfo(np.float32).eps
    for name in ("rows", "test_error", "train_error"):
        difference = np.abs(arrays(single)[name] - arrays(double)[name]).max()
        assert 0 < difference < bound


def test_the_same_batch_id_is_the_same_data() -> None:
    noisy = setting(noise=0.5, preprocess=1)
    one, again, other = (batch_data(noisy, batch_id=batch_id) for batch_id in (3, 3, 4))
    for a, b, c in zip(one, again, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.isin(a, c).any()


def test_reused_and_fresh_agree_on_the_first_step_only() -> None:
    fresh = simulate(setting(steps=2), rng=7, replicas=2)
    reused = simulate(setting(steps=2, batch="reused"), rng=7, replicas=2)
    named = simulate(setting(steps=2, batch=(0, 0)), rng=7, replicas=2)
    np.testing.assert_array_equal(fresh.overlaps[:, :2], reused.overlaps[:, :2])
    assert (fresh.overlaps[:, 2] != reused.overlaps[:, 2]).all()
    np.testing.assert_array_equal(reused.overlaps, named.overlaps)


def test_two_settings_with_one_seed_are_paired() -> None:
    small, large = setting(n=20), setting(n=2000, noise=0.5, p=6)
    x_small, y_small = batch_data(small)
    x_large, _ = batch_data(large)
    np.testing.assert_array_equal(x_small, x_large[:20])
    np.testing.assert_array_equal(y_small, x_small[:, 0] + x_small[:, 0] * x_small[:, 1])


def test_no_number_is_drawn_twice() -> None:
    """Streams of replicas, purposes, batches and blocks are different streams."""
    problem = setting(d=600, n=1300, p=4, init="plain")
    draws = [batch_data(problem, replica=replica, batch_id=batch_id)[0] for replica in (0, 1) for batch_id in (0, 1)]
    run = simulate(problem, replicas=2, record=("rows",))
    assert run.rows is not None
    everything = np.concatenate([draw.ravel() for draw in draws] + [run.rows[:, 0].ravel()])
    # 3.1 million doubles of 52 random bits: a tie has probability below (3.1e6)^2 / 2 / 2^49 = 0.01 even if
    # the bulk of the law were spread over only 2^49 values; two ties in one stream pair would repeat
    # thousands of values
    assert everything.size - np.unique(everything).size < 10


@pytest.mark.parametrize(
    ("method", "problem"),
    [
        ("direct", SMALL),
        ("conditioned", SMALL),
        ("dice", setting(steps=3, batch="reused")),
        ("chain", setting(n=1, steps=9)),
    ],
)
@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_in_parts_is_the_run(method: str, problem: Setting, threads: int) -> None:
    whole = sim.simulate(problem, rng=7, replicas=21, method=method)
    parts = [
        sim.simulate(problem, rng=7, replicas=count, first=first, method=method, threads=threads)
        for first, count in ((0, 2), (2, 11), (13, 8))
    ]
    for name, array in arrays(whole).items():
        np.testing.assert_array_equal(np.concatenate([arrays(part)[name] for part in parts]), array, err_msg=name)


@pytest.mark.parametrize("first", [-1, 0.5, True, "0"])
def test_a_first_replica_that_is_no_number_is_refused(first: object) -> None:
    with pytest.raises(ProblemError, match="first"):
        simulate(SMALL, first=first)
