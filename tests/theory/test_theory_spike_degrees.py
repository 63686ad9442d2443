"""Degrees that ridge regression holds after a step, and the bulk with several linear parts: closed forms, quadrature,
explicit gradients.
"""

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import hermite_e

from theory import Activation, Target, random_feature_errors, spike_errors, spike_gains
from theory.energies import feature_energy
from theory.spikes.bulk import Bulk, bulk
from theory.spikes.fit import times_argument
from theory.spikes.kernel import normalised_hermite, step_kernel
from theory.spikes.sides import second_energy, side_labels
from theory.spikes.step import step_constants

AT: dict[str, Any] = {"phi": 0.5, "psi": 0.8, "gamma": 0.16}
TARGET = Target("z1 + He2(z1)/2 + He3(z1)/3 + z1*z2/2", noise=0.5)
SINE = "sin(u + 1/2) - exp(-1/2)*sin(1/2)"


@pytest.mark.parametrize("scaling", ["mean-field", "ntk"])
def test_plateaus_in_closed_form(scaling: str) -> None:
    """One column: R_1 = 1 - (m2/m1)(1 - rho^2), and nothing else. Monomials g, g^2: of He_2(z1)/2, whose energy is 1/2,
    and z1 z2/2, of energy 1/4, the column g^2 - where no constant is taken off - holds 2/3 rho^4 of the first.
    """
    for regime in (1, 2):
        found = spike_gains(TARGET, SINE, **AT, regime=regime, scaling=scaling, columns="monomials")
        left = found.before.m2 / found.before.m1
        assert found.learned[1] == pytest.approx(1 - left * (1 - found.alignment), rel=1e-12)
        second = 2 / 3 * found.alignment**2 * (1 / 2) / (1 / 2 + 1 / 4) * (regime == 2)
        assert found.learned[2] == pytest.approx(second, abs=1e-12)
        assert found.learned[3] == pytest.approx(0.0, abs=1e-12)
        assert [math.isnan(share) for share in found.learned] == [j not in (1, 2, 3) for j in range(11)]


def test_third_column_with_the_first() -> None:
    """g and g^3, m1 for what is beside g: of g^3 less its part along g, sqrt(6) he_3, all of he_3(g) is held."""
    found = spike_gains("z1 + He3(z1)/3", "erf", **AT, regime=3, columns="monomials")
    assert found.learned[3] == pytest.approx(found.alignment**3, rel=1e-12)


