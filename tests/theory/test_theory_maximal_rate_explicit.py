"""Ridge after one step at the maximal rate: against explicit steps and regressions.

Statistical: means over REPLICAS within 6 of their standard errors plus 4/d of the value (the finite-size error seen in
docs/notes/maximal_rate.md is below 2/d); a false alarm has probability below 1e-8 a number if means are Gaussian.
"""

from typing import Any

import numpy as np
import pytest

from theory import MaximalRateErrors, Target, maximal_rate_errors

TARGET, NOISE = Target("2*sin(z1) + cos(2*z1)", noise=0.3), 0.3
D, REPLICAS = 150, 32
SIZES: dict[str, Any] = {"alpha0": 0.5, "eta": 2.0, "samples_per_width": 2.0, "ridge": 0.1}


def label(z: np.ndarray) -> np.ndarray:
    return 2 * np.sin(z) + np.cos(2 * z) - np.exp(-2)


def regression(rows: np.ndarray, draw: np.random.Generator) -> tuple[float, float]:
    """Test and train error of tanh features."""
    p, d = rows.shape
    samples = round(SIZES["samples_per_width"] * p)
    x = draw.standard_normal((samples, d))
    y, features = label(x[:, 0]) + NOISE * draw.standard_normal(samples), np.tanh(x @ rows.T) / np.sqrt(p)
    a = np.linalg.solve(features.T @ features + SIZES["ridge"] * np.eye(p), features.T @ y)
    fresh = draw.standard_normal((3000, d))
    test = np.mean((label(fresh[:, 0]) - np.tanh(fresh @ rows.T) @ a / np.sqrt(p)) ** 2)
    return float(test), float(np.mean((y - features @ a) ** 2))


def initial(p: int, draw: np.random.Generator) -> np.ndarray:
    rows = draw.standard_normal((p, D))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def one_step(p: int, draw: np.random.Generator) -> np.ndarray:
    rows, n0 = initial(p, draw), round(SIZES["alpha0"] * D)
    x = draw.standard_normal((n0, D))
    y = label(x[:, 0]) + NOISE * draw.standard_normal(n0)
    return rows + SIZES["eta"] * (y / np.cosh(rows @ x.T) ** 2) @ x / n0


def spiked(p: int, draw: np.random.Generator, law: MaximalRateErrors) -> np.ndarray:
    rows = np.sqrt(law.spread) * initial(p, draw)
    rows[:, 0] += law.spike * law.alignment
    rows[:, 1] += law.spike * np.sqrt(1 - law.alignment**2)
    return rows


def means(found: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(len(found))


def test_one_step_has_the_covariance_of_trained_rows() -> None:
    """p = 2 d: ten per cent from spiked features of the same norm, and far from no step at all."""
    draw = np.random.default_rng(1)
    seen, deviation = means([regression(one_step(2 * D, draw), draw) for _ in range(REPLICAS)])
    trained = maximal_rate_errors(TARGET, "tanh", **SIZES, ratio=2.0)
    other = maximal_rate_errors(TARGET, "tanh", **SIZES, ratio=2.0, rows="spiked")
    expected = np.array([trained.test_error, trained.train_error])
    assert (np.abs(seen - expected) < 6 * deviation + 4 / D * expected).all()
    assert trained.test_error / other.test_error > 1.08
    assert trained.train_error / other.train_error > 1.08


@pytest.mark.parametrize("ratio", [0.5, 2.0])
def test_spiked_features(ratio: float) -> None:
    law = maximal_rate_errors(TARGET, "tanh", **SIZES, ratio=ratio, rows="spiked")
    draw, p = np.random.default_rng(2), round(ratio * D)
    seen, deviation = means([regression(spiked(p, draw, law), draw) for _ in range(REPLICAS)])
    expected = np.array([law.test_error, law.train_error])
    assert (np.abs(seen - expected) < 6 * deviation + 4 / D * expected).all()
    square = maximal_rate_errors(TARGET, "tanh", **SIZES, ratio=1.0, rows="spiked")
    assert abs(square.test_error - seen[0]) > 6 * deviation[0]
