"""The simulator of fresh batches in reduced coordinates: the law of explicit descent, and what it may depend on."""

from functools import partial

import numpy as np
import pytest
from sim_laws import LEVEL, assert_no_bit_depends_on_grouping, rows_over_time, smallest_p_value
from sim_problems import setting

import sim
from sim import errors
from sim.algebra import small
from sim.conditioned import descent as conditioned
from sim.conditioned.removed import Removed
from tests import oracle
from theory.problem import ProblemError, Setting

REPLICAS = 4000

CORNERS = {
    "symmetric pairs": setting(activation="relu", d=12, n=14, p=4, steps=3, noise=1.0, second_layer="rademacher"),
    "three directions, ntk": setting(
        "z1 + z1*z2 - z3/2 + He3(z2)/6", d=9, n=20, p=3, init="plain", scaling="ntk", bias="gaussian", eta=1.0, steps=2
    ),
    "p + k = d": setting("z1 + z2**2", d=6, n=7, p=4, init="plain", second_layer="gaussian", steps=3),
    "p + k > d": setting("z1 + z2**2", d=5, n=9, p=6, bias="uniform", steps=2),
    "k = d": setting("z1 + z2**2", d=2, n=5, p=2, steps=2),
    "more neurons than samples": setting("z1", activation="relu", d=30, n=3, p=8, steps=2),
    "one sample, one neuron": setting("z1*z2", d=4, n=1, p=1, init="plain", eta=0.5, steps=3, noise=0.5),
    "correlation loss": setting(loss="correlation", activation="relu", d=10, n=12, p=4, bias=0.5, steps=2),
    "unit rows": setting(normalize_rows=True, d=8, n=10, p=2, steps=3),
    "weight decay": setting(weight_decay=0.2, eta=1.5, d=8, n=10, p=3, init="plain", steps=2),
    "mean removed": setting("z1 + z2**2", preprocess=0, noise=0.5, d=8, n=6, p=4, steps=2),
    "linear part removed": setting("z1 + z1*z2", preprocess=1, noise=0.5, d=9, n=8, p=2, steps=2),
    "linear part removed, p + k = d": setting("z1*z2 + z1", preprocess=1, d=5, n=7, p=3, init="plain", steps=2),
    "linear part removed, one sample": setting(
        "1 + z1",
        d=6,
        n=1,
        p=1,
        steps=2,
        activation="softplus",
        init="plain",
        noise=1.0,
        second_layer=(1,),
        eta=0.3,
        preprocess=1,
    ),
    "linear part removed, one dimension outside": setting(
        "z1",
        d=3,
        n=12,
        p=1,
        steps=2,
        activation="softplus",
        init="plain",
        noise=2.0,
        second_layer=(1,),
        eta=2.0,
        preprocess=1,
    ),
    "given layers": setting(second_layer=(0.7, 0.0, -0.0, -0.7), bias=(0.1, 0.2, 0.2, 0.1), d=7, n=9, steps=2),
}


@pytest.mark.parametrize("name", CORNERS)
def test_same_law_as_explicit_descent(name: str) -> None:
    one = sim.simulate(CORNERS[name], 1, REPLICAS, method="conditioned")
    assert smallest_p_value(one, oracle.simulate(CORNERS[name], 2, REPLICAS)) > LEVEL


def test_same_law_of_test_and_training_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "SAMPLES", 2**10)  # the same Monte Carlo noise in the test error on both sides
    monkeypatch.setattr(oracle, "TEST_SAMPLES", 2**10)
    problem, record = CORNERS["mean removed"], ("test_error", "train_error")
    one = sim.simulate(problem, 1, 2000, method="conditioned", record=record, at=(0, 1))
    assert smallest_p_value(one, oracle.simulate(problem, 2, 2000, record=record, at=(0, 1))) > LEVEL


# Noise is most of the gradient, so that what is wrong with it shows.
PLANTED = setting("z1", activation="softplus", d=8, n=10, p=2, init="plain", noise=3.0, second_layer=(1, 1), steps=2)


@pytest.fixture(scope="module")
def truth() -> sim.Run:
    return oracle.simulate(PLANTED, 3, REPLICAS)


def test_the_comparison_misses_no_wishart_part(truth: sim.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditioned, "root", lambda gram: 0.0 * gram)
    assert smallest_p_value(sim.simulate(PLANTED, 4, REPLICAS, method="conditioned"), truth) < LEVEL


