"""The simulator of reused batches without data: the law of explicit descent, and what it may depend on."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import ModuleType

import numpy as np
import pytest
from sim_laws import LEVEL, assert_no_bit_depends_on_grouping, rows_over_time, smallest_p_value
from sim_problems import setting

import sim
from sim import errors
from sim.algebra import orthonormal, products
from sim.data import Teacher
from sim.dice import descent as dice
from sim.dice import ledger, samples, sweeps
from sim.dice.plan import Plan
from sim.job import Job
from sim.record import make_record
from sim.threads import Crew
from tests import oracle
from theory.problem import ProblemError, Setting

REPLICAS = 4000
RECORD = ("overlaps", "gram", "train_error")


def reused(target: str = "z1 + z1*z2", **options: object) -> Setting:
    return setting(target, **{"batch": "reused", **options})  # type: ignore[arg-type]


CORNERS = {
    "symmetric pairs": reused(activation="relu", d=12, n=14, p=4, steps=3, noise=1.0, second_layer="rademacher"),
    "three directions, ntk": reused(
        "z1 + z1*z2 - z3/2 + He3(z2)/6", d=9, n=20, p=3, init="plain", scaling="ntk", bias="gaussian", eta=1.0, steps=3
    ),
    "all of R^d looked at": reused("z1 + z2**2", d=5, n=9, p=6, bias="uniform", steps=2),
    "k = d": reused("z1 + z2**2", d=2, n=5, p=2, steps=3),
    "k = d, batches in turn": setting("z1 + z2**2", batch=(0, 0, 1), d=2, n=5, p=2, steps=3),
    "more neurons than samples": reused("z1", activation="relu", d=30, n=3, p=8, steps=3),
    "one sample, one neuron": reused("z1*z2", d=4, n=1, p=1, init="plain", eta=0.5, steps=3, noise=0.5),
    "correlation loss": reused(loss="correlation", activation="relu", d=10, n=12, p=4, bias=0.5, steps=2),
    "unit rows, two batches in turn": setting(batch=(0, 1, 0, 1), normalize_rows=True, d=8, n=10, p=2, steps=4),
    "weight decay, each batch twice": setting(
        batch=(7, 7, 0, 0), weight_decay=0.2, eta=1.5, d=8, n=10, p=3, init="plain", steps=4
    ),
    "fresh": setting("z1*z2 + z1", d=6, n=7, p=3, init="plain", steps=3),
    "mean removed": reused("z1 + z2**2", preprocess=0, noise=0.5, d=8, n=6, p=4, steps=2),
    "linear part removed": setting("z1 + z1*z2", batch=(1, 0, 1), preprocess=1, noise=0.5, d=9, n=8, p=2, steps=3),
    "linear part removed, p + k > d": reused("z1*z2 + z1", preprocess=1, d=4, n=7, p=3, init="plain", steps=2),
    "look-ahead": reused(extragradient=1.0, activation="relu", d=7, n=8, p=2, init="plain", steps=2),
    "look-ahead, symmetric pairs, fresh": setting(extragradient="p", d=9, n=8, p=4, weight_decay=0.1, steps=2),
    "given layers": reused(second_layer=(0.7, 0.0, -0.0, -0.7), bias=(0.1, 0.2, 0.2, 0.1), d=7, n=9, steps=3),
}


@pytest.mark.parametrize("name", CORNERS)
def test_same_law_as_explicit_descent(name: str) -> None:
    one = sim.simulate(CORNERS[name], 1, REPLICAS, method="dice", record=RECORD)
    assert smallest_p_value(one, oracle.simulate(CORNERS[name], 2, REPLICAS, record=RECORD)) > LEVEL


@pytest.mark.parametrize("name", ["symmetric pairs", "linear part removed"])
def test_same_law_where_samples_are_cut_into_chunks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "CHUNK", 5)
    monkeypatch.setattr(ledger, "TASK_VALUES", 1)
    one = sim.simulate(CORNERS[name], 3, 1000, method="dice", record=RECORD)
    assert smallest_p_value(one, oracle.simulate(CORNERS[name], 4, REPLICAS, record=RECORD)) > LEVEL


def test_same_test_error_as_explicit_descent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "SAMPLES", 2**10)  # the same Monte Carlo noise on both sides
    monkeypatch.setattr(oracle, "TEST_SAMPLES", 2**10)
    problem, record = CORNERS["symmetric pairs"], ("test_error",)
    one = sim.simulate(problem, 5, 1000, method="dice", record=record, at=(0, 3))
    assert smallest_p_value(one, oracle.simulate(problem, 6, 1000, record=record, at=(0, 3))) > LEVEL


@pytest.mark.parametrize("name", ["weight decay, each batch twice", "linear part removed", "all of R^d looked at"])
def test_rows_have_the_law_of_explicit_rows_jointly_over_time(name: str) -> None:
    """Products of rows at different times, and single coordinates outside the teacher's."""
    problem = CORNERS[name]

    one = rows_over_time(sim.simulate(problem, 7, REPLICAS, method="dice", record=("rows",)))
    assert smallest_p_value(one, rows_over_time(oracle.simulate(problem, 8, REPLICAS, record=RECORD))) > LEVEL


