"""The readout against explicit regressions on the same samples, and what its results may depend on."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sim_problems import setting
from sim_readouts import copies, explicit, readout_setting, ridge, trained, without_rows

import sim
from sim.data import Teacher
from sim.random.streams import Streams, seed_sequence
from sim.readout.coordinates import coordinates
from sim.readout.design import Design, Features
from sim.readout.kernel import KernelForm
from sim.readout.normal import NormalEquations
from sim.readout.samples import TEST, TRAIN, VALIDATION, Samples
from sim.student.network import Buffers
from sim.threads import Crew
from theory.problem import ProblemError, Setting

BIAS = np.random.default_rng(5).uniform(-1, 1, 8)
GRID = (0.01, 0.3, 2.0)


def run_of(activation: str = "tanh", replicas: int = 2, **options: Any) -> sim.Run:
    problem = readout_setting(activation=activation, **options)
    rows = np.random.default_rng(1).standard_normal((replicas, 8, problem.regime.d)) / 3
    return trained(problem, rows, BIAS)


@pytest.mark.parametrize("route", ["rows", "reduced"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "He2"])
@pytest.mark.parametrize("n", [3, 7, 8, 9, 700])
def test_one_ridge_is_the_explicit_regression(n: int, activation: str, route: str) -> None:
    run = run_of(activation)
    found = sim.fit_readout(run, n, 0.2, rng=3, route=route, test_samples=900)
    for replica in range(2):
        features, labels, _ = explicit(run, route, 3, replica, TRAIN, n)
        expected = ridge(features, labels, 0.2)
        np.testing.assert_allclose(found.coefficients[replica], expected, rtol=1e-9, atol=1e-9)
        assert found.train_error[replica] == pytest.approx(np.mean((labels - features @ expected) ** 2), rel=1e-8)
        features, clean, z = explicit(run, route, 3, replica, TEST, 900, clean=True)
        np.testing.assert_allclose(clean, z[:, 0] + z[:, 0] * z[:, 1], rtol=1e-14, atol=1e-14)
        squares = (clean - features @ expected) ** 2
        assert found.test_error[replica] == pytest.approx(squares.mean(), rel=1e-8)
        assert found.test_error_stderr[replica] == pytest.approx(squares.std(ddof=1) / 30, rel=1e-8)
    assert (found.n, found.route, found.ridge.tolist(), found.scores) == (n, route, [0.2, 0.2], None)


@pytest.mark.parametrize("n", [7, 8, 9, 12])
def test_both_forms_are_one_regression(n: int) -> None:
    run = run_of("relu")
    rows, _ = coordinates(run, 0, 1, "rows")
    features = Features(run.setting.student.activation, rows[0], BIAS)
    samples = Samples(Teacher(run.setting.target), Streams(seed_sequence(0), 0), TRAIN, n, 30)
    with Crew(1) as crew:
        normal, kernel = (
            form(Design(features, samples, n, Buffers(), "chunk"), crew) for form in (NormalEquations, KernelForm)
        )
        np.testing.assert_allclose(normal.coefficients(0.1), kernel.coefficients(0.1), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(normal.path(np.array(GRID)), kernel.path(np.array(GRID)), rtol=1e-9, atol=1e-9)
        scores = [form.leave_one_out(np.array(GRID), crew) for form in (normal, kernel)]
        np.testing.assert_allclose(*scores, rtol=1e-9)


@pytest.mark.parametrize("n", [2, 6, 8, 11])
def test_leave_one_out_is_every_refit(n: int) -> None:
    run = run_of("relu")
    found = sim.fit_readout(run, n, GRID, rng=9, test_samples=4)
    assert found.scores is not None
    for replica in range(2):
        features, labels, _ = explicit(run, "reduced", 9, replica, TRAIN, n)
        for penalty, score in zip(GRID, found.scores[replica], strict=True):
            kept = [np.arange(n) != i for i in range(n)]
            misses = [labels[i] - features[i] @ ridge(features[k], labels[k], penalty) for i, k in enumerate(kept)]
            assert score == pytest.approx(np.mean(np.square(misses)), rel=1e-8)
        best = GRID[int(np.argmin(found.scores[replica]))]
        assert found.ridge[replica] == best
        np.testing.assert_allclose(found.coefficients[replica], ridge(features, labels, best), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("n", [8, 9, 12])
def test_leave_one_out_is_right_or_not_told(n: int) -> None:
    """Where n = p and the penalty vanishes, residuals and 1 - h_i vanish both; the kernel form divides neither."""
    run, ridges = run_of("relu"), np.logspace(-18, 0, 19)
    rows, _ = coordinates(run, 0, 1, "rows")
    features = Features(run.setting.student.activation, rows[0], BIAS)
    samples = Samples(Teacher(run.setting.target), Streams(seed_sequence(0), 0), TRAIN, n, 30)
    with Crew(1) as crew:
        normal, kernel = (
            form(Design(features, samples, n, Buffers(), "chunk"), crew).leave_one_out(ridges, crew)
            for form in (NormalEquations, KernelForm)
        )
    told = ~np.isnan(normal)
    assert told[-9:].all()
    np.testing.assert_allclose(normal[told], kernel[told], rtol=0.1)


@pytest.mark.parametrize("n", [5, 40])
@pytest.mark.parametrize("preprocess", [None, 0, 1])
def test_a_validation_batch_judges_as_it_says(n: int, preprocess: int | None) -> None:
    """On the rows' route labels are preprocessed with the means of the batch itself, all coordinates included."""
    run = run_of()
    found = sim.fit_readout(
        run, n, (0.0, *GRID), choose="validation", validation=600, preprocess=preprocess, route="rows", test_samples=4
    )
    features, labels, z = explicit(run, "rows", 0, 0, TRAIN, n)
    others, other_labels, other_z = explicit(run, "rows", 0, 0, VALIDATION, 600)
    mean, linear = labels.mean(), labels @ z / n
    if preprocess is not None:
        labels, other_labels = labels - mean, other_labels - mean
    if preprocess == 1:
        labels, other_labels = labels - z @ linear, other_labels - other_z @ linear
    path = [np.linalg.pinv(features) @ labels, *(ridge(features, labels, penalty) for penalty in GRID)]
    scores = [np.mean((other_labels - others @ a) ** 2) for a in path]
    assert found.scores is not None
    np.testing.assert_allclose(found.scores[0], scores, rtol=1e-6)  # the first may be ill-conditioned
    assert found.ridge[0] == (0.0, *GRID)[int(np.argmin(scores))]


