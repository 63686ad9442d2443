"""Ridge after one step at the maximal rate: against other routes, identities of the fit, and its limits."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import MaximalRateErrors, ProblemError, Target, maximal_rate_errors, random_feature_errors
from theory.maximal_rate.labels import Labels
from theory.maximal_rate.rows import Isotropic, Trained

TARGET = Target("He1(z1) + He2(z1)/2 + He3(z1)/6", noise=0.3)
SIZES: dict[str, Any] = {"alpha0": 1.5, "eta": 1.0, "samples_per_width": 2.0, "ratio": 0.5, "ridge": 0.1}


def errors(activation: str = "tanh", target: Target | str = TARGET, **changes: Any) -> MaximalRateErrors:
    return maximal_rate_errors(target, activation, **{**SIZES, **changes})


@pytest.mark.parametrize("activation", ["relu", "tanh", "u", "He2(u)", "u + He2(u)"])
@pytest.mark.parametrize("ratio", [0.2, 1.0, 5.0])
@pytest.mark.parametrize(("samples", "ridge"), [(0.3, 0.1), (1.0, 1e-6), (4.0, 10.0)])
def test_no_step_is_random_features(activation: str, ratio: float, samples: float, ridge: float) -> None:
    plain = random_feature_errors(TARGET, activation, phi=1 / (ratio * samples), psi=1 / ratio, gamma=ridge)
    for alpha0 in (0.5, math.inf):
        found = errors(activation, alpha0=alpha0, eta=0, samples_per_width=samples, ratio=ratio, ridge=ridge)
        for name in ("test_error", "test_loss", "train_error", "train_loss"):
            assert getattr(found, name) == pytest.approx(getattr(plain, name), rel=1e-10)


def marchenko_pastur(ratio: float, function: Callable[[np.ndarray], np.ndarray]) -> float:
    """E function(s), s an eigenvalue of W W^T, W p x d of N(0, 1/d), p/d = ratio; the atom at 0 included.

    Midpoint rule in an angle in which the integrand is periodic and analytic.
    """
    angle = np.pi * (np.arange(2000) + 0.5) / 2000
    s = 1 + ratio - 2 * math.sqrt(ratio) * np.cos(angle)
    density = 4 * ratio * np.sin(angle) ** 2 / (2 * ratio * s) / 2000
    return float(function(s) @ density) + max(0.0, 1 - 1 / ratio) * float(function(np.zeros(1))[0])


def by_iteration(eta: float, alpha0: float, samples: float, ratio: float, ridge: float) -> list[float]:
    """The equations of spiked features as published, for tanh and TARGET: Gauss-Hermite, plain iteration, integrated
    spectra. Shares no line with ours.
    """
    z, w = np.polynomial.hermite_e.hermegauss(100)
    w = w / w.sum()
    star = lambda u: u + (u**2 - 1) / 2 + (u**3 - 3 * u) / 6  # noqa: E731
    slope = 1 / np.cosh(z) ** 2
    b2 = 1 + (1 + 1 / 2 + 1 / 6 + 0.09) / alpha0
    r, along = eta * (w @ slope) * math.sqrt(b2), 1 / math.sqrt(b2)
    c = 1 + eta**2 * (b2 - 1) * (w @ (slope - w @ slope) ** 2)
    k, e = z, w
    sigma = np.tanh(r * k[:, None] + math.sqrt(c) * z)
    mu0, mu1 = sigma @ w, sigma @ (w * z) / math.sqrt(c)
    one, two = mu1**2, sigma**2 @ w - mu0**2 - c * mu1**2
    label = star(along * k[:, None] + math.sqrt(1 - along**2) * z)
    h, h1, hh = label @ w, label @ (w * z), label**2 @ w + 0.09
    v1 = v2 = 1.0
    for _ in range(60):
        i = 1 / (1 + one * v1 + two * v2)
        hat1, hat2 = samples * e @ (one * i), samples * e @ (two * i)
        mean = lambda power, a, b=0.0, hats=(hat1, hat2): marchenko_pastur(  # noqa: E731
            ratio, lambda s: (a * c * s + b) * (c * s) ** power / (ridge + hats[1] + hats[0] * c * s)
        )
        v1, v2 = mean(0, 1.0), mean(0, 0.0, 1.0)
    s2 = lambda power: marchenko_pastur(ratio, lambda s: (c * s) ** power / (ridge + hat2 + hat1 * c * s) ** 2)  # noqa: E731
    ps = samples * e @ (h1 * mu1 * i)
    psi, theta, m, q1, q2 = ps * ratio * v1, 0.0, 0.0, 0.0, 0.0
    for _ in range(300):
        m = e @ (mu0 * (h - mu1 * k * theta) * i) / (e @ (mu0**2 * i))
        th = samples * e @ (k * mu1 * (h - mu0 * m - mu1 * k * theta) * i)
        theta = 0.7 * theta + 0.3 * th * ratio * c * v2
    fit = mu0 * m + mu1 * k * theta
    th = samples * e @ (k * mu1 * (h - fit) * i)
    moments = [s2(power) for power in range(3)]
    for _ in range(400):
        left = hh - 2 * h * fit + fit**2 - 2 * mu1 * psi * h1 + one * q1 + two * q2
        a = samples * e @ (one * left * i**2) + ps**2 * ratio
        b = samples * e @ (two * left * i**2) + th**2 * ratio * c
        q1, q2 = a * moments[2] + b * moments[1], a * moments[1] + b * moments[0]
    return [e @ left - 0.09, e @ (left * i**2)]


@pytest.mark.parametrize(("ratio", "eta"), [(0.5, 1.0), (1.0, 0.7), (2.0, 1.5)])
def test_spiked_features_by_plain_iteration(ratio: float, eta: float) -> None:
    found = errors(eta=eta, ratio=ratio, rows="spiked")
    expected = by_iteration(eta, 1.5, 2.0, ratio, 0.1)
    np.testing.assert_allclose([found.test_error, found.train_error], expected, rtol=1e-8)
    foil = errors(eta=eta, ratio=1.0, rows="spiked")
    assert (ratio == 1) == (foil == found)
    if ratio != 1:
        assert abs(foil.test_error / found.test_error - 1) > 0.1


@pytest.mark.parametrize("rows", ["trained", "spiked"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "relu(u) + u**2/4"])
@settings(max_examples=3, deadline=None)
@given(eta=st.floats(0.01, 2), ratio=st.floats(0.2, 3), samples=st.floats(0.2, 3), ridge=st.floats(0.01, 1))
def test_loss_is_a_minimum(rows: str, activation: str, eta: float, ratio: float, samples: float, ridge: float) -> None:
    """Envelope theorem: d train_loss/d ridge = |a|^2/n. It ties the squares of the order parameters to the rest."""
    at = lambda x: errors(activation, eta=eta, ratio=ratio, samples_per_width=samples, ridge=x, rows=rows)  # noqa: E731
    found, step = at(ridge), 1e-4 * ridge
    slope = (at(ridge + step).train_loss - at(ridge - step).train_loss) / (2 * step)
    assert slope == pytest.approx(found.norm / samples, rel=1e-6)
    assert found.residual < 1e-12
    assert found.error <= 1e-9 * max(1.0, found.test_loss)
    assert 0 <= found.train_error <= found.train_loss
    assert found.test_loss == pytest.approx(found.test_error + 0.09, rel=1e-12)


def test_many_gradient_samples_leave_the_spike_alone() -> None:
    """alpha0 -> inf with c_2 = 0: the rows' covariance is I, at rate 1/alpha0."""
    gaps = []
    for alpha0 in (1e4, 1e5, math.inf):
        trained, spiked = (errors("tanh", alpha0=alpha0, rows=rows) for rows in ("trained", "spiked"))
        gaps.append(abs(trained.test_error - spiked.test_error))
    assert gaps[2] < 1e-12 < gaps[1]
    assert gaps[0] / gaps[1] == pytest.approx(10, rel=0.02)


