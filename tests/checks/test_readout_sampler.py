"""The plain second layer that carries a planted error: right without it, and the lie shows in training errors."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ks_2samp

import sim
from checks.samplers import readout
from theory import ProblemError, Regime, Setting, Student, Target

SETTING = Setting(
    Target("z1 + z1*z2", noise=0.5),
    Student("softplus", 12, init="plain", bias="gaussian"),
    Regime(d=12, n=48, eta="8*p", loss="correlation", preprocess=1),
)
REPLICAS, LEVEL = 600, 1e-6  # how often two equal laws would be told apart


def errors(setting=SETTING, lie=None):
    found = readout.simulate(setting, np.random.default_rng(3), REPLICAS, lie).readout(48, 0.3, test_samples=64)
    return {"training": found.train_error, "test": found.test_error}


def test_it_has_the_law_of_the_simulator():
    run = sim.simulate(SETTING, 4, REPLICAS, record=("rows",))
    ours = run.readout(48, 0.3, 5, test_samples=64)
    plain = errors()
    assert ks_2samp(plain["training"], ours.train_error, method="asymp").pvalue > LEVEL
    assert ks_2samp(plain["test"], ours.test_error, method="asymp").pvalue > LEVEL


def test_a_second_layer_fitted_on_the_gradients_batch_looks_better_than_it_is():
    setting = Setting(SETTING.target, SETTING.student, replace(SETTING.regime, preprocess=None))
    fresh, reused = errors(setting), errors(setting, readout.BATCH_REUSED)
    gap = np.mean(fresh["training"]) - np.mean(reused["training"])
    deviation = np.hypot(*(np.std(part["training"]) / REPLICAS**0.5 for part in (fresh, reused)))
    assert gap > 6 * deviation


def test_it_refuses_what_it_cannot_do():
    with pytest.raises(ProblemError, match="batch has 48 samples"):
        readout.simulate(SETTING, np.random.default_rng(0), 1, readout.BATCH_REUSED).readout(49, 0.1, test_samples=4)
    squared = Setting(SETTING.target, SETTING.student, replace(SETTING.regime, loss="squared"))
    with pytest.raises(ProblemError, match="correlation loss"):
        readout.simulate(squared, np.random.default_rng(0), 1, None)