@pytest.mark.parametrize("wrong", [-2, 2])
def test_the_comparison_sees_wrong_degrees_of_freedom(
    wrong: int, truth: sim.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shifted(*arguments: np.ndarray) -> np.ndarray:
        return small.bartlett(*arguments[:-1], arguments[-1] + wrong)  # type: ignore[arg-type]

    monkeypatch.setattr(conditioned, "bartlett", shifted)
    assert smallest_p_value(sim.simulate(PLANTED, 5, REPLICAS, method="conditioned"), truth) < LEVEL


def test_the_comparison_sees_a_root_that_is_no_root(truth: sim.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def diagonal(gram: np.ndarray) -> np.ndarray:
        return np.sqrt(gram * np.eye(gram.shape[1]))  # neurons' noise independent

    monkeypatch.setattr(conditioned, "root", diagonal)
    assert smallest_p_value(sim.simulate(PLANTED, 6, REPLICAS, method="conditioned"), truth) < LEVEL


def test_the_comparison_sees_noise_along_the_labels_whose_linear_part_is_removed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    restore = Removed.restore

    def unprojected(removed: Removed, inside: np.ndarray, gram: np.ndarray, against: np.ndarray) -> None:
        restore(removed, inside, gram.copy(), against)

    monkeypatch.setattr(Removed, "restore", unprojected)
    problem = CORNERS["linear part removed, one sample"]
    truth = oracle.simulate(problem, 2, REPLICAS)
    assert smallest_p_value(sim.simulate(problem, 1, REPLICAS, method="conditioned"), truth) < LEVEL


def test_the_comparison_sees_a_degree_too_many_where_the_linear_part_is_removed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def shifted(*arguments: np.ndarray) -> np.ndarray:
        return small.bartlett(*arguments[:-1], arguments[-1] + 1)  # type: ignore[arg-type]

    monkeypatch.setattr(conditioned, "bartlett", shifted)
    problem = CORNERS["linear part removed, one dimension outside"]
    truth = oracle.simulate(problem, 2, REPLICAS)
    assert smallest_p_value(sim.simulate(problem, 1, REPLICAS, method="conditioned"), truth) < LEVEL


def test_rows_have_the_recorded_overlaps_and_gram_matrices_at_all_times() -> None:
    run = sim.simulate(CORNERS["linear part removed"], 7, 20, method="conditioned", record=("rows",))
    assert run.rows is not None
    assert run.gram is not None
    np.testing.assert_allclose(run.rows[..., :2], run.overlaps, atol=1e-12)
    np.testing.assert_allclose(run.rows @ run.rows.swapaxes(-1, -2), run.gram, atol=1e-12)


@pytest.mark.parametrize("name", ["symmetric pairs", "linear part removed", "p + k = d"])
def test_rows_have_the_law_of_explicit_rows_jointly_over_time(name: str) -> None:
    """Products of rows at different times, and single coordinates outside the teacher's."""
    problem = CORNERS[name]

    one = rows_over_time(sim.simulate(problem, 8, REPLICAS, method="conditioned", record=("rows",)))
    two = rows_over_time(oracle.simulate(problem, 9, REPLICAS))
    assert smallest_p_value(one, two) > LEVEL


def bits(problem: Setting, **options: object) -> list[np.ndarray]:
    run = sim.simulate(problem, 10, method="conditioned", record=("train_error",), at=(0, 1), **options)
    return [run.overlaps, run.gram, run.train_error, run.alpha]


LARGE = setting(activation="relu", d=40, n=70_000, p=4, steps=2, noise=0.3, preprocess=1)


SINGULAR = setting("z1", activation="relu", d=9, n=6, p=4, init="plain", steps=3)  # in some replicas neurons die


@pytest.mark.parametrize("problem", [CORNERS["linear part removed"], LARGE], ids=["small", "large"])
def test_threads_groups_and_other_replicas_change_no_bit(problem: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_no_bit_depends_on_grouping(partial(bits, problem), monkeypatch)


def test_singular_replicas_do_not_change_the_others() -> None:
    together = sim.simulate(SINGULAR, 13, 60, method="conditioned", threads=1)
    assert (together.gram[:, 0] == together.gram[:, 1])[:, range(4), range(4)].any()  # a neuron that did not move
    for count in (1, 7):
        alone = sim.simulate(SINGULAR, 13, count, method="conditioned", threads=1)
        np.testing.assert_array_equal(alone.gram, together.gram[:count])


@pytest.mark.parametrize("problem", [CORNERS["symmetric pairs"], setting(d=90, n=30, p=70, steps=2)])
def test_what_is_recorded_changes_no_bit(problem: Setting) -> None:
    one = sim.simulate(problem, 11, 5, method="conditioned", at=(problem.regime.steps,))
    two = sim.simulate(problem, 11, 5, method="conditioned", record=("gram", "test_error", "rows"))
    np.testing.assert_array_equal(one.overlaps[:, 0], two.overlaps[:, -1])


def test_divergence_is_recorded_not_raised() -> None:
    problem = setting("He3(z1)", activation="He3", eta=1e200, steps=3)
    run = sim.simulate(problem, 12, 3, method="conditioned")
    assert run.diverged.all()


@pytest.mark.parametrize("record", [(), ("rows",)])
def test_a_neuron_that_diverges_alone_leaves_the_others_alone(record: tuple[str, ...]) -> None:
    alone = setting("z1", activation="He3", loss="correlation", p=2, init="plain", second_layer=(1e-3, 1e100), steps=4)
    run = sim.simulate(alone, 16, 3, method="conditioned", record=record)
    assert run.diverged.all()
    assert np.isfinite(run.overlaps[:, :, 0]).all()
    assert not np.isfinite(run.overlaps[:, -1, 1]).any()


@pytest.mark.parametrize(
    ("problem", "options", "reason"),
    [
        (setting(batch="reused", steps=2), {}, "used twice"),
        (setting(extragradient=0.5), {}, "used twice"),
        (setting(), {"record": ("train_error",)}, "after the last step"),
        (setting(), {"dtype": "float32"}, "float64"),
    ],
)
def test_what_it_cannot_do_is_refused_with_the_reason(problem: Setting, options: dict, reason: str) -> None:
    with pytest.raises(ProblemError, match=reason):
        sim.simulate(problem, method="conditioned", **options)
