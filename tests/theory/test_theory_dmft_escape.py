"""Growth of small overlaps where the limit of all overlaps is 0: by hand, and against explicit descent."""

from collections.abc import Callable

import numpy as np
import pytest

from theory import ProblemError, Regime, Setting, Student, Target, escape_rate

D, REPLICAS, SMALL = 1000, 12, 0.01


def reused(target: str, student: Student, **regime: object) -> Setting:
    return Setting(Target(target), student, Regime(**{"d": D, "n": "3*d", "batch": "reused", **regime}))


def test_one_step_of_correlation_loss_by_hand() -> None:
    """M^1 = D M^0 + eta v E[sigma''] E[y u u^T] M^0; E sigma''(g) = E[sigma(g) He_2(g)] = 1/sqrt(2 pi) for ReLU."""
    stated = reused(
        "z1*z2 + He2(z1)", Student("relu", 2, (1.5, -1.5)), eta=0.8, loss="correlation", weight_decay=0.1
    )  # fmt: skip
    found = escape_rate(stated, 100_000)
    moved = 0.8 / np.sqrt(2 * np.pi) * np.array([[2, 1], [1, 0]])
    for i, v in enumerate((0.75, -0.75)):
        expected = (1 - 0.08) * np.eye(2) + v * moved
        error = np.abs(found.growth[1, i, :, 0] - expected)
        assert np.all(error <= 6 * found.growth_stderr[1, i, :, 0] + 1e-12)
    assert found.growth.shape == (2, 2, 2, 1, 2)
    assert found.growth_stderr.max() < 0.01
    np.testing.assert_allclose(found.gain[0], 1)


CASES: dict[str, tuple[Setting, Callable, Callable, Callable]] = {
    "amplified": (
        reused("He2(z1)", Student("relu", 1, (-1.0,), "plain"), n="10*d", eta=2.0, steps=3, normalize_rows=True),
        lambda a: a**2 - 1, lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0,
    ),
    "not amplified": (
        reused("z1*z2", Student("tanh", 2, (2.0, -2.0), bias=0.5), eta=2.0, steps=4, batch=(0, 1, 0, 0)),
        lambda a, b: a * b, np.tanh, lambda x: np.cosh(x) ** -2.0,
    ),
}  # fmt: skip


def slope(case: tuple[Setting, Callable, Callable, Callable], seed: int) -> np.ndarray:
    """(M_t of a start at SMALL along w*_1 less that of a start at -SMALL) / (2 SMALL), (T + 1, p, k), same data."""
    stated, target, sigma, slope = case
    rng, regime, k, p = np.random.default_rng(seed), stated.regime, stated.target.k, stated.student.p
    v, batches, paths = np.array(stated.student.second_layer) / p, {}, []
    for sign in (1, -1):
        rows = np.zeros((p, D))
        rows[:, 0], rows[:, k] = sign * SMALL, np.sqrt(1 - SMALL**2)
        path = [rows[:, :k]]
        for batch in regime.batch_ids:
            if batch not in batches:
                x = rng.standard_normal((stated.n, D))
                batches[batch] = x, target(*x.T[:k])
            x, y = batches[batch]
            h = x @ rows.T + stated.student.bias
            residual = y - sigma(h) @ v
            rows = rows + stated.eta / len(x) * (residual[:, None] * slope(h) * v).T @ x
            if regime.normalize_rows:
                rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
            path.append(rows[:, :k])
        paths.append(np.array(path))
    return (paths[0] - paths[1]) / (2 * SMALL)


@pytest.mark.parametrize("name", CASES)
def test_descent_from_small_overlaps(name: str) -> None:
    """Allowed: six standard errors, and 5% of the largest entry for what is not linear at d = 1000."""
    case = CASES[name]
    found, runs = escape_rate(case[0], 300_000), [slope(case, seed) for seed in range(REPLICAS)]
    expected, stderr = found.growth[:, :, :, 0, 0], found.growth_stderr[:, :, :, 0, 0]
    error = np.sqrt(np.var(runs, axis=0, ddof=1) / REPLICAS + stderr**2)
    assert np.all(np.abs(np.mean(runs, axis=0) - expected) <= 6 * error + 0.05 * np.abs(expected).max())
    if name == "amplified":
        assert found.rate > 1.5
        assert found.gain[-1] > 6
    else:
        assert found.rate < 1


@pytest.mark.parametrize(("target", "step"), [("z1", 1), ("He3(z1)", 2), ("z1**2 + z1*z2 + z2", 1)])
def test_what_is_learned_does_not_escape(target: str, step: int) -> None:
    stated = reused(target, Student("tanh", 1, (1.5,), "plain"), eta=1.0, steps=3)
    with pytest.raises(ProblemError, match=f"step {step} learns"):
        escape_rate(stated, 50_000)
    with pytest.raises(ProblemError, match="too few"):
        escape_rate(stated, 10)
