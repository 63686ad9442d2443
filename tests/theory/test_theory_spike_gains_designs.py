"""Plateaus against explicit regressions: random features with columns added by hand, huge beside everything else."""

import math

import numpy as np
import pytest

from theory import Target, spike_gains

D, SAMPLES, WIDTH, RIDGE, NOISE, HUGE = 75, 1500, 90, 0.1, 0.3, 1e3
SIGMA = {  # centred, and its derivative
    "relu": (lambda u: np.maximum(u, 0) - 1 / math.sqrt(2 * math.pi), lambda u: np.heaviside(u, 0.5)),
    "sin(u) + cos(u)": (lambda u: np.sin(u) + np.cos(u) - math.exp(-0.5), lambda u: np.cos(u) - np.sin(u)),
}


def target(order: int) -> Target:
    """Heavy tails where they are needed only."""
    return Target("z1 + He2(z1) + z1*z2/2" + (" + He3(z1)/3" if order > 2 else ""), noise=NOISE)


def clean(x: np.ndarray, order: int) -> np.ndarray:
    u = x[:, 0]
    found: np.ndarray = u + (u**2 - 1) + u * x[:, 1] / 2 + (order > 2) * (u**3 - 3 * u) / 3
    return found


def errors(features: np.ndarray, labels: np.ndarray, fresh: np.ndarray, truth: np.ndarray) -> list[float]:
    penalty = RIDGE * len(labels)
    a = np.linalg.solve(features.T @ features + penalty * np.eye(WIDTH), features.T @ labels)
    train = np.mean((labels - features @ a) ** 2)
    return [train + RIDGE * a @ a, train, np.mean((truth - fresh @ a) ** 2)]


def paired_gains(activation: str, scaling: str, order: int, wide: float, rng: np.random.Generator) -> np.ndarray:
    """One network: errors without minus with columns E_z (g + sqrt(wide) z)^k on the neurons' a^k, k = 1 .. order."""
    sigma = SIGMA[activation][0]
    w = rng.standard_normal((WIDTH, D))
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    a = rng.standard_normal(WIDTH) / math.sqrt(WIDTH)
    first, second, third = (rng.standard_normal((m, D)) for m in (SAMPLES, SAMPLES, SAMPLES))
    residual = clean(first, order) + NOISE * rng.standard_normal(SAMPLES)
    if scaling == "ntk":
        residual -= sigma(first @ w.T) @ a
    beta = first.T @ residual
    beta /= np.linalg.norm(beta)
    labels, truth = clean(second, order) + NOISE * rng.standard_normal(SAMPLES), clean(third, order)
    present = [k for k in range(1, order + 1) if (activation, k) != ("relu", 3)]

    def spikes(x: np.ndarray) -> np.ndarray:
        g = x @ beta
        columns = {1: g, 2: g**2 + wide, 3: g**3 + 3 * wide * g}
        total = np.zeros((len(x), WIDTH))
        for k in present:
            total += HUGE * np.outer(columns[k], (math.sqrt(WIDTH) * a) ** k)
        return total

    plain, other = sigma(second @ w.T), sigma(third @ w.T)
    before = errors(plain, labels, other, truth)
    after = errors(plain + spikes(second), labels, other + spikes(third), truth)
    return np.subtract(before, after)


CASES = [
    ("relu", "mean-field", 1, "step"), ("relu", "mean-field", 2, "monomials"),
    ("relu", "ntk", 2, "step"), ("sin(u) + cos(u)", "mean-field", 3, "monomials"),
    ("sin(u) + cos(u)", "ntk", 1, "step"), ("sin(u) + cos(u)", "ntk", 3, "step"),
]  # fmt: skip


@pytest.mark.parametrize("replicas", [16, pytest.param(64, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("activation", "scaling", "order", "columns"), CASES)
def test_columns_added_by_hand(activation: str, scaling: str, order: int, columns: str, replicas: int) -> None:
    """Six standard errors of paired differences and 3/d of the errors before: docs/notes/spike_gains.md shows no
    deviation from d = 50 to 400. At l = 2 the margin tells 4/3 from 2, which an intercept would give.
    """
    at = {"phi": D / SAMPLES, "psi": D / WIDTH, "ridge": RIDGE}
    theory = spike_gains(target(order), activation, **at, regime=order, scaling=scaling, columns=columns)
    rng = np.random.default_rng(11)
    found = np.array([paired_gains(activation, scaling, order, theory.spread, rng) for _ in range(replicas)])
    mean, error = found.mean(axis=0), found.std(axis=0, ddof=1) / math.sqrt(replicas)
    expected = np.array([theory.train_loss, theory.train_error, theory.test_error])
    before = np.array([theory.before.train_loss, theory.before.train_error, theory.before.test_loss])
    margin = 6 * error + 3 / D * before
    assert (np.abs(mean - expected) < margin).all()
    if (order, columns) == (2, "monomials"):
        first = spike_gains(target(order), activation, **at, regime=1, scaling=scaling)
        single = np.array([first.train_loss, first.train_error, first.test_error])
        assert (np.abs(mean - single - 1.5 * (expected - single)) > margin).any()
