"""Conditional Gaussian equivalents: their coefficients in closed form, and their errors against explicit features."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from theory import (
    Activation,
    ProblemError,
    Target,
    conditional_coefficients,
    equivalent_errors,
    hermite_coefficients,
    random_feature_errors,
)
from theory.ridge.tables import Tables

Array = np.ndarray
Parts = tuple[Array, Array, Array]


def relu(s: Array, r: Array) -> Parts:
    """mu_0 = s Phi + r phi at s/r, mu_1 = Phi, E sigma^2 = (s^2 + r^2) Phi + s r phi."""
    cdf, pdf = norm.cdf(s / r), norm.pdf(s / r)
    mu_0 = s * cdf + r * pdf
    return mu_0, cdf, (s**2 + r**2) * cdf + s * r * pdf - mu_0**2 - r**2 * cdf**2


def sine(s: Array, r: Array) -> Parts:
    damped = np.exp(-(r**2) / 2)
    mu_0, mu_1 = damped * np.sin(s), damped * np.cos(s)
    return mu_0, mu_1, (1 - np.exp(-2 * r**2) * np.cos(2 * s)) / 2 - mu_0**2 - r**2 * mu_1**2


def square(s: Array, r: Array) -> Parts:
    return s**2 + r**2, 2 * s, 2 * r**4 + 0 * s


CLOSED: dict[str, Callable[[Array, Array], Parts]] = {"relu": relu, "sin": sine, "u**2": square}


@pytest.mark.parametrize("activation", CLOSED)
def test_closed_forms(activation: str) -> None:
    rng = np.random.default_rng(1)
    m, kappa, b = rng.standard_normal((5, 2)), rng.standard_normal((40, 2)), rng.standard_normal(5)
    r = np.array([0.05, 0.3, 1.0, 1.7, 3.0])
    found = conditional_coefficients(activation, m, r, kappa, bias=b)
    mu_0, mu_1, square = CLOSED[activation](kappa @ m.T + b, r)
    assert found.mu_0.shape == found.mu_1.shape == found.mu_star.shape == (40, 5)
    np.testing.assert_allclose(found.mu_0, mu_0, atol=1e-11)
    np.testing.assert_allclose(found.mu_1, mu_1, atol=1e-10)
    np.testing.assert_allclose(found.mu_star**2, square, atol=1e-10)
    assert found.error < 1e-9 * max(1, np.abs(square).max())


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "sign", "He3", "softplus", "Max(u, 1 - u)"])
def test_nothing_learned_gives_hermite_coefficients(activation: str) -> None:
    found = conditional_coefficients(activation, np.zeros((1, 0)), np.ones(1), np.zeros((1, 0)))
    c = [float(value) for value in hermite_coefficients(activation, 1)]
    assert found.mu_0[0, 0] == pytest.approx(c[0], abs=1e-10)
    assert found.mu_1[0, 0] == pytest.approx(c[1], abs=1e-10)
    if activation in {"relu", "sign", "He3"}:
        energy = {"relu": 0.5, "sign": 1.0, "He3": 6.0}[activation]
        assert found.mu_star[0, 0] ** 2 == pytest.approx(energy - c[0] ** 2 - c[1] ** 2, abs=1e-10)


@settings(deadline=None, max_examples=25)
@given(st.floats(-2, 2), st.floats(0.1, 2), st.floats(0.1, 2), st.sampled_from(["relu", "tanh", "sin"]))
def test_averaging_over_kappa_undoes_the_condition(bias: float, m: float, r: float, activation: str) -> None:
    """E mu_0(kappa) and E[mu_0^2 + r^2 mu_1^2 + mu_star^2] are those of |w|^2 = m^2 + r^2 with nothing known."""
    x = np.linspace(-9, 9, 721)  # trapezoidal: what is averaged is smooth on the scale r/m >= 1/20
    weights = norm.pdf(x) / norm.pdf(x).sum()
    found = conditional_coefficients(activation, [[m]], [r], x[:, None], bias=bias)
    plain = conditional_coefficients(activation, np.zeros((1, 0)), [math.hypot(m, r)], np.zeros((1, 0)), bias=bias)
    assert weights @ found.mu_0[:, 0] == pytest.approx(plain.mu_0[0, 0], abs=1e-9)
    energy = lambda c, r: c.mu_0[:, 0] ** 2 + r**2 * c.mu_1[:, 0] ** 2 + c.mu_star[:, 0] ** 2  # noqa: E731
    assert weights @ energy(found, r) == pytest.approx(energy(plain, math.hypot(m, r))[0], abs=1e-9)


def test_no_remainder_leaves_a_function_of_kappa() -> None:
    kappa = np.linspace(-2, 2, 9)[:, None]
    found = conditional_coefficients("tanh", [[1.5]], [0.0], kappa)
    np.testing.assert_allclose(found.mu_0, np.tanh(1.5 * kappa), atol=1e-15)
    assert not found.mu_1.any()
    assert not found.mu_star.any()


@pytest.mark.parametrize("activation", ["relu", "tanh", "He3", "leaky_relu"])
def test_tables_hold_what_they_say(activation: str) -> None:
    rng = np.random.default_rng(2)
    m, kappa = rng.standard_normal((6, 2)), rng.standard_normal((200, 2))
    m[0], kappa[0] = 0, [30, -30]  # a row that learned nothing, and a sample beyond every table
    r, b = np.array([1.0, 0.1, 0.7, 1.0, 2.0, 1e-4]), np.linspace(-1, 1, 6)
    tables, exact = Tables(Activation(activation), m, r, b), conditional_coefficients(activation, m, r, kappa, bias=b)
    size = max(1, np.abs(exact.mu_0[1:]).max(), (r * np.abs(exact.mu_1[1:])).max(), exact.mu_star.max() ** 2)
    mu_0, mu_1, mu_star = tables(kappa)
    allowed = 4 * tables.error + 1e-9 * size
    assert tables.error < 1e-4 * max(1, size)
    assert np.abs(mu_0 - exact.mu_0).max() < allowed
    assert np.abs(r * (mu_1 - exact.mu_1)).max() < allowed
    assert np.abs(mu_star**2 - exact.mu_star**2).max() < allowed


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("directions", [0, 2])
def test_rows_that_learned_nothing_are_alike_at_all_samples(activation: str, directions: int) -> None:
    m, kappa = np.zeros((3, directions)), np.random.default_rng(2).standard_normal((5, directions))
    r, b = np.array([1.0, 0.5, 0.0]), np.array([0.0, 1.0, -1.0])
    exact = conditional_coefficients(activation, m, r, kappa, bias=b)
    for part, whole in zip(
        Tables(Activation(activation), m, r, b)(kappa), (exact.mu_0, exact.mu_1, exact.mu_star), strict=True
    ):
        np.testing.assert_allclose(part, whole, atol=1e-12)


def unit_rows(p: int, d: int, rng: np.random.Generator) -> Array:
    rows = rng.standard_normal((p, d))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_random_rows_give_random_features() -> None:
    """tanh is centred. 12 draws of rows; six standard errors and 10/d."""
    d, n, p, ridge = 100, 200, 120, 0.1
    runs = []
    for seed in range(12):
        rows = unit_rows(p, d, np.random.default_rng([7, seed]))
        at = {"samples": n, "ridge": ridge, "replicas": 4, "test_samples": 1000, "rng": seed}
        found = equivalent_errors(Target("z1 + z1*z2", noise=0.3), "tanh", rows, **at)
        assert found.coherence == pytest.approx(1, abs=0.25)
        assert found.test_loss == pytest.approx(found.test_error + 0.09)
        runs.append([found.train_loss, found.train_error, found.test_error])
    limit = random_feature_errors(Target("z1 + z1*z2", noise=0.3), "tanh", phi=d / n, psi=d / p, ridge=ridge)
    expected = [limit.train_loss, limit.train_error, limit.test_error]
    margin = 6 * np.std(runs, axis=0, ddof=1) / math.sqrt(12) + 10 / d
    assert (np.abs(np.mean(runs, axis=0) - expected) < margin).all()
    assert (margin < 0.5).all()


def giant_step(d: int, n: int, p: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Rows after one step of size eta/p = 6 on f* = z1 + He2(z1)/sqrt(2), ReLU, alpha uniform; their common directions:
    that of z1 and the noise of the batch.
    """
    rows, x = unit_rows(p, d, rng), rng.standard_normal((n, d))
    y = x[:, 0] + (x[:, 0] ** 2 - 1) / math.sqrt(2)
    moved = rows + 6 * rng.uniform(-1, 1, (p, 1)) * (((x @ rows.T > 0) * y[:, None]).T @ x) / n
    return moved, np.column_stack([np.eye(d)[0], x.T @ y / n])