def test_the_population_step_stretches_the_teacher() -> None:
    """alpha0 = inf, c_2 != 0: rows move by eta c_2 E[y z^2] along w*, so Sigma_ww = (1 + eta c_2 E[y z^2])^2 there."""
    rows = Trained(*Labels(TARGET).law(0.1), math.inf, 0.4, 0.7)
    forms, trace = rows.at(0.0).forms[0], rows.at(0.0).trace[0]
    assert trace == pytest.approx(1, rel=1e-14)
    assert forms[0] == pytest.approx(1.4**2, rel=1e-12)  # E[y z^2] = 1


@pytest.mark.parametrize(("bend", "rest"), [(0.0, 0.6), (0.5, 0.0)])
def test_covariance_at_zero_by_counting(bend: float, rest: float) -> None:
    """t = 0: trace and forms of Sigma, from moments of (y, z) by pairing samples (docs/notes/maximal_rate.md)."""
    alpha0 = 1.3
    y, z, weights = Labels(TARGET).law(0.1)
    mean = lambda values: float(weights @ values)  # noqa: E731
    m, square = mean(y * z), mean(y**2)
    size = m**2 + square / alpha0
    if bend:  # 2 M + bend M^2, M^2 with one sample more
        teacher = 2 * mean(y * z**2) + bend * (mean(y**2 * z**2) / alpha0 + mean(y * z**2) ** 2)
        expected_trace = 1 + bend**2 * square / alpha0
        factor = bend
    else:
        teacher = mean(y**2 * z**2)
        expected_trace, factor = 1 + rest * square / alpha0, rest / alpha0
        both = mean(y**3 * z) / alpha0 + m * teacher
        spike = mean(y**4) / alpha0**2 + 2 * m * mean(y**3 * z) / alpha0 + square**2 / alpha0 + m**2 * teacher
    seen = Trained(y, z, weights, alpha0, bend, rest).at(0.0)
    vv, vw, ww = seen.forms[0]
    assert seen.trace[0] == pytest.approx(expected_trace, rel=1e-12)
    along = m / math.sqrt(size)
    rest_of = math.sqrt(1 - along**2)
    assert along**2 * vv + 2 * along * rest_of * vw + rest_of**2 * ww == pytest.approx(1 + factor * teacher, rel=1e-11)
    if rest:
        assert vv == pytest.approx(1 + factor * spike / size, rel=1e-11)
        assert along * vv + rest_of * vw == pytest.approx(along + factor * both / math.sqrt(size), rel=1e-11)


