"""Errors between the plateaus: their limits, one column in closed form, and steps along explicit gradients."""

import math
from typing import Any

import numpy as np
import pytest

from theory import Activation, ProblemError, SpikeErrors, Target, random_feature_errors, spike_errors, spike_gains
from theory.spikes.kernel import step_kernel, step_strengths
from theory.spikes.step import step_constants

TARGET = Target("z1 + He2(z1)/sqrt(2) + z1*z2/2", noise=0.5)
SIZES: dict[str, Any] = {"n": 2000, "d": 1000, "width": 1250, "ridge": 0.1}


def three(found: Any) -> np.ndarray:
    return np.array([found.train_loss, found.train_error, found.test_error])


def fallen(found: SpikeErrors) -> np.ndarray:
    gains: np.ndarray = three(found.before) - three(found)
    return gains


@pytest.mark.parametrize("scaling", ["mean-field", "ntk"])
def test_no_step(scaling: str) -> None:
    found = spike_errors(TARGET, "relu", **SIZES, eta=0, scaling=scaling)
    start = random_feature_errors(TARGET, "relu", phi=0.5, psi=0.8, ridge=0.1)
    assert found.before == start
    np.testing.assert_allclose(three(found), three(start), rtol=1e-12)
    assert found.test_loss == pytest.approx(start.test_loss)


