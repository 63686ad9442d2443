"""The student before training, and the data."""

import math
from functools import partial

import numpy as np
import pytest
from scipy.special import chdtr, chdtrc
from sim_problems import batch_data, setting

import sim

simulate = partial(sim.simulate, method="direct")


def variance_p_value(sample: np.ndarray, variance: float) -> float:
    """Two-sided exact p-value of `variance` for centred Gaussian data."""
    statistic = np.sum(sample**2) / variance
    return 2 * min(chdtr(sample.size, statistic), chdtrc(sample.size, statistic))


@pytest.mark.parametrize("law", ["uniform", "rademacher", "gaussian"])
def test_symmetric_initialisation_pairs_the_neurons(law: str) -> None:
    run = simulate(setting(p=6, second_layer=law, bias="gaussian"), replicas=3, record=("rows",))
    assert run.rows is not None
    np.testing.assert_array_equal(run.rows[:, 0], run.rows[:, 0, ::-1])
    np.testing.assert_array_equal(run.alpha, -run.alpha[:, ::-1])
    np.testing.assert_array_equal(run.bias, run.bias[:, ::-1])
    np.testing.assert_allclose(np.linalg.norm(run.rows[:, 0], axis=-1), 1, rtol=1e-15 * 12)  # d = 12 roundings


def test_symmetric_students_start_at_zero_exactly() -> None:
    """The residual of the first step is y itself: squared and correlation loss take the same step, to the bit."""
    errors = ("train_error",)
    squared = simulate(setting(p=6, bias="uniform"), replicas=3, record=errors)
    correlation = simulate(setting(p=6, bias="uniform", loss="correlation"), replicas=3, record=errors)
    np.testing.assert_array_equal(squared.overlaps, correlation.overlaps)
    for replica in range(3):
        _, y = batch_data(setting(p=6), replica=replica)
        assert squared.train_error is not None
        assert squared.train_error[replica, 0] == y @ y / len(y)


def test_paired_neurons_move_oppositely_at_the_first_step() -> None:
    rows = simulate(setting(p=6), replicas=2, record=("rows",)).rows
    assert rows is not None
    moves = rows[:, 1] - rows[:, 0]
    np.testing.assert_allclose(moves, -moves[:, ::-1], atol=4 * np.finfo(float).eps * np.abs(rows).max())


def test_given_layers_are_used_as_they_are() -> None:
    alpha, bias = (0.5, 2.0, -1.0), (0.0, 1.0, -3.0)
    run = simulate(setting(p=3, init="plain", second_layer=alpha, bias=bias), replicas=2)
    np.testing.assert_array_equal(run.alpha, [alpha, alpha])
    np.testing.assert_array_equal(run.bias, [bias, bias])
    np.testing.assert_array_equal(simulate(setting(bias=0.25), replicas=1).bias, np.full((1, 4), 0.25))


def test_laws_of_the_second_layer() -> None:
    """Kolmogorov-Smirnov by the DKW inequality: sup |F_n - F| > sqrt(log(2 / 1e-7) / 2n) has probability < 1e-7."""
    laws = {
        "uniform": lambda x: (np.clip(x, -1, 1) + 1) / 2,
        "gaussian": lambda x: (1 + np.vectorize(math.erf)(x / 2**0.5)) / 2,
    }
    for law, distribution in laws.items():
        run = simulate(setting(p=2000, init="plain", second_layer=law, bias=law, d=2, n=1), replicas=1)
        for values in (run.alpha[0], run.bias[0]):
            ordered, grid = distribution(np.sort(values)), np.arange(2001) / 2000
            distance = max(np.max(grid[1:] - ordered), np.max(ordered - grid[:-1]))
            assert distance <= math.sqrt(math.log(2 / 1e-7) / (2 * 2000))
    signs = simulate(setting(p=2000, init="plain", second_layer="rademacher", d=2, n=1), replicas=1).alpha[0]
    assert set(signs) == {-1.0, 1.0}
    assert abs(signs.sum()) <= math.sqrt(2 * 2000 * math.log(2 / 1e-7))  # Hoeffding


def test_labels_are_clean_without_noise_and_noise_has_the_right_variance() -> None:
    x, clean = batch_data(setting(n=4000))
    np.testing.assert_allclose(clean, x[:, 0] + x[:, 0] * x[:, 1], rtol=4 * np.finfo(float).eps)
    noisy_x, noisy = batch_data(setting(n=4000, noise=0.7))
    np.testing.assert_array_equal(x, noisy_x)
    assert variance_p_value(noisy - clean, 0.7**2) > 1e-7
    assert variance_p_value(noisy - clean, 0.8**2) < 1e-7  # the test could have failed
    assert variance_p_value(x.ravel(), 1.0) > 1e-7


def test_noise_is_independent_of_the_inputs() -> None:
    x, clean = batch_data(setting(n=4000))
    noise = batch_data(setting(n=4000, noise=1.0))[1] - clean
    # given the noise, <noise, x_j> / |noise| is standard normal: 12 of them, 1e-7 in all
    scores = noise @ x / np.linalg.norm(noise)
    assert 2 * 12 * (1 - math.erf(np.abs(scores).max() / 2**0.5)) / 2 > 1e-7


@pytest.mark.parametrize("preprocess", [0, 1])
def test_preprocessing_removes_what_it_says(preprocess: int) -> None:
    options = {"d": 900, "n": 1000, "noise": 0.5}  # several blocks
    x, raw = batch_data(setting("1 + z1 + z1*z2", **options))
    _, y = batch_data(setting("1 + z1 + z1*z2", preprocess=preprocess, **options))
    linear = x @ (raw @ x / 1000) if preprocess else 0.0
    # sums of 1000 or 900 terms of size below 40, in two orders
    np.testing.assert_allclose(y, raw - raw.mean() - linear, atol=2 * 1000 * np.finfo(float).eps * 40)
    assert np.abs(raw.mean()) > 0.5


def test_preprocessing_leaves_nothing_linear_in_the_limit() -> None:
    """At n >> d, mean(y x) of the corrected labels is of order |C_1| sqrt(d / n) and not |C_1|."""
    d, n = 4, 40_000
    x, y = batch_data(setting("z1 + z1*z2", d=d, n=n, preprocess=1))
    # mean(x x^T) is within e of the identity in norm with probability 1 - 1e-9 at e = 2 t + t^2,
    # t = (sqrt(d) + sqrt(2 log 2e9)) / sqrt(n) (Davidson and Szarek), so |mean(y' x)| <= e |m|, with m =
    # mean(y x)
    t = (math.sqrt(d) + math.sqrt(2 * math.log(2e9))) / math.sqrt(n)
    removed = batch_data(setting("z1 + z1*z2", d=d, n=n))[1] @ x / n
    centre = np.abs(removed).sum() * np.abs(x.mean(axis=0)).sum() + abs(y.mean()) * np.linalg.norm(x.mean(axis=0))
    assert np.linalg.norm(y @ x / n) <= (2 * t + t**2) * np.linalg.norm(removed) + 10 * centre
    assert np.linalg.norm(removed) > 0.9