@pytest.mark.parametrize("scaling", ["mean-field", "ntk"])
@pytest.mark.parametrize(("alpha", "regime"), [(0.13, 1), (0.29, 2), (0.355, 3)])
def test_the_staircase_in_the_rate(alpha: float, regime: int, scaling: str) -> None:
    """R_j tends to the plateau of its regime: 0 for j > l."""
    limit = spike_gains(TARGET, SINE, phi=0.5, psi=0.8, ridge=0.1, regime=regime, scaling=scaling).learned
    misses = []
    for n in (10**16, 10**24):
        sizes: dict[str, Any] = {"n": n, "d": n // 2, "width": n * 5 // 8, "ridge": 0.1, "scaling": scaling}
        misses.append(
            max(abs(spike_errors(TARGET, SINE, **sizes, rate_exponent=alpha).learned[j] - limit[j]) for j in (1, 2, 3))
        )
    assert misses[1] < 0.03
    assert misses[1] < misses[0] / 3


def test_a_constant_step_holds_the_linear_part_alone() -> None:
    """R_1 rises by as much at any n; R_2 and R_3 fall as 1/n."""
    found = []
    for n in (10**5, 10**6):
        sizes: dict[str, Any] = {"n": n, "d": n // 8, "width": n // 8, "gamma": 0.1}
        found.append(spike_errors(TARGET, SINE, **sizes, rate_exponent=0, prefactor=3.0))
    few, many = (np.array(each.learned[1:4]) for each in found)
    assert few[0] == pytest.approx(many[0], rel=1e-3)
    assert few[0] > 1.3 * (1 - found[0].before.m2 / found[0].before.m1)
    np.testing.assert_allclose(few[1:] / many[1:], 10, rtol=0.01)
    assert np.abs(few[1:]).max() < 1e-3


@settings(max_examples=20, deadline=None)
@given(
    linear=st.floats(0.05, 1), rest=st.floats(0.01, 1), phi=st.floats(0.1, 5), psi=st.floats(0.1, 5),
    gamma=st.floats(0.01, 5),
)  # fmt: skip
def test_one_linear_part_is_random_features(linear: float, rest: float, phi: float, psi: float, gamma: float) -> None:
    """m1 of the explicit equation, and the penalty back from the root; a further part of energy 0 changes nothing."""
    found = Bulk(np.diag([linear, 0.0]), rest, phi, psi)
    w = found.root(gamma)
    assert found.gamma(w) == pytest.approx(gamma, rel=1e-8)
    h = psi / phi * w * (rest + linear / (1 + linear * w / phi))
    assert 0 < h < min(1, psi / phi)
    assert found.noise_left(w) == pytest.approx(w / (1 - h), rel=1e-12)


def test_no_step_is_random_features() -> None:
    before = random_feature_errors("z1", SINE, **AT)
    still, energy = bulk(step_kernel(SINE, 0.0, 0.0), 0.5, 0.8), feature_energy(Activation(SINE))
    w = still.root(0.16)
    assert still.noise_left(w) == pytest.approx(before.m1, rel=1e-9)
    assert still.noise_left(w) * still.left(w)[0, 0] == pytest.approx(before.m2, rel=1e-9)
    assert (still.mixed[0, 0], still.rest) == pytest.approx((energy.linear, energy.nonlinear), rel=1e-9)


def test_slopes_by_a_rule() -> None:
    """D(g, a) = E_z[sigma(s z + kappa g a) z]; g he_i in the he_i."""
    kernel, (x, w) = step_kernel(SINE, 0.4, 0.3), hermite_e.hermegauss(60)
    w, table, scale = w / w.sum(), normalised_hermite(x, 12), np.sqrt(1 + (0.3 * x) ** 2)
    shifts = 0.4 * np.outer(x, x)[..., None] + (scale[:, None] * x)[None]
    slope = (np.sin(shifts + 0.5) * x) @ w
    expected = (w[:, None] * table).T @ slope @ (w[:, None] * table)
    np.testing.assert_allclose(kernel.slopes, expected, atol=1e-9)
    turned = (w[:, None] * table).T @ (x[:, None] * slope) @ (w[:, None] * table)
    np.testing.assert_allclose(times_argument(kernel.slopes)[:12], turned[:12], atol=1e-9)


def test_labels_beside_the_step_by_a_rule() -> None:
    """Of f* in z1, z2 along beta = rho u + sqrt(1 - rho^2) e, e outside: r and one direction more."""
    target = Target("z1 + z2/2 + z1**2*z2/3 + z2**3/4 - z1*z2", noise=0.5)
    constants, phi = step_constants(target, Activation("relu")), 0.5
    rho, slope = math.sqrt(constants.alignment(phi)), np.array([1, 1 / 2 + 1 / 3 + 3 / 4])
    slope /= np.linalg.norm(slope)
    x, w = hermite_e.hermegauss(24)
    points = np.array(list(product(x, x, x)))
    weights = np.array([math.prod(each) for each in product(w / w.sum(), repeat=3)])
    one, other = points[:, 0], points[:, 1]
    values = one + other / 2 + one**2 * other / 3 + other**3 / 4 - one * other
    beta = np.array([*(rho * slope), math.sqrt(1 - rho**2)])
    beside = (np.array([*slope, 0.0]) - rho * beta) / math.sqrt(1 - rho**2)
    last = np.cross(beta, beside)
    table = weights[:, None] * values[:, None] * normalised_hermite(points @ beta, 12)
    first, others = side_labels(target, constants, phi)
    np.testing.assert_allclose(first, (points @ beside) @ table, atol=1e-10)
    along = (points @ last) @ table
    np.testing.assert_allclose(others, np.outer(along, along), atol=1e-10)
    assert second_energy(target) == pytest.approx((2.0, 0.0))  # C_2 = -(0 1; 1 0)


def features(activation: str, fields: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.sin(fields + 0.5) - math.exp(-0.5) * math.sin(0.5) if activation == SINE else np.tanh(fields)
    return found


@pytest.mark.parametrize("scaling", ["mean-field", "ntk"])
def test_degrees_along_explicit_gradients(scaling: str) -> None:
    """Rises of R_1, R_2, R_3, d = 60, kappa .15 and .4: six standard errors, kappa^2/4 + 20/n; linear, quadratic and
    cubic parts by their projections on 2^12 samples. The curve without what the bulk has of g would be out by a half.
    """
    d, n, width, rng, replicas = 60, 480, 240, np.random.default_rng(3), 30
    target = Target("z1 + He2(z1)/2 + He3(z1)/3", noise=0.1)
    unit = spike_errors(target, SINE, n=n, d=d, width=width, gamma=0.1, eta=1.0, scaling=scaling).kappa
    rates, found = [0.15 / unit, 0.4 / unit], np.empty((2, replicas, 3))

    def parts(u: np.ndarray) -> np.ndarray:
        return np.array([u, (u**2 - 1) / 2, (u**3 - 3 * u) / 3])

    for replica in range(replicas):
        w = rng.standard_normal((width, d))
        w /= np.linalg.norm(w, axis=1, keepdims=True)
        a, x, z, t = (
            rng.standard_normal(width) / math.sqrt(width),
            *(rng.standard_normal((m, d)) for m in (n, n, 2**12)),
        )
        y, labels = (parts(v[:, 0]).sum(axis=0) + 0.1 * rng.standard_normal(n) for v in (x, z))
        fields = x @ w.T
        residual = y - (features(SINE, fields) @ a if scaling == "ntk" else 0)
        gradient = a[:, None] * ((np.cos(fields + 0.5) * residual[:, None]).T @ x) / n
        held = []
        for rate in (0.0, *rates):
            rows = (w + rate * gradient).T
            matrix, fresh = (features(SINE, v @ rows) / math.sqrt(width) for v in (z, t))
            fitted = fresh @ np.linalg.solve(matrix.T @ matrix + 0.1 * np.eye(width), matrix.T @ labels)
            held.append(parts(t[:, 0]) @ fitted / len(t) / np.array([1, 1 / 2, 2 / 3]))
        found[:, replica] = np.array(held[1:]) - held[0]
    for rate, values in zip(rates, found, strict=True):
        theory = spike_errors(target, SINE, n=n, d=d, width=width, gamma=0.1, eta=rate, scaling=scaling)
        start = np.array([1 - theory.before.m2 / theory.before.m1, 0, 0])
        error = values.std(axis=0, ddof=1) / math.sqrt(replicas)
        margin = 6 * error + theory.kappa**2 / 4 + 20 / n
        assert (np.abs(values.mean(axis=0) - (np.array(theory.learned[1:4]) - start)) < margin).all()
