"""The simulator and the oracle, which share no code and no random numbers, follow the same law."""

from functools import partial

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sim_problems import setting

import sim
from sim import errors
from tests import oracle

simulate = partial(sim.simulate, method="direct")

LEVEL = 1e-6  # of each test function, over all the comparisons it makes
REPLICAS = 2000
TRUTHS = {
    "fresh": setting(activation="relu", d=16, n=16, p=4, steps=2, noise=1.5, eta=6.0, second_layer="rademacher"),
    "reused": setting(
        "z1 + z1**2 - z2",
        d=16,
        n=32,
        p=2,
        steps=3,
        batch="reused",
        init="plain",
        bias="uniform",
        scaling="ntk",
        weight_decay=0.1,
        preprocess=1,
        eta=1.0,
    ),
}


def statistics(run: sim.Run) -> np.ndarray:
    """(replicas, statistics): of two neurons, overlaps, the same times alpha, norms and product; errors."""
    assert run.gram is not None
    overlaps = run.overlaps[:, 1:, :2]  # of the first two neurons
    columns = [
        overlaps.reshape(REPLICAS, -1),
        (run.alpha[:, None, :2, None] * overlaps).reshape(REPLICAS, -1),
    ]
    columns += [run.gram[:, 1:, i, j] for i, j in ((0, 0), (0, 1), (1, 1))]
    columns += [error[:, 1:] for error in (run.test_error, run.train_error) if error is not None]
    return np.concatenate(columns, axis=1)


def smallest_p_value(one: np.ndarray, two: np.ndarray) -> float:
    """Bonferroni over the columns of exact two-sample Kolmogorov-Smirnov p-values."""
    return one.shape[1] * min(ks_2samp(a, b, method="exact").pvalue for a, b in zip(one.T, two.T, strict=True))


@pytest.mark.parametrize("name", TRUTHS)
def test_simulator_and_oracle_agree_in_law(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "SAMPLES", 2**10)  # the same Monte Carlo noise in the test error on both sides
    monkeypatch.setattr(oracle, "TEST_SAMPLES", 2**10)
    record = ("test_error", "train_error")
    one = simulate(TRUTHS[name], rng=11, replicas=REPLICAS, record=record)
    two = oracle.simulate(TRUTHS[name], rng=12, replicas=REPLICAS, record=record)
    assert smallest_p_value(statistics(one), statistics(two)) > LEVEL


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    return statistics(simulate(TRUTHS["fresh"], rng=13, replicas=REPLICAS))


@pytest.mark.parametrize("mutant", oracle.MUTANTS)
def test_the_same_comparison_finds_every_planted_error(mutant: str, truth: np.ndarray) -> None:
    """So that the agreement above means something."""
    two = oracle.simulate(TRUTHS["fresh"], rng=14, replicas=REPLICAS, mutant=mutant)
    assert smallest_p_value(truth, statistics(two)) < LEVEL
