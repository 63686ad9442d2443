"""The simulator of one sample a step: the law of explicit descent, and what it may depend on."""

from dataclasses import replace

import numpy as np
import pytest
from sim_laws import LEVEL, smallest_p_value
from sim_problems import setting

import sim
from sim import errors
from sim.chain import descent as chain
from sim.chain import draws, steps, uses
from tests import oracle
from theory.problem import ProblemError, Setting

REPLICAS = 4000
RECORD = ("gram", "train_error")


def online(target: str = "z1 + z1*z2", **options: object) -> Setting:
    """A setting with one sample a step."""
    return setting(target, **{"n": 1, "eta": "p/2", "steps": 3, "noise": 0.5, **options})  # type: ignore[arg-type]


CORNERS = {
    "symmetric pairs": online(activation="relu", d=12, p=4, second_layer="rademacher", steps=4),
    "symmetric pairs, p + k = d": online("z1 + z2**2", d=6, p=4, bias="uniform"),
    "p + k = d": online("z1 + z2**2", d=6, p=4, init="plain", second_layer="gaussian"),
    "p + k = d - 1": online("z1*z2", d=6, p=3, init="plain"),
    "a plane": online("He2(z1)", activation="relu", d=2, p=1, init="plain", second_layer=(1.0,), eta=0.3, steps=5),
    "three directions, ntk": online(
        "z1 + z1*z2 - z3/2 + He3(z2)/6", d=9, p=3, init="plain", scaling="ntk", bias="gaussian", eta=0.3, noise=0.0
    ),
    "correlation loss": online(loss="correlation", activation="relu", d=10, p=4, bias=0.5),
    "unit rows": online(normalize_rows=True, d=8, p=2, steps=4),
    "weight decay": online(weight_decay=0.3, eta=1.5, d=8, p=3, init="plain"),
    "every sample twice": online(batch=(0, 0, 1, 1), steps=4, activation="relu", d=7, p=2, init="plain"),
    "every sample twice, p + k = d": online(
        "z1", batch=(5, 5, 0, 0), steps=4, d=4, p=3, init="plain", weight_decay=0.2
    ),
    "one sample for all": online(batch="reused", d=6, p=2, normalize_rows=True),
    "now and then": online(batch=(3, 7, 7, 7, 1), steps=5, d=9, p=4, loss="correlation"),
    "look-ahead": online(extragradient=0.4, d=7, p=2, init="plain"),
    "look-ahead, symmetric pairs": online(extragradient="p/3", activation="relu", d=9, p=4, weight_decay=0.1),
    "look-ahead, correlation loss, p + k = d": online(
        "z1", extragradient=0.5, loss="correlation", d=4, p=3, init="plain"
    ),
    "look-ahead, every sample twice": online(
        extragradient=0.3, batch=(0, 0, 1), normalize_rows=True, d=6, p=3, init="plain"
    ),
    "given layers": online(second_layer=(0.7, 0.0, -0.0, -0.7), bias=(0.1, 0.2, 0.2, 0.1), d=7),
}


@pytest.mark.parametrize("name", CORNERS)
def test_same_law_as_explicit_descent(name: str) -> None:
    one = sim.simulate(CORNERS[name], 1, REPLICAS, method="chain", record=RECORD)
    assert smallest_p_value(one, oracle.simulate(CORNERS[name], 2, REPLICAS, record=RECORD)) > LEVEL


def test_same_test_error_as_explicit_descent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "SAMPLES", 2**10)  # the same Monte Carlo noise on both sides
    monkeypatch.setattr(oracle, "TEST_SAMPLES", 2**10)
    problem, record = CORNERS["symmetric pairs"], ("test_error",)
    one = sim.simulate(problem, 3, 1000, method="chain", record=record, at=(0, 2, 4))
    assert smallest_p_value(one, oracle.simulate(problem, 4, 1000, record=record, at=(0, 2, 4))) > LEVEL