@pytest.mark.parametrize("scaling", ["mean-field", "ntk"])
@pytest.mark.parametrize(
    ("activation", "order", "exponent"), [("relu", 1, 0.13), ("relu", 2, 0.29), ("sigmoid", 1, 0.17)]
)
def test_plateaus_as_n_grows(activation: str, order: int, exponent: float, scaling: str) -> None:
    """Inside regime l the penalty falls as n^(2l alpha - l + 1) while the next column's strength, and what the bulk
    learns, vanish: gains tend to the plateau of what a step does, with g^2 + r and not g^2.
    """
    plateau = spike_gains(TARGET, activation, phi=0.5, psi=0.8, ridge=0.1, regime=order, scaling=scaling)
    expected = np.array([plateau.train_loss, plateau.train_error, plateau.test_error])
    misses = []
    for n in (10**16, 10**24):
        sizes = {"n": n, "d": n // 2, "width": n * 5 // 8, "ridge": 0.1}
        found = fallen(spike_errors(TARGET, activation, **sizes, rate_exponent=exponent, scaling=scaling))
        misses.append(np.abs(found / expected - 1).max())
    assert misses[1] < 0.02
    assert misses[1] < misses[0] / 5


@pytest.mark.parametrize("scaling", ["mean-field", "ntk"])
@pytest.mark.parametrize("theta", [0.3, 1.0, 4.0, -2.0])
def test_one_column_at_finite_strength(theta: float, scaling: str) -> None:
    """At fixed eta, theta = c_1^2 eta: Phi = (theta c_{*,1}^2 m2)^2/(N/n + Lin m2 + c_{>1}^2 m1) with
    Lin = theta^2 B + c_1^2, or theta^2 (B - c_1^2) + c_1^2 (1 - theta)^2 where f0 is kept and beta holds -c_1 W0^T a.
    """
    found = spike_errors(
        "z1 + z1*z2/2",
        "relu",
        n=10**14,
        d=10**14 // 2,
        width=10**14 * 5 // 8,
        ridge=0.1,
        eta=4 * theta,
        scaling=scaling,
    )
    start, energy = found.before, (1 / 2 - 1 / (2 * math.pi) if scaling == "ntk" else 0.0)
    b = 1 + 0.5 * (1.25 + energy)
    linear = theta**2 * b + (0.25 * (1 - theta) ** 2 if scaling == "ntk" else 0.25)

    def phi(gamma: float) -> float:
        at = random_feature_errors("z1 + z1*z2/2", "relu", phi=0.5, psi=0.8, gamma=gamma)
        return (theta * at.m2) ** 2 / (0.5 / 0.8 + linear * at.m2 + (1 / 4 - 1 / (2 * math.pi)) * at.m1)

    step = 1e-4 * start.gamma
    slope = (phi(start.gamma + step) - phi(start.gamma - step)) / (2 * step)
    expected = [start.gamma * phi(start.gamma), -(start.gamma**2) * slope, -slope / start.m1**2]
    np.testing.assert_allclose(fallen(found), expected, rtol=1e-5)


def test_rate_is_a_power_of_n() -> None:
    one = spike_errors(TARGET, "tanh", **SIZES, rate_exponent=0.2, prefactor=1.5)
    same = spike_errors(TARGET, "tanh", **SIZES, eta=1.5 * 2000**0.2)
    assert one == same
    assert spike_errors(TARGET, "tanh", **SIZES, eta=-1.5 * 2000**0.2).test_error == pytest.approx(one.test_error)
    assert one.kappa == pytest.approx(step_strengths(step_constants(TARGET, Activation("tanh")), 0.5, 1250, one.eta)[0])


SIGMA = {  # and its derivative
    "relu": (lambda u: np.maximum(u, 0) - 1 / math.sqrt(2 * math.pi), lambda u: np.heaviside(u, 0.5)),
    "tanh": (np.tanh, lambda u: 1 / np.cosh(u) ** 2),
}


def network(activation: str, d: int, n: int, width: int, rng: np.random.Generator) -> Any:
    """W0, sqrt(N) a, labels and inputs of both halves, a gradient with residual y, and one with residual y - f0."""
    sigma, slope = SIGMA[activation]
    w = rng.standard_normal((width, d))
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    a, x = rng.standard_normal(width), rng.standard_normal((n, d))
    y = clean(x) + 0.5 * rng.standard_normal(n)
    seen = x @ w.T
    residuals = {"mean-field": y, "ntk": y - sigma(seen) @ a / math.sqrt(width)}
    gradients = {
        name: a[:, None] / math.sqrt(width) * (slope(seen) * residual[:, None]).T @ x / n
        for name, residual in residuals.items()
    }
    return w, a, x, y, gradients


def clean(x: np.ndarray) -> np.ndarray:
    u = x[:, 0]
    found: np.ndarray = u + (u**2 - 1) / math.sqrt(2) + u * x[:, 1] / 2
    return found


def ridge_errors(features: np.ndarray, labels: np.ndarray, fresh: np.ndarray, truth: np.ndarray) -> list[float]:
    penalty = 0.1 * len(labels)
    a = np.linalg.solve(features.T @ features + penalty * np.eye(features.shape[1]), features.T @ labels)
    train = np.mean((labels - features @ a) ** 2)
    return [train + 0.1 * a @ a, train, np.mean((truth - fresh @ a) ** 2)]


@pytest.mark.parametrize("replicas", [12, pytest.param(48, marks=pytest.mark.slow)])
@pytest.mark.parametrize("activation", SIGMA)
def test_steps_along_explicit_gradients(activation: str, replicas: int) -> None:
    """Paired differences at d = 150, kappa up to .25, both scalings: six standard errors, 3/d of the errors before, and
    kappa^3 of them for what is left out (the bulk counts to order kappa^2).
    """
    d, n, width, rng, rates, sigma = 150, 300, 240, np.random.default_rng(2), (1.0, 4.0), SIGMA[activation][0]
    found: dict[tuple[str, float], list[np.ndarray]] = {}
    for _ in range(replicas):
        w, _, _, _, gradients = network(activation, d, n, width, rng)
        x, fresh = rng.standard_normal((n, d)), rng.standard_normal((1000, d))
        y, truth = clean(x) + 0.5 * rng.standard_normal(n), clean(fresh)
        before = np.array(ridge_errors(sigma(x @ w.T), y, sigma(fresh @ w.T), truth))
        for scaling, gradient in gradients.items():
            for eta in rates:
                rows = (w + eta * gradient).T
                after = ridge_errors(sigma(x @ rows), y, sigma(fresh @ rows), truth)
                found.setdefault((scaling, eta), []).append(before - after)
    for (scaling, eta), values in found.items():
        theory = spike_errors(TARGET, activation, n=n, d=d, width=width, ridge=0.1, eta=eta, scaling=scaling)
        mean, error = np.mean(values, axis=0), np.std(values, axis=0, ddof=1) / math.sqrt(len(values))
        margin = 6 * error + (3 / d + theory.kappa**3) * three(theory.before)
        assert (np.abs(mean - fallen(theory)) < margin).all()


def test_the_second_column_is_not_a_square() -> None:
    """E of the features' a^2 part: c_2 (kappa^2 g^2 + tau^2), so its mean over samples is 1 + r times that of g^2. The
    kernel says so, the kernel without tau misses; six standard errors and 4/d.
    """
    d, n, width, rng, found = 120, 240, 240, np.random.default_rng(7), []
    kappa, tau = step_strengths(step_constants(TARGET, Activation("relu")), d / n, width, 2.5)
    kernel, thin = (step_kernel("relu", kappa, t).coefficients for t in (tau, 0.0))
    for _ in range(150):
        w, a, x, y, gradients = network("relu", d, n, width, rng)
        fresh, beta = rng.standard_normal((n, d)), x.T @ y
        g = fresh @ beta / np.linalg.norm(beta)
        moved = np.maximum(fresh @ (w + 2.5 * gradients["mean-field"]).T, 0) - np.maximum(fresh @ w.T, 0)
        even = moved @ (a**2 - 1) / math.sqrt(2) / width
        found.append((even.mean(), (even * (g**2 - 1)).mean() / math.sqrt(2)))
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / math.sqrt(len(found))
    margin = 6 * error + 4 / d * kernel[[0, 2], 2]
    assert (np.abs(mean - kernel[[0, 2], 2]) < margin).all()
    assert abs(mean[0] - thin[0, 2]) > margin[0]


def test_what_a_gradient_has_beyond_rank_one_grows_faster_than_the_bulk() -> None:
    """D = F(W0 + eta G) - F(W0 + eta c_1 a beta^T), eta = n^.35, along 1 (a^2)^T of norm one, over sqrt(n): the kernel
    with less that without tau, sqrt(N) (C_00 + sqrt(2) C_02)/sqrt(3), grows with n (as n^.2 to leading order), so D is
    not o(sqrt(n)). Six standard errors, and 4/d for what beta and a do in the second order.
    """
    rng, means, errors = np.random.default_rng(17), [], []
    for n, replicas in ((100, 20), (400, 10)):
        rate, d, found = n**0.35, 2 * n, []
        for _ in range(replicas):
            w, x, fresh = (rng.standard_normal((n, d)) for _ in range(3))
            w, a = w / np.linalg.norm(w, axis=1, keepdims=True), rng.standard_normal(n) / math.sqrt(n)
            gradient = a[:, None] * ((x @ w.T > 0) * x[:, :1]).T @ x / n
            rank_one = np.outer(a, x.T @ x[:, 0] / n) / 2
            full, reduced = (np.maximum(fresh @ (w + rate * g).T, 0) for g in (gradient, rank_one))
            found.append((full - reduced).sum(axis=0) @ a**2 / np.linalg.norm(a**2) / n)
        kappa, tau = step_strengths(step_constants(Target("z1"), Activation("relu")), 2.0, n, rate)
        wide, thin = (step_kernel("relu", kappa, t).coefficients[0] for t in (tau, 0.0))
        expected = math.sqrt(n / 3) * ((wide - thin) @ [1, 0, math.sqrt(2), *[0] * 10])
        means.append(np.mean(found))
        errors.append(np.std(found, ddof=1) / math.sqrt(replicas))
        assert abs(means[-1] - expected) < 6 * errors[-1] + 4 / d * expected
        assert means[-1] > 6 * errors[-1]
    assert means[1] > means[0]  # by some six standard errors of the two in expectation


@pytest.mark.parametrize(("arguments", "words"), [
    ({}, "give one of eta and rate_exponent"),
    ({"eta": 1.0, "rate_exponent": 0.2}, "give one of eta and rate_exponent"),
    ({"rate_exponent": 1e6}, r"rate_exponent = 1e\+06 does not lie in \[0, 1/2\)"),
    ({"rate_exponent": 0.5}, "rate_exponent = 0.5 does not lie"),
    ({"rate_exponent": -0.1}, "rate_exponent = -0.1 does not lie"),
    ({"eta": math.nan}, "eta = nan"),
    ({"eta": 1.0, "n": 0}, "n = 0"),
    ({"eta": 1.0, "width": 1.5}, "width = 1.5"),
    ({"eta": 1.0, "ridge": 0.0}, "ridge = 0: gains need positive"),
    ({"eta": 1e4}, "too large"),
    ({"eta": 1.0, "scaling": "standard"}, "scaling = 'standard'"),
])  # fmt: skip
def test_refusals(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        spike_errors(TARGET, "relu", **{**SIZES, **arguments})