LINEAR = {"activation": "He1", "p": 1, "init": "plain", "second_layer": (1.0,), "steps": 3}


@pytest.mark.parametrize(("d", "n", "replicas"), [(3, 4, 20_000), (3, 2, 20_000), (60, 120, 4000)])
def test_mean_overlap_of_a_linear_student_exactly(d: int, n: int, replicas: int) -> None:
    """1 - E tr (1 - eta X^T X / n)^t / d, from the first moments of a Wishart matrix; level 1e-6, by the CLT."""
    eta = 0.3
    one, two, three = eta, eta**2 * (n + d + 1) / n, eta**3 * (n * n + d * d + 3 * n * d + 3 * n + 3 * d + 4) / n**2
    overlaps = sim.simulate(reused("z1", d=d, n=n, eta=eta, **LINEAR), 9, replicas, method="dice").overlaps[:, 1:, 0, 0]
    wrong = overlaps.mean(axis=0) - (one, 2 * one - two, 3 * one - 3 * two + three)
    assert np.all(np.abs(wrong) < 5.2 * overlaps.std(axis=0) / np.sqrt(replicas))  # P(|N(0, 1)| > 5.2) = 2e-7


# Few samples and two batches in turn: every part of the conditioning weighs.
PLANTED = setting(
    "z1", batch=(0, 1, 0, 1, 0, 1), d=5, n=3, p=2, init="plain", second_layer=(2.0, 2.0), eta=1.0, noise=0.5, steps=6
)


@pytest.fixture(scope="module")
def truth() -> sim.Run:
    return oracle.simulate(PLANTED, 10, REPLICAS, record=RECORD)


def p_value(truth: sim.Run, problem: Setting = PLANTED) -> float:
    return smallest_p_value(sim.simulate(problem, 11, REPLICAS, method="dice", record=RECORD), truth)


def test_the_comparison_passes_without_a_planted_error(truth: sim.Run) -> None:
    assert p_value(truth) > LEVEL


def test_the_comparison_sees_a_batch_that_is_redrawn(truth: sim.Run) -> None:
    assert p_value(truth, replace(PLANTED, regime=replace(PLANTED.regime, batch="fresh"))) < LEVEL