@pytest.mark.parametrize("n", [5, 50])
def test_without_a_penalty_the_shortest_solution_is_taken(n: int) -> None:
    """Mirrored neurons before training are equal: no Gram matrix of features has full rank."""
    run = sim.simulate(setting(p=8, d=30, noise=0.3), replicas=2, at=[0], record="rows")
    found = sim.fit_readout(run, n, 0.0, test_samples=4)
    features, labels, _ = explicit(run, "reduced", 0, 1, TRAIN, n)
    expected = np.linalg.pinv(features, rcond=1e-10) @ labels
    np.testing.assert_allclose(found.coefficients[1], expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(found.coefficients, found.coefficients[:, ::-1], rtol=1e-6, atol=1e-6)


def assert_same_bits(one: sim.Readout, two: sim.Readout, replicas: int) -> None:
    for name in ("coefficients", "ridge", "scores", "train_error", "test_error", "learned", "learned_stderr"):
        np.testing.assert_array_equal(getattr(one, name)[:replicas], getattr(two, name)[:replicas], err_msg=name)


WIDE = readout_setting(p=300, d=700, bias=0.0, activation="relu", noise=0.2)  # several tiles and blocks
NARROW = readout_setting(p=100, d=700, bias=0.0, activation="relu", noise=0.2)  # one tile


@pytest.mark.parametrize(
    ("n", "route", "problem"),
    [(1500, "reduced", WIDE), (200, "reduced", WIDE), (1500, "rows", WIDE), (3500, "reduced", NARROW)],
)
def test_threads_and_other_replicas_change_no_bit(
    n: int, route: str, problem: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copies(problem, 3)
    options = {"ridge": GRID, "preprocess": 1, "route": route, "test_samples": 1500, "chunk_bytes": 2**20}
    alone = sim.fit_readout(run, n, threads=1, **options)
    assert_same_bits(alone, sim.fit_readout(run, n, threads=2, **options), 3)
    monkeypatch.setattr("sim.readout.fit.SHARED_BYTES", 0)
    assert_same_bits(alone, sim.fit_readout(run, n, threads=3, replicas=2, **options), 2)


@pytest.mark.parametrize("problem", [WIDE, NARROW])
def test_chunks_matter_to_round_off_only(problem: Setting) -> None:
    run = copies(problem, 1)
    one, two = (sim.fit_readout(run, 1500, 1.0, test_samples=100, chunk_bytes=size, threads=1) for size in (1, 2**30))
    # Gram matrices of 1500 samples differ by 1500 eps of their largest entries, at most 1500 / p E sigma^2 < 1500 / p
    # a diagonal and |Gram| < 1500; solving with a penalty of 1 multiplies that by at most 1 + |Gram|.
    bound = 1500 * np.finfo(float).eps * 1500**2
    np.testing.assert_allclose(one.coefficients, two.coefficients, rtol=0, atol=bound)
    np.testing.assert_allclose(one.train_error, two.train_error, rtol=0, atol=bound)
    assert (one.coefficients != two.coefficients).any()


def test_seeds_steps_and_streams() -> None:
    run = sim.simulate(readout_setting(steps=2, bias=0.0), replicas=2, at=[0, 2], record="rows")
    last = sim.fit_readout(run, "4*p", 1.0, rng=4)
    assert (last.n, last.step, last.setting) == (32, 2, run.setting)
    assert_coefficients(last, sim.fit_readout(run, 32, 1.0, rng=np.random.SeedSequence(4), at=2))
    generator = np.random.default_rng(0)
    first, second = (sim.fit_readout(run, 32, 1.0, rng=generator, test_samples=4).coefficients for _ in range(2))
    assert (first != second).all()
    before = sim.fit_readout(run, 32, 1.0, rng=4, at=0)
    assert (before.coefficients != last.coefficients).all()
    drawn = [explicit(run, "rows", 0, 0, batch, 50)[2] for batch in (TRAIN, VALIDATION, TEST)]
    assert np.unique(np.concatenate(drawn)).size == 3 * 50 * 30  # no number is drawn twice


def assert_coefficients(one: sim.Readout, two: sim.Readout) -> None:
    np.testing.assert_array_equal(one.coefficients, two.coefficients)


def test_what_is_not_finite_is_nan_and_leaves_others_alone() -> None:
    run = run_of("He2", replicas=3)
    assert run.rows is not None
    whole = sim.fit_readout(run, 20, GRID, test_samples=50)
    rows = run.rows[:, 0].copy()
    rows[1, 2, 3] = np.inf
    rows[2] *= 1e140  # finite, but products of their features are not
    with np.errstate(all="ignore"):
        run = trained(run.setting, rows, BIAS)
    for route in ("rows", "reduced"):
        found = sim.fit_readout(run, 20, GRID, test_samples=50, route=route)
        for name in ("coefficients", "ridge", "scores", "train_error", "test_error", "test_error_stderr", "learned"):
            assert np.isnan(getattr(found, name)[1:]).all(), name
    assert_same_bits(whole, found, 1)
    assert np.isnan(sim.fit_readout(without_rows(run), 20, 1.0, test_samples=50).test_error[1:]).all()


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "ridge below 0": ({"ridge": -1.0}, "at least 0"),
    "ridge NaN": ({"ridge": float("nan")}, "finite"),
    "ridge in a grid": ({"ridge": [1.0, np.inf]}, "finite"),
    "ridge text": ({"ridge": "1"}, "not a number"),
    "ridge nothing": ({"ridge": []}, "empty grid"),
    "ridge 0 left out": ({"ridge": [0.0, 1.0]}, "grid above 0"),
    "n 0": ({"n": 0}, "at least|between 1"),
    "n half": ({"n": 0.5}, "whole number"),
    "n text": ({"n": "4*q"}, "q"),
    "n text 0": ({"n": "p - 8"}, "between 1"),
    "at type": ({"at": [1]}, "holds the steps 1"),
    "ridge table": ({"ridge": np.ones((2, 2))}, "not a number"),
    "at": ({"at": 0}, "holds the steps 1"),
    "choose": ({"choose": "best"}, "known: leave-one-out"),
    "validation": ({"validation": 5}, "choose='validation'"),
    "validation 0": ({"validation": 0, "choose": "validation", "ridge": GRID}, "between 1"),
    "preprocess": ({"preprocess": 2}, "known: None, 0"),
    "preprocess type": ({"preprocess": True}, "known: None, 0"),
    "test_samples": ({"test_samples": 3}, "between 4"),
    "route": ({"route": "short"}, "known: auto, rows"),
    "replicas": ({"replicas": 3}, "between 1 and 2"),
    "threads": ({"threads": 0}, "at least 1"),
    "chunk_bytes": ({"chunk_bytes": 0}, "at least 1"),
    "rng": ({"rng": None}, "SeedSequence"),
    "memory": ({"n": 10**6, "run": "wide"}, "not enough memory"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_with_advice(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options, message = BAD[name]
    if options.get("run") == "wide":
        monkeypatch.setattr("sim.readout.fit.memory", lambda: 1e3)
    arguments = {"run": run_of(), "n": 20, "ridge": 1.0, **{k: v for k, v in options.items() if k != "run"}}
    with pytest.raises(ProblemError, match=message):
        sim.fit_readout(**arguments)


def test_bad_runs_are_refused() -> None:
    run = run_of()
    with pytest.raises(ProblemError, match="not a Run"):
        sim.fit_readout(run.overlaps, 5, 1.0)  # type: ignore[arg-type]
    with pytest.raises(ProblemError, match="bias has shape"):
        sim.fit_readout(replace(run, bias=run.bias[:, 1:]), 5, 1.0)
    with pytest.raises(ProblemError, match="no rows"):
        sim.fit_readout(without_rows(run), 5, 1.0, route="rows")
    with pytest.raises(ProblemError, match="neither rows nor Gram"):
        sim.fit_readout(replace(run, rows=None, gram=None), 5, 1.0)
    for name in ("overlaps", "gram", "rows"):
        shortened = replace(run, **{"rows": None, name: getattr(run, name)[:, :, :-1]})
        with pytest.raises(ProblemError, match=rf"{name} have shape .*; expected"):
            sim.fit_readout(shortened, 5, 1.0)
    with pytest.raises(ProblemError, match="p \\+ k = 10 and d = 9"):
        sim.fit_readout(run_of(d=9), 5, 1.0, route="reduced")
    with pytest.raises(ProblemError, match="no rows"):
        sim.fit_readout(without_rows(run_of(d=9)), 5, 1.0)
    assert run.gram is not None
    for change in (-np.diag([2.0] + [0.0] * 7), np.triu(np.full((8, 8), 0.1), 1)):
        with pytest.raises(ProblemError, match="not the Gram matrix"):
            sim.fit_readout(replace(run, rows=None, gram=run.gram + change), 5, 1.0)