def explicit(rows: Array, n: int, gamma: float, rng: np.random.Generator) -> tuple[float, float]:
    """Training and test error of ridge on relu(Z W^T)/sqrt(p) by its definition."""
    p, d = rows.shape
    z = rng.standard_normal((n + 1000, d))
    y = z[:, 0] + (z[:, 0] ** 2 - 1) / math.sqrt(2)
    features = np.maximum(z @ rows.T, 0) / math.sqrt(p)
    f, fresh = features[:n], features[n:]
    a = np.linalg.solve(f.T @ f + gamma * np.eye(p), f.T @ y[:n])
    return float(np.mean((y[:n] - f @ a) ** 2)), float(np.mean((y[n:] - fresh @ a) ** 2))


def test_after_a_giant_step_only_the_conditional_equivalent_holds() -> None:
    """16 networks at d = 100, paired by network. Allowed: six standard errors and 10/d; the foil misses by more."""
    d, n, p, gamma, misses, foils = 100, 200, 100, 0.3, [], []
    for seed in range(16):
        rng = np.random.default_rng([11, seed])
        rows, directions = giant_step(d, n, p, rng)
        truth = np.mean([explicit(rows, n, gamma, rng) for _ in range(5)], axis=0)
        at: dict[str, Any] = {"samples": n, "gamma": gamma, "replicas": 5, "test_samples": 1000, "rng": seed}
        target = Target("z1 + He2(z1)/sqrt(2)")
        found = equivalent_errors(target, "relu", rows, directions, **at)
        foil = equivalent_errors(target, "relu", rows, directions, unconditional=True, **at)
        misses.append(np.array([found.train_error, found.test_error]) - truth)
        foils.append(np.array([foil.train_error, foil.test_error]) - truth)
        assert found.coherence < foil.coherence / 2
    spread = 6 * np.std(misses, axis=0, ddof=1) / math.sqrt(16) + 10 / d
    assert (np.abs(np.mean(misses, axis=0)) < spread).all()
    foil_spread = 6 * np.std(foils, axis=0, ddof=1) / math.sqrt(16) + 10 / d
    assert np.mean(foils, axis=0)[1] > foil_spread[1]  # the foil cannot fit He2(z1)


