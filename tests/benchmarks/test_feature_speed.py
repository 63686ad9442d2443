"""What a step, its spikes and its ridge errors cost beside the bare products they need, by plain NumPy on one thread.

Bare: X W^T of the step and its gradient, Z W^T of the features, F^T F, one Cholesky. Ours draws all samples and labels,
applies the activation, finds the 4 largest singular values with their vectors, and takes the test error on as many
samples again. Interleaved; medians.
"""

from typing import Any

import numpy as np
import pytest
import scipy.linalg
from test_sim_speed import median_ratios

import sim
from sim.threads import single_threaded_blas
from theory.problem import Regime, Setting, Student, Target


def ratio(benchmark: Any, size: int, rounds: int) -> float:
    """n = d = p = size: ours over bare."""
    student = Student("relu(u) - 1/sqrt(2*pi)", p=size, second_layer="gaussian", init="plain")
    target = Target("z1 + He2(z1)/2", noise=0.1)
    setting = Setting(target, student, Regime(size, size, eta="2*n**0.3*p**(1/2)", loss="correlation"))
    rng = np.random.default_rng(0)
    x, rows, errors, features = (rng.standard_normal((size, size)) for _ in range(4))

    def bare() -> None:
        with single_threaded_blas():
            _ = x @ rows.T
            _ = errors.T @ x
            _ = x @ rows.T
            gram = features.T @ features
            gram.flat[:: size + 1] += 1.0
            scipy.linalg.cholesky(gram, lower=True, overwrite_a=True, check_finite=False)

    def ours() -> None:
        run = sim.simulate(setting, 0, 1, record="rows", at=(0, 1), threads=1)
        run.features(size, 0, at=1, top=4, along="gradient", threads=1)
        run.readout(size, 0.01, 0, at=1, route="rows", test_samples=size, threads=1)

    return median_ratios(benchmark, ours, {"bare": bare}, rounds=rounds)["bare"]


def test_spikes_and_ridge_errors_cost_little_more_than_their_products(benchmark: Any) -> None:
    assert ratio(benchmark, 1024, rounds=5) <= 3.0


@pytest.mark.slow
def test_wide_spikes_and_ridge_errors_cost_little_more_than_their_products(benchmark: Any) -> None:
    assert ratio(benchmark, 4000, rounds=3) <= 3.0
