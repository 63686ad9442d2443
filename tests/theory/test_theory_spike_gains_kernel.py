"""The resummed kernel of one step: power series, polynomials, singular system, and what widens it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import hermite_e
from scipy.special import ndtr

from theory import Activation, ProblemError, Target, hermite_coefficients
from theory.spikes.kernel import normalised_hermite, spread, step_kernel, step_strengths
from theory.spikes.step import step_constants


def power_series(activation: str, kappa: float, tau: float, terms: int) -> np.ndarray:
    """sum_k c_k a^k E(kappa g + tau z)^k in he_i(g) he_j(a), every moment by a Gauss-Hermite rule in (g, z) and a."""
    x, w = hermite_e.hermegauss(40)
    w = w / w.sum()
    table, found = normalised_hermite(x, 12), np.zeros((13, 13))
    for k, c in enumerate(hermite_coefficients(activation, terms)):
        left = table.T @ (w * ((kappa * x[:, None] + tau * x) ** k @ w))
        found += float(c) / math.factorial(k) * np.outer(left, table.T @ (w * x**k)) * (k > 0)
    return found


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu", "u**3 + u**2 - 2*u", "sin"])
def test_power_series(activation: str) -> None:
    """Of c_1 .. c_8: what is left is of order kappa^9, or nothing for a cubic."""
    for kappa, tau in ((0.02, 0.0), (0.02, 0.015), (-0.03, 0.02)):
        kernel = step_kernel(activation, kappa, tau)
        np.testing.assert_allclose(kernel.coefficients, power_series(activation, kappa, tau, 8), atol=1e-9)
        assert max(kernel.error, kernel.tail) < 1e-11
    cubic = step_kernel("u**3 + u**2 - 2*u", 0.7, 0.4)
    np.testing.assert_allclose(cubic.coefficients, power_series("u**3 + u**2 - 2*u", 0.7, 0.4, 3), atol=1e-12)


def test_relu_by_its_closed_form() -> None:
    """E relu(s z + m) = m Phi(m/s) + s phi(m/s)."""
    kappa, tau = 0.4, 0.3
    kernel = step_kernel("relu", kappa, tau)
    x = np.linspace(-1.5, 1.5, 7)
    m, s = kappa * np.outer(x, x), np.sqrt(1 + tau**2 * x**2)
    exact = m * ndtr(m / s) + (s * np.exp(-((m / s) ** 2) / 2) - 1) / math.sqrt(2 * math.pi)
    table = normalised_hermite(x, 12)
    np.testing.assert_allclose(table @ kernel.coefficients @ table.T, exact, atol=3e-4)
    np.testing.assert_allclose((table @ kernel.left * kernel.values) @ (table @ kernel.right).T, exact, atol=3e-4)
    assert 1e-6 < kernel.tail < 3e-4


@settings(max_examples=5, deadline=None)
@given(kappa=st.floats(-0.5, 0.5), tau=st.floats(0, 0.5))
def test_singular_system(kappa: float, tau: float) -> None:
    kernel = step_kernel("gelu", kappa, tau)
    for basis in (kernel.left, kernel.right):
        np.testing.assert_allclose(basis.T @ basis, np.eye(13), atol=1e-12)
    np.testing.assert_allclose((kernel.left * kernel.values) @ kernel.right.T, kernel.coefficients, atol=1e-14)
    mirrored = step_kernel("gelu", -kappa, tau).coefficients  # T(g, a) at -kappa is T(-g, a), and T(-g, -a) = T(g, a)
    signs = (-1.0) ** np.arange(13)
    np.testing.assert_allclose(mirrored, signs[:, None] * kernel.coefficients, atol=1e-9)
    np.testing.assert_allclose(kernel.coefficients[signs[:, None] != signs], 0, atol=1e-12)


def test_the_gradient_beyond_rank_one_widens_what_neurons_see() -> None:
    """Explicit first gradients of ReLU: rows have length a~_j^2 (kappa^2 + tau^2) and their part along beta is kappa.
    d = 300, N = 400, 30 batches; six standard errors and 4/sqrt(n) for beta's own fluctuation.
    """
    d, n, width, eta, rng = 300, 500, 400, 2.0, np.random.default_rng(5)
    kappa, tau = step_strengths(step_constants(Target("z1 + z1*z2", noise=0.5), Activation("relu")), d / n, width, eta)
    found = []
    for _ in range(30):
        w = rng.standard_normal((width, d))
        w /= np.linalg.norm(w, axis=1, keepdims=True)
        x = rng.standard_normal((n, d))
        y = x[:, 0] * (1 + x[:, 1]) + 0.5 * rng.standard_normal(n)
        rows = eta / math.sqrt(width) * ((x @ w.T > 0) * y[:, None]).T @ x / n  # of neurons with a~ = 1
        along = rows @ (x.T @ y) / np.linalg.norm(x.T @ y)
        found.append((along.mean(), (rows**2).sum(axis=1).mean() - (along**2).mean()))
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / math.sqrt(30)
    assert abs(mean[0] - kappa) < 6 * error[0] + 4 * kappa / n
    assert abs(mean[1] - tau**2) < 6 * error[1] + 4 * tau**2 / math.sqrt(n)
    assert mean[1] > 0.5 * tau**2 > 20 * error[1]


def test_spread_is_tau_over_kappa_squared() -> None:
    for scaling in ("mean-field", "ntk"):
        constants = step_constants(Target("z1 + He2(z1)", noise=1), Activation("relu"), scaling)
        kappa, tau = step_strengths(constants, 0.7, 900, 3.0)
        assert spread(constants, 0.7) == pytest.approx((tau / kappa) ** 2, rel=1e-14)
    mean_field = step_constants(Target("z1", noise=1), Activation("relu"))
    assert spread(mean_field, 0.5) == pytest.approx(0.5 * 2 / (1 + 0.5 * 2))  # (sigma' - 1/2)^2 = 1/4 = c_1^2
    assert spread(step_constants(Target("z1"), Activation("u")), 0.5) == 0


def test_refusals() -> None:
    with pytest.raises(ProblemError, match="too large"):
        step_kernel("sigmoid", 30, 20)
    with pytest.raises(ProblemError, match="tau"):
        step_kernel("relu", 0.1, -0.1)