@pytest.mark.parametrize("wrong", [-2, 2])
def test_the_comparison_sees_wrong_degrees_of_freedom(
    wrong: int, truth: sim.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill = ledger.fill_bartlett
    shifted = lambda *arguments: fill(*arguments[:-2], np.maximum(arguments[-2] + wrong, 0), arguments[-1])  # noqa: E731
    monkeypatch.setattr(ledger, "fill_bartlett", shifted)
    assert p_value(truth) < LEVEL


def test_the_comparison_sees_coordinates_that_are_not_drawn_when_explored_before(
    truth: sim.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "fill_stack", lambda *arguments: arguments[-1].fill(0.0))
    assert p_value(truth) < LEVEL


def test_the_comparison_sees_fields_that_are_not_projected(truth: sim.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = ledger.draw

    def unprojected(*arguments: np.ndarray) -> None:
        draw(*arguments)
        arguments[-1][:] = 0.0

    monkeypatch.setattr(ledger, "draw", unprojected)
    assert p_value(truth) < LEVEL


def test_the_comparison_sees_gradients_that_are_not_projected(truth: sim.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    settle = ledger.settle

    def unprojected(
        known: sweeps.Known, fresh: np.ndarray, seen: np.ndarray, normals: np.ndarray, *rest: np.ndarray
    ) -> None:
        back = normals @ known.right[:, :, : normals.shape[2]].swapaxes(1, 2)
        settle(known, fresh, seen + back, normals, *rest)

    monkeypatch.setattr(ledger, "settle", unprojected)
    assert p_value(truth) < LEVEL


def finished(problem: Setting, replicas: int = 1) -> tuple[sweeps.Known, np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """What is known of the last batch after a run; the rows begun with; what was recorded; labels."""
    job = Job(
        problem, Teacher(problem.target), make_record(problem, RECORD, "all"), np.random.SeedSequence(12),
        0, replicas, 1, np.dtype(float), None, lambda fraction: None,
    )  # fmt: skip
    with Crew(1) as crew:
        group = dice._Group(job, Plan(problem, True), 0, replicas, crew, lambda part: None)
        arrays = group.run()
    (batch,) = group._live.values()
    return batch._ledger.known, group._begin.coordinates, arrays, batch._labels


def flat(chunks: np.ndarray, rows: int, n: int) -> np.ndarray:
    """(rows, n) from (chunks, >= rows, width)."""
    return np.concatenate(list(chunks[:, :rows]), axis=1)[:, :n]


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("eta", [1e-12, 1e-9, 1e-6, 1e-2, 4.0])
@pytest.mark.parametrize(("n", "d"), [(500, 1000), (3000, 150), (150, 1000)])
def test_two_hundred_directions_stay_orthonormal_at_any_step_size(activation: str, eta: float, n: int, d: int) -> None:
    problem = reused("z1 + He3(z2)", activation=activation, d=d, n=n, p=4, steps=50, eta=eta)
    known, _, _, _ = finished(problem)
    a, m = known.rights[0], known.lefts[0]
    right, left, back = known.right[0, :a], flat(known.left[0], m, n), known.back[0, :m]
    images = flat(known.images[0], a, n)
    assert np.abs(left @ left.T - np.eye(m)).max() < 1e-13
    assert np.abs(right @ right.T - np.eye(a)).max() < 1e-13
    assert np.abs(left @ images.T - back @ right.T).max() < 1e-12  # S (X A^T) and (S X) A^T, of entries up to 100
    assert (m <= min(n, 200)) & (a <= min(d, 202))
    if eta == 4.0 and activation == "tanh":
        assert (m, a) == (min(n, 198), min(d, 202, n + 4))


@pytest.mark.parametrize(
    "problem",
    [
        reused("z1*z2 + z1", preprocess=1, d=20, n=30, p=4, steps=4, weight_decay=0.1, extragradient=1.0),
        reused("z1*z2 + z1", activation="relu", preprocess=0, d=5, n=30, p=3, init="plain", steps=4, bias="gaussian"),
        reused("z1", d=20, n=7, p=4, steps=4, normalize_rows=True),
        reused("z1*z2 + z1", d=50, n=70, p=24, steps=4, loss="correlation", preprocess=1),
    ],
)
@pytest.mark.parametrize("chunk", [1024, 12])
def test_a_run_is_explicit_descent_on_the_matrix_it_tells_of(
    problem: Setting, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Path by path: X = A^T B + C^T S - A^T B S^T S on the coordinates explored, whatever it is elsewhere."""
    monkeypatch.setattr(ledger, "CHUNK", chunk)
    known, begin, arrays, labels = finished(problem, 2)
    student, regime, n, squared = problem.student, problem.regime, problem.n, problem.regime.loss == "squared"
    sigma, derivative = (
        oracle.compiled((student.activation.symbol,), e)
        for e in (student.activation.expr, student.activation.derivative)
    )
    for r in range(2):
        a, m = known.rights[r], known.lefts[r]
        right, left, back, images = (
            known.right[r, :a],
            flat(known.left[r], m, n),
            known.back[r, :m],
            flat(known.images[r], a, n),
        )
        x = images.T @ right + left.T @ back - left.T @ (left @ images.T) @ right
        rows, bias, output = (
            np.pad(begin[r], ((0, 0), (0, x.shape[1] - begin.shape[2]))),
            arrays["bias"][r],
            arrays["alpha"][r] / student.p,
        )
        y = labels[r].ravel()[:n]
        raw = oracle.compiled(problem.target.symbols, problem.target.expr)(*x.T[: problem.target.k])
        mean = raw.mean() if regime.preprocess is not None else 0.0
        linear = x @ (raw @ x) / n if regime.preprocess == 1 else 0.0
        np.testing.assert_allclose(y, raw - mean - linear, atol=1e-11)
        for step in range(regime.steps + 1):
            np.testing.assert_allclose(rows[:, : problem.target.k], arrays["overlaps"][r, step], atol=1e-11)
            np.testing.assert_allclose(rows @ rows.T, arrays["gram"][r, step], atol=1e-11)
            residual = lambda w: y - oracle.network(w, output, bias, sigma, x) * squared  # noqa: B023, E731
            error = np.mean((y - oracle.network(rows, output, bias, sigma, x)) ** 2)
            np.testing.assert_allclose(error, arrays["train_error"][r, step], rtol=1e-10)
            slope = lambda w: oracle.gradient(w, output, bias, derivative, x, residual(w))  # noqa: B023, E731
            ahead = rows + problem.extragradient * slope(rows)
            rows = (1 - problem.eta * regime.weight_decay) * rows + problem.eta * slope(ahead)
            if regime.normalize_rows:
                rows /= np.linalg.norm(rows, axis=1)[:, None]


def bits(problem: Setting, **options: object) -> list[np.ndarray]:
    run = sim.simulate(problem, 13, method="dice", record=("train_error",), **options)  # type: ignore[arg-type]
    return [run.overlaps, run.gram, run.train_error, run.alpha]  # type: ignore[list-item]


LARGE = reused(activation="relu", d=40, n=70_000, p=4, steps=2, noise=0.3, preprocess=1)


@pytest.mark.parametrize("problem", [CORNERS["given layers"], CORNERS["more neurons than samples"], LARGE])
def test_threads_groups_and_other_replicas_change_no_bit(problem: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_no_bit_depends_on_grouping(partial(bits, problem), monkeypatch)


@pytest.mark.parametrize(
    "problem",
    [
        CORNERS["symmetric pairs"],
        CORNERS["weight decay, each batch twice"],
        LARGE,
        reused(d=40, n=70_000, p=4, steps=2, noise=0.3),
        setting(batch=(0, 1, 0, 1), d=40, n=100_000, p=4, steps=4, preprocess=1),
    ],
    ids=["symmetric pairs", "weight decay", "large, linear part removed", "large", "large, two batches in turn"],
)
def test_what_is_recorded_changes_no_bit(problem: Setting) -> None:
    last = problem.regime.steps
    everything = ("gram", "test_error", "train_error", "rows")
    most = sim.simulate(problem, 14, 2, method="dice", record=everything)
    for kinds, at in ((), (last,)), (("train_error",), (1, last)), (("train_error",), (0, 1)), ((), (1,)):
        run = sim.simulate(problem, 14, 2, method="dice", record=kinds, at=at)
        np.testing.assert_array_equal(run.overlaps, most.overlaps[:, at])
        if run.train_error is not None:
            np.testing.assert_array_equal(run.train_error, most.train_error[:, at])


def test_the_large_problems_are_cut_into_several_spans() -> None:
    with Crew(1) as crew:
        for n, lefts in ((70_000, 6), (100_000, 9)):
            address = ledger.Address(np.zeros(2, np.uint64), 0, 1, 0)
            assert len(ledger.Ledger(address, n, 6, 8, lefts, crew, lambda part: None)._spans) > 1


def test_every_kernel_does_what_its_python_twin_does(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = CORNERS["linear part removed"]
    monkeypatch.setattr(ledger, "CHUNK", 3)
    compiled, modules = bits(problem, replicas=2, threads=1), (products, orthonormal, sweeps, ledger, samples)
    found = [name for module in modules for name in twins(module)]
    assert len(found) == 15
    for module in modules:
        for name, plain in twins(module).items():
            for user in (
                other for other in modules if hasattr(other, name) and getattr(other, name) is getattr(module, name)
            ):
                monkeypatch.setattr(user, name, plain)
    for one, two in zip(compiled, bits(problem, replicas=2, threads=1), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-10, atol=1e-12)


def twins(module: ModuleType) -> dict[str, Callable]:
    """The plain function behind every kernel a module defines."""
    kernels = {name: value for name, value in vars(module).items() if hasattr(value, "py_func")}
    return {name: kernel.py_func for name, kernel in kernels.items() if kernel.py_func.__module__ == module.__name__}


@pytest.mark.parametrize(
    "options",
    [
        {"eta": 1e200, "init": "plain"},
        {"eta": 1e200},
        {"eta": 1e60, "init": "plain"},
        {"eta": 1e200, "batch": (0, 0, 1, 1)},
        {"eta": 1e200, "preprocess": 1, "extragradient": 1.0},
    ],
)
def test_divergence_is_recorded_not_raised(options: dict) -> None:
    problem = reused("He3(z1)", activation="He3", steps=4, **options)
    run = sim.simulate(problem, 15, 3, method="dice", record=(*RECORD, "rows", "test_error"))
    assert run.diverged.all()
    assert np.isfinite(run.overlaps[:, :2]).all()
    assert not np.isfinite(run.overlaps[:, -1]).any()


@pytest.mark.parametrize("record", [(), ("rows",)])
@pytest.mark.parametrize("batch", ["reused", "fresh"])
def test_a_neuron_that_diverges_alone_leaves_the_others_alone(batch: str, record: tuple[str, ...]) -> None:
    alone = setting(
        "z1", activation="He3", loss="correlation", p=2, init="plain", second_layer=(1e-3, 1e100), batch=batch, steps=4
    )
    run = sim.simulate(alone, 16, 3, method="dice", record=record)
    assert run.diverged.all()
    assert np.isfinite(run.overlaps[:, :, 0]).all()
    assert np.isnan(run.overlaps[:, -1, 1]).all()


def test_float32_is_refused() -> None:
    with pytest.raises(ProblemError, match="float64"):
        sim.simulate(reused(), method="dice", dtype="float32")