@pytest.mark.parametrize(("change", "words"), [
    ({"rows": np.zeros(3)}, "rows of shape"),
    ({"rows": np.zeros((0, 4))}, "empty"),
    ({"rows": [["a"]]}, "no array of numbers"),
    ({"rows": np.full((2, 4), np.nan)}, "finite"),
    ({"rows": np.ones((2, 1))}, "k = 2"),
    ({"rows": np.ones((2, 4))}, "same remainder"),
    ({"directions": np.ones((3, 1))}, "length d = 4"),
    ({"bias": [1.0, 2.0, 3.0]}, "bias"),
    ({"gamma": 0}, "positive penalty"),
    ({"gamma": None}, "give one of ridge"),
    ({"samples": 0}, "samples = 0"),
    ({"replicas": 1}, "replicas = 1"),
])  # fmt: skip
def test_refusals(change: dict[str, Any], words: str) -> None:
    at: dict[str, Any] = {"rows": np.eye(4)[:2] * 1.5, "directions": None, "samples": 5, "gamma": 0.1, **change}
    rows, directions = at.pop("rows"), at.pop("directions")
    with pytest.raises(ProblemError, match=words):
        equivalent_errors("z1*z2", "relu", rows, directions, **at)


def test_coefficients_refuse_what_does_not_fit() -> None:
    with pytest.raises(ProblemError, match="one column a direction"):
        conditional_coefficients("relu", np.ones((2, 1)), 1.0, np.ones((3, 2)))
    with pytest.raises(ProblemError, match="norms"):
        conditional_coefficients("relu", np.ones((2, 1)), -1.0, np.ones((3, 1)))
    with pytest.raises(ProblemError, match="affine functions"):
        conditional_coefficients("abs(u**2 - 1)", np.ones((2, 1)), 1.0, np.ones((3, 1)))
    with pytest.raises(ProblemError, match="do not converge"):
        conditional_coefficients("exp", np.ones((1, 1)), 60.0, np.ones((1, 1)))