@pytest.mark.parametrize("t", [0.0, 0.3, 20.0])
def test_slopes_of_the_resolvent(t: float) -> None:
    rows = Trained(*Labels(TARGET).law(0.1), 0.8, 0.3, 0.5)
    step = 1e-5 * max(t, 1e-2)
    low, seen, high = rows.at(t), rows.at(t + step), rows.at(t + 2 * step)
    np.testing.assert_allclose((high.trace[0] - low.trace[0]) / (2 * step), seen.trace[1], rtol=1e-6)
    np.testing.assert_allclose((high.forms[0] - low.forms[0]) / (2 * step), seen.forms[1], rtol=1e-5, atol=1e-8)


def test_trained_rows_without_change_are_isotropic() -> None:
    rows = Trained(*Labels(TARGET).law(0.1), 0.8, 0.0, 0.0)
    for t in (0.0, 0.7, 50.0):
        np.testing.assert_allclose(rows.at(t).trace, Isotropic(1.0).at(t).trace, rtol=1e-13)
        np.testing.assert_allclose(rows.at(t).forms, Isotropic(1.0).at(t).forms, rtol=1e-12, atol=1e-13)


def test_linear_features_by_hand() -> None:
    """sigma = u: least squares on v and on p of the d - 1 other directions; what is not in their span acts as noise."""
    found = errors("u", "z1", ridge=1e-9)  # Sigma = I, since sigma' is constant
    beyond = (1 - found.alignment**2) * (1 - 0.5)
    assert found.alignment**2 == pytest.approx(1 / (1 + 1 / 1.5), rel=1e-12)
    assert found.test_error == pytest.approx(beyond / (1 - 1 / 2), rel=1e-7)
    assert found.train_error == pytest.approx(beyond * (1 - 1 / 2), rel=1e-7)


def test_links_that_ask_for_care() -> None:
    with pytest.raises(ProblemError, match="kinks"):
        errors("relu", "sign(z1)", alpha0=math.inf)
    assert errors("relu", "sign(z1)").residual < 1e-12
    assert errors("relu", Target("0*z1", noise=0.5)).test_error > 0
    even = errors("He2(u)", "z1")
    assert (even.spike, even.along_spike) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": "z1*z2"}, "one coordinate"), ({"target": "0*z1"}, "constant"), ({"activation": "3"}, "constant"),
        ({"activation": "sign"}, "jumps"), ({"ridge": 0}, "ridge"), ({"ratio": -1}, "ratio"),
        ({"samples_per_width": 0}, "samples_per_width"), ({"alpha0": 0}, "alpha0"), ({"eta": -1}, "eta"),
        ({"eta": math.nan}, "eta"), ({"rows": "frozen"}, "rows"), ({"eta": 1e9, "activation": "tanh"}, "too large"),
        ({"eta": 1e-9}, "too small"),
    ],
)  # fmt: skip
def test_refusals(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        errors(**{"activation": "relu", **changes})
