"""Reused batches where the limit is known in closed form: what is linear carries no sampling error at all."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import Regime, Setting, Student, Target, fresh_limit, solve_dmft
from theory.dmft.linear import LinearLimit, linear_limit, linear_means

NAMES = ("overlaps", "gram", "test_error", "train_error", "correlation", "response")


def linear(beta: float, v: float, eta: float, ratio: float, noise: float, weight_decay: float, steps: int) -> Setting:
    student = Student("u", 1, (v,), "plain")
    regime = Regime(
        d=100, n=f"{ratio}*d", eta=eta, steps=steps, batch="reused", weight_decay=weight_decay,
    )  # fmt: skip
    return Setting(Target(f"{beta}*z1", noise=noise), student, regime)


def assert_equal(stated: Setting, samples: int) -> None:
    """Responses as far as they are determined."""
    exact, found = linear_limit(stated), solve_dmft(stated, samples)
    for name in NAMES:
        known = found.response_determined if name == "response" else slice(None)
        expected = getattr(exact, name)[known]
        ours = getattr(found, name)[known].reshape(expected.shape)
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-10 * np.abs(expected).max(initial=1), err_msg=name)


@pytest.mark.parametrize("noise", [0.0, 0.7])
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_eight_steps_of_a_linear_neuron(noise: float, weight_decay: float) -> None:
    assert_equal(linear(2.0, 0.8, 0.9, 3.0, noise, weight_decay, steps=8), 20_000)


@settings(max_examples=10, deadline=None)
@given(*[st.floats(low, high).map(lambda x: round(x, 3))
         for low, high in ((-2, 2), (-1.5, 1.5), (0.001, 1), (0.5, 4), (0, 1), (0, 0.5))])  # fmt: skip
def test_any_linear_neuron(beta: float, v: float, eta: float, ratio: float, noise: float, decay: float) -> None:
    assert_equal(linear(beta, v, eta, ratio, noise, decay, steps=4), 3000)


def test_responses_are_determined_unless_rows_hardly_differ_or_are_mirrored() -> None:
    eight = [solve_dmft(linear(1.0, 1.0, eta, 2.0, 0.5, 0.0, steps=8), 3000) for eta in (0.9, 1e-3)]
    assert eight[0].response_determined.all()
    assert list(eight[1].response_determined) == [True] * 4 + [False] * 5
    pair = Student("tanh", 2, (1.0, -1.0))
    mirrored = solve_dmft(Setting(Target("z1"), pair, Regime(d=50, n="2*d", eta="p", steps=2, batch="reused")), 3000)
    assert list(mirrored.response_determined) == [True, True, False]


def test_the_first_two_overlaps_by_hand() -> None:
    """E x = 1 and E x^2 = 1 + c for X^T X/n, c = d/n: M^1 = eta, M^2 = 2 eta - eta^2 (1 + c)."""
    found = linear_limit(linear(1.0, 1.0, 0.5, 4.0, 0.0, 0.0, steps=2))
    np.testing.assert_allclose(found.overlaps, [0, 0.5, 1 - 0.25 * 1.25], rtol=1e-14)


def test_a_target_need_not_be_expanded() -> None:
    """(z1 + 1)^2 - z1^2 - 1 = 2 z1."""
    stated = linear(2.0, 0.8, 0.9, 3.0, 0.7, 0.1, steps=3)
    other = Setting(Target("(z1 + 1)**2 - z1**2 - 1", noise=0.7), stated.student, stated.regime)
    for solve in (linear_limit, linear_means):
        for name in NAMES:
            assert np.array_equal(getattr(solve(other), name), getattr(solve(stated), name)), name


def test_exact_means_are_those_of_the_step_at_that_dimension() -> None:
    """eta = 1/2 + 1/d is 3/4 at d = 4 and 1/2 in the limit."""
    student = Student("u", 1, (1.0,), "plain")
    common: dict[str, Any] = {"n": "2*d", "steps": 3, "batch": "reused", "weight_decay": 0.1}
    one, other, last = (
        Setting(Target("z1", noise=0.5), student, Regime(4, eta=eta, **common)) for eta in ("1/2 + 1/d", 0.75, 0.5)
    )
    for name in NAMES:
        assert np.array_equal(getattr(linear_means(one), name), getattr(linear_means(other), name)), name
        assert np.array_equal(getattr(linear_limit(one), name), getattr(linear_limit(last), name)), name


def test_the_closed_form_against_descent() -> None:
    """Eight steps at n = 600, d = 300, 40 times. In the mean the deviation is of order 1/d: allowed are six standard
    errors and 5/d."""
    exact: LinearLimit = linear_limit(linear(2.0, 0.8, 0.9, 2.0, 0.7, 0.1, steps=8))
    n, d, runs = 600, 300, []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x, w = rng.standard_normal((n, d)), np.eye(d)[1]
        y, row = 2 * x[:, 0] + 0.7 * rng.standard_normal(n), []
        for _ in range(9):
            residual = y - 0.8 * x @ w
            row.append([w[0], w @ w, np.mean(residual**2), np.sum((2 * np.eye(d)[0] - 0.8 * w) ** 2)])
            w = (1 - 0.9 * 0.1) * w + 0.9 / n * 0.8 * residual @ x
        runs.append(row)
    expected = np.stack([exact.overlaps, exact.gram, exact.train_error, exact.test_error], axis=1)
    error = np.std(runs, axis=0, ddof=1) / np.sqrt(40)
    assert np.all(np.abs(np.mean(runs, axis=0) - expected) <= 6 * error + 5 / d)


@pytest.mark.parametrize("loss", ["squared", "correlation"])
@pytest.mark.parametrize("unit", [False, True])
def test_linear_students_on_fresh_batches(loss: str, unit: bool) -> None:
    """Every moment that matters is exact, so that both solutions meet to round-off; mirrored pairs included."""
    student = Student("u", 4, (0.9, -0.4, 0.4, -0.9), bias=0.3)
    regime = Regime(d=50, n="2*d", eta="p", steps=3, loss=loss, normalize_rows=unit, weight_decay=0.05)
    stated = Setting(Target("z1 - 2*z2", noise=0.5), student, regime)
    found, known = solve_dmft(stated, 20_000), fresh_limit(stated)
    np.testing.assert_allclose(found.overlaps, known.overlaps, atol=1e-10)
    np.testing.assert_allclose(found.gram, known.gram, atol=1e-10)