# Gradients of nearly constant size, so that the law shows what else went into the step: p-values are below 1e-20.
PLANTED = online(
    "2 + z1*z2/2", activation="softplus", d=7, p=2, init="plain", second_layer=(1.0, -0.7), eta=1.0,
    batch=(0, 0, 1), extragradient=0.5, noise=0.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def truth() -> sim.Run:
    return oracle.simulate(PLANTED, 5, REPLICAS, record=RECORD)


def p_value(truth: sim.Run) -> float:
    return smallest_p_value(sim.simulate(PLANTED, 6, REPLICAS, method="chain", record=RECORD), truth)


def test_the_comparison_passes_without_a_planted_error(truth: sim.Run) -> None:
    assert p_value(truth) > LEVEL


@pytest.mark.parametrize("wrong", [-2, 2])
def test_the_comparison_sees_degrees_of_freedom_off_by_k(
    wrong: int, truth: sim.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shifted(key: np.ndarray, first: int, block: int, df: int, *others: object) -> None:
        draws.draw_samples(key, first, block, df + wrong, *others)

    monkeypatch.setattr(chain, "draw_samples", shifted)
    assert p_value(truth) < LEVEL


def test_the_comparison_sees_a_length_without_its_part_outside(truth: sim.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def short(rate: float, signals: np.ndarray, inputs: np.ndarray, index: int, sample: np.ndarray,
              fields: np.ndarray) -> None:  # fmt: skip
        inside = sample.copy()
        inside[-1] = 0.0
        look_ahead(rate, signals, inputs, index, inside, fields)

    look_ahead = steps.look_ahead
    monkeypatch.setattr(steps, "look_ahead", short)
    monkeypatch.setattr(chain, "advance", steps._advance)
    assert p_value(truth) < LEVEL


def test_the_comparison_sees_a_second_use_of_a_fresh_sample(truth: sim.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "Uses", lambda regime: uses.Uses(replace(regime, batch="fresh")))
    assert p_value(truth) < LEVEL


def test_the_comparison_sees_a_sample_that_does_not_turn_with_the_basis(
    truth: sim.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unturned(root: np.ndarray, sample: np.ndarray, rate: float, signals: np.ndarray) -> None:
        add_sample(root, sample.copy(), rate, signals)

    add_sample = steps.add_sample
    monkeypatch.setattr(steps, "add_sample", unturned)
    monkeypatch.setattr(chain, "advance", steps._advance)
    assert p_value(truth) < LEVEL


LONG = online(d=30, p=4, steps=600, batch=tuple(i // 2 for i in range(600)), eta="p/d", activation="tanh")


def bits(problem: Setting, **options: object) -> list[np.ndarray]:
    run = sim.simulate(problem, 10, method="chain", record=("train_error",), **options)  # type: ignore[arg-type]
    return [run.overlaps, run.gram, run.train_error, run.alpha]  # type: ignore[list-item]


def test_threads_groups_and_other_replicas_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    many = bits(LONG, replicas=37, threads=1)
    for one, two in zip(many, bits(LONG, replicas=37, threads=3), strict=True):
        np.testing.assert_array_equal(one, two)
    for one, two in zip(many, bits(LONG, replicas=3, threads=1), strict=True):
        np.testing.assert_array_equal(one[:3], two)
    for name in ("PART_BYTES", "SNAPSHOT_BYTES", "STRETCH", "BLOCKS"):
        monkeypatch.setattr(chain, name, 0)
    monkeypatch.setattr(chain, "LOOKS", 7)
    for one, two in zip(many, bits(LONG, replicas=37, threads=2), strict=True):
        np.testing.assert_array_equal(one, two)


def test_what_is_recorded_and_how_long_it_goes_on_changes_no_bit() -> None:
    everything = bits(LONG, replicas=5)
    for one, two in zip(everything[:3], bits(LONG, replicas=5, at=(0, 511, 512, 600)), strict=False):
        np.testing.assert_array_equal(one[:, [0, 511, 512, 600]], two)
    shorter = replace(LONG, regime=replace(LONG.regime, steps=300, batch=LONG.regime.batch[:300]))
    for one, two in zip(everything[:2], bits(shorter, replicas=5), strict=False):
        np.testing.assert_array_equal(one[:, :301], two)


def test_progress_goes_up_to_one() -> None:
    calls: list[float] = []
    sim.simulate(LONG, 10, 3, method="chain", progress=calls.append)
    assert calls == sorted(calls)
    assert calls[-1] == 1.0


def test_any_dimension() -> None:
    run = sim.simulate(online(d=10**9, eta="p/d", steps=5, batch="fresh"), 11, 50, method="chain")
    np.testing.assert_allclose(np.einsum("rtii->rt", run.gram)[:, 0], 4.0, rtol=1e-12)
    assert abs(run.overlaps[:, 0]).max() < 1e-3
    assert abs(run.overlaps[:, -1]).max() < 1e-3


def test_divergence_is_recorded_not_raised() -> None:
    problem = online("He3(z1)", activation="He3", eta=1e200)
    run = sim.simulate(problem, 12, 3, method="chain", record=("test_error", "train_error"))
    assert run.diverged.all()
    assert np.isfinite(run.overlaps[:, 0]).all()


@pytest.mark.parametrize(
    ("problem", "options", "reason"),
    [
        (online(n=2), {}, "n = 1"),
        (online(preprocess=0), {}, "one label"),
        (online(d=5, p=4), {}, "p [+] k <= d"),
        (online(batch=(0, 1, 0)), {}, "comes back"),
        (online(), {"record": ("rows",)}, "no rows"),
        (online(), {"dtype": "float32"}, "float64"),
    ],
)
def test_what_it_cannot_do_is_refused_with_the_reason(problem: Setting, options: dict, reason: str) -> None:
    with pytest.raises(ProblemError, match=reason):
        sim.simulate(problem, method="chain", **options)
