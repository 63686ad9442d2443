"""Random-feature ridge: against spectra integrated by hand, in its limits, and against explicit regressions."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq

from theory import ProblemError, RandomFeatureErrors, Target, random_feature_errors

TARGET = Target("3/2*z1 - 2*z2 + z1*z2 + 7", noise=0.5)  # |C_1|^2 = 25/4, Var f* = 29/4
LINEAR, UNFITTED = 6.25, 1.25
# sigma: c_1^2 and E sigma^2 - c_0^2 - c_1^2 by hand
PARTS = {
    "relu": (1 / 4, 1 / 4 - 1 / (2 * math.pi)),
    "u": (1.0, 0.0),
    "3*u - 2": (9.0, 0.0),
    "He2": (0.0, 2.0),
    "sin": (math.exp(-1), (1 - math.exp(-2)) / 2 - math.exp(-1)),
    "sign": (2 / math.pi, 1 - 2 / math.pi),
}


def errors(activation: str = "relu", target: Target | str = TARGET, **sizes: Any) -> RandomFeatureErrors:
    return random_feature_errors(target, activation, **sizes)


def four(found: RandomFeatureErrors) -> list[float]:
    return [found.train_loss, found.train_error, found.test_error, found.test_loss]


def marchenko_pastur(ratio: float, function: Callable[[float], float]) -> float:
    """E function(s), s an eigenvalue of X^T X/n, X n x d of N(0, 1), d/n -> ratio; the atom at 0 included."""
    low, high = (1 - math.sqrt(ratio)) ** 2, (1 + math.sqrt(ratio)) ** 2
    middle, half = (low + high) / 2, (high - low) / 2

    def integrand(angle: float) -> float:  # s = middle - half cos(angle): no root singularity at the ends
        s = middle - half * math.cos(angle)
        return function(s) * (half * math.sin(angle)) ** 2 / (2 * math.pi * ratio * s)

    atom = max(0.0, 1 - 1 / ratio) * function(0.0) if ratio > 1 else 0.0
    return quad(integrand, 0, math.pi, epsabs=1e-12, epsrel=1e-12, limit=100)[0] + atom


def by_spectra(activation: str, phi: float, psi: float, ridge: float) -> list[float]:
    """Ridge on Gaussian features of covariance S = A W W^T + B and linear f*: kappa = ridge + kappa df_1/n, both traces
    over the spectrum of W W^T (that of psi^-1 X^T X/n at ratio psi, and N - d zeros), no formula of ours.
    """
    a, b = PARTS[activation]

    def trace(function: Callable[[float], float]) -> float:  # tr function(S) / n
        inner = marchenko_pastur(psi, lambda s: function(a * s / psi + b))
        return phi * inner + (phi / psi - phi) * function(b)

    def degrees(kappa: float) -> float:
        return trace(lambda s: s / (s + kappa))

    kappa = brentq(lambda x: x * (1 - degrees(x)) - ridge, 1e-12, 1e4, xtol=1e-15, rtol=1e-14) if phi else ridge
    second = trace(lambda s: (s / (s + kappa)) ** 2) if phi else 0.0
    tau = kappa + b
    inside = marchenko_pastur(psi, lambda s: tau / (a * s / psi + tau))
    bias = marchenko_pastur(psi, lambda s: kappa * tau / (a * s / psi + tau) ** 2 + b / (a * s / psi + tau))
    test = (LINEAR * bias + UNFITTED) / (1 - second)
    share = ridge / kappa
    return [share * (LINEAR * inside + UNFITTED), share**2 * test, test - 0.25, test]


@pytest.mark.parametrize("activation", PARTS)
@pytest.mark.parametrize(("phi", "psi", "ridge"), [(0.5, 0.8, 0.1), (2.0, 0.7, 0.01), (0.3, 1.7, 1.0), (1.5, 1.5, 0.2)])
def test_against_traces_over_the_spectrum(activation: str, phi: float, psi: float, ridge: float) -> None:
    found = errors(activation, phi=phi, psi=psi, ridge=ridge)
    np.testing.assert_allclose(four(found), by_spectra(activation, phi, psi, ridge), rtol=1e-9)
    assert (found.linear, found.unfitted) == (LINEAR, UNFITTED)


@pytest.mark.parametrize("activation", PARTS)
@pytest.mark.parametrize(("psi", "ridge"), [(0.5, 0.1), (2.0, 0.3)])
def test_infinitely_many_samples(activation: str, psi: float, ridge: float) -> None:
    """phi = 0: the population's own ridge fit, kappa = ridge."""
    found = errors(activation, phi=0, psi=psi, ridge=ridge)
    np.testing.assert_allclose(four(found), by_spectra(activation, 0, psi, ridge), rtol=1e-10)
    assert found.m1 == found.degrees == 0


@pytest.mark.parametrize("activation", ["relu", "u", "3*u - 2", "sign"])
@pytest.mark.parametrize(("phi", "gamma"), [(0.5, 0.1), (2.0, 0.3), (1.0, 0.05)])
def test_infinitely_many_neurons(activation: str, phi: float, gamma: float) -> None:
    """psi = 0: kernel A <x, x'>/d + B 1{x = x'}, so plain linear ridge with penalty mu n, mu = (gamma + B) phi/A."""
    a, b = PARTS[activation]
    mu = (gamma + b) * phi / a
    first, second = (marchenko_pastur(phi, lambda s, k=k: 1 / (s + mu) ** k) for k in (1, 2))
    signal = marchenko_pastur(phi, lambda s: s / (s + mu) ** 2)
    test = LINEAR * mu**2 * second + UNFITTED * (1 + phi * signal)
    share = gamma * phi / a
    inverse = LINEAR * (1 - mu * first) + UNFITTED * (phi * first + (1 - phi) / mu)
    squared = LINEAR * signal + UNFITTED * (phi * second + (1 - phi) / mu**2)
    found = errors(activation, phi=phi, psi=0, gamma=gamma)
    np.testing.assert_allclose(four(found), [share * inverse, share**2 * squared, test - 0.25, test], rtol=1e-10)
    assert found.ridge == math.inf


RATIOS = [0, 1e-8, 0.01, 0.3, 1.0, 1.5, 40.0, 1e8, math.inf]


@pytest.mark.parametrize("activation", ["relu", "u", "u + He2(u)/10**7", "tanh"])
def test_residuals_over_a_grid(activation: str) -> None:
    for phi in RATIOS:
        for psi in RATIOS:
            if phi == psi and phi in {0, math.inf}:
                continue
            for penalty in ({"ridge": r} for r in (0.0, 1e-30, 1e-12, 1e-3, 1.0, 1e6)):
                found = errors(activation, phi=phi, psi=psi, **penalty)
                assert found.residual < 1e-12
                assert 0 <= found.train_error <= found.train_loss * (1 + 1e-12) <= (LINEAR + UNFITTED) * (1 + 1e-9)
                assert found.test_error >= UNFITTED - 0.25 - 1e-9


@pytest.mark.parametrize("activation", ["relu", "u", "He2"])
@pytest.mark.parametrize(("end", "near"), [
    ({"phi": 0, "psi": 0.7}, {"phi": 1e-9}), ({"phi": 0.7, "psi": 0}, {"psi": 1e-9}),
    ({"phi": math.inf, "psi": 0.7}, {"phi": 1e9}), ({"phi": 0.7, "psi": math.inf}, {"psi": 1e9}),
    ({"phi": math.inf, "psi": 0}, {"phi": 1e9, "psi": 1e-9}), ({"phi": 0, "psi": math.inf}, {"phi": 1e-9, "psi": 1e9}),
])  # fmt: skip
def test_ends_are_limits(activation: str, end: dict[str, float], near: dict[str, float]) -> None:
    for penalty in ({"ridge": 0.2}, {"gamma": 0.2}):
        np.testing.assert_allclose(
            four(errors(activation, **end, **penalty)),
            four(errors(activation, **{**end, **near}, **penalty)),
            atol=1e-6,
        )


@pytest.mark.parametrize("activation", ["relu", "u", "He2"])
@pytest.mark.parametrize(("phi", "psi"), [(0.5, 0.8), (0.8, 0.5), (2.0, 0.5), (0.5, 2.0), (0, 0.5), (0.5, 0)])
def test_no_ridge_is_a_limit(activation: str, phi: float, psi: float) -> None:
    exact = errors(activation, phi=phi, psi=psi, ridge=0)
    np.testing.assert_allclose(four(exact), four(errors(activation, phi=phi, psi=psi, ridge=1e-12)), atol=1e-6)


def test_least_squares_by_hand() -> None:
    """Labels no feature explains: test_loss = E/(1 - N/n) below the peak, and residuals shrink by 1 - N/n."""
    target = Target("z1*z2", noise=0.5)
    found = errors(target=target, phi=0.5, psi=0.8, ridge=0)
    share = 1 - 0.5 / 0.8
    np.testing.assert_allclose(four(found), [1.25 * share, 1.25 * share, 1.25 / share - 0.25, 1.25 / share])
    above = errors(target=target, phi=0.8, psi=0.5, ridge=0)
    assert (above.train_loss, above.train_error, above.degrees) == (0, 0, 1)
    linear = errors("u", phi=0.4, psi=0.1, ridge=0, target=target)  # N > n > d: linear regression in d dimensions
    np.testing.assert_allclose(four(linear), [0.75, 0.75, 1.25 / 0.6 - 0.25, 1.25 / 0.6])


@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.5])
def test_the_peak_without_ridge(ratio: float) -> None:
    found = errors(phi=ratio, psi=ratio, ridge=0)
    assert found.test_error == found.test_loss == math.inf
    assert found.train_error == found.train_loss == 0
    close = [errors(phi=ratio, psi=ratio, ridge=10.0**-k).test_error for k in (12, 14, 16)]
    np.testing.assert_allclose(np.diff(np.log10(close)), 1, atol=0.01)  # as ridge^(-1/2)


def test_corners() -> None:
    assert errors("u", phi=1, psi=0.5, ridge=0).test_loss == math.inf  # d = n < N
    assert errors("u", phi=0.4, psi=1, ridge=0, target="z1").test_error == 0
    nothing = errors(target=Target("5 + 0*z1"), phi=1, psi=1, ridge=0)
    assert four(nothing) == [0, 0, 0, 0]
    assert four(errors("He2", target="z1", phi=0.5, psi=math.inf, ridge=0)) == [1, 1, 1, 1]


sizes = st.fixed_dictionaries({
    "phi": st.floats(0.05, 20), "psi": st.floats(0.05, 20), "ridge": st.floats(1e-6, 1e3),
})  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(sizes, st.floats(1.01, 10), st.sampled_from(["relu", "u", "He2", "sign"]))
def test_monotone(at: dict[str, float], factor: float, activation: str) -> None:
    """More penalty: worse fit. More neurons: a better one, by the same penalty. A noisier batch: all errors grow."""
    base = errors(activation, **at)
    stiff = errors(activation, **{**at, "ridge": at["ridge"] * factor})
    wide = errors(activation, **{**at, "psi": at["psi"] / factor})
    noisy = errors(activation, Target(TARGET, noise=2.0), **at)
    slack = 1 + 1e-12
    assert base.train_loss <= stiff.train_loss * slack
    assert base.train_error <= stiff.train_error * slack
    assert wide.train_loss <= base.train_loss * slack
    assert all(a <= b * slack for a, b in zip(four(base), four(noisy), strict=True))


@settings(deadline=None, max_examples=60)
@given(sizes, st.sampled_from(["relu", "u", "He2", "sign"]))
def test_relations(at: dict[str, float], activation: str) -> None:
    """Traces: gamma m1 = 1 - df_1/n, L_tr = gamma (|C_1|^2 m2 + E m1); derivatives in gamma; cross-validation."""
    found = errors(activation, **at)
    assert found.gamma == pytest.approx(at["ridge"] * at["psi"] / at["phi"])
    assert found.gamma * found.m1 == pytest.approx(1 - found.degrees, rel=1e-9, abs=1e-12)
    assert found.train_loss == pytest.approx(found.gamma * (LINEAR * found.m2 + UNFITTED * found.m1), rel=1e-9)
    slopes = LINEAR * found.m2_slope + UNFITTED * found.m1_slope
    assert found.train_error == pytest.approx(-(found.gamma**2) * slopes, rel=1e-9)
    assert found.test_loss == pytest.approx(found.train_error / (found.gamma * found.m1) ** 2, rel=1e-6)
    step = 1e-5
    up, down = (errors(activation, **{**at, "ridge": at["ridge"] * (1 + s)}) for s in (step, -step))
    for name in ("m1", "m2"):
        slope = (getattr(up, name) - getattr(down, name)) / (up.gamma - down.gamma)
        rounding = 1e-14 * getattr(up, name) / (up.gamma - down.gamma)
        assert getattr(found, name + "_slope") == pytest.approx(slope, rel=1e-4, abs=rounding)
    same = errors(activation, phi=at["phi"], psi=at["psi"], gamma=found.gamma)
    np.testing.assert_allclose(four(same), four(found), rtol=1e-12)


def test_only_second_moments_matter() -> None:
    """sigma and f* are centred; of f* its variance and |C_1|, of sigma c_1 and its variance count."""
    at = {"phi": 0.5, "psi": 0.8, "ridge": 0.1}
    one = errors(target=Target("5/2*z1 + He3(z1)/sqrt(6)", noise=0.5), **at)
    np.testing.assert_allclose(four(errors(**at)), four(one), rtol=1e-14)
    np.testing.assert_allclose(four(errors("relu(u) + 3", **at)), four(errors(**at)), rtol=1e-14)
    scaled = errors("2*relu(-u)", phi=0.5, psi=0.8, ridge=0.4)
    np.testing.assert_allclose(four(scaled), four(errors(**at)), rtol=1e-14)
    curved = errors(target="sign(z1)", **at)  # |C_1|^2 = 2/pi
    np.testing.assert_allclose((curved.linear, curved.unfitted), (2 / math.pi, 1 - 2 / math.pi), rtol=1e-12)


SIGMA: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda u: np.maximum(u, 0) - 1 / math.sqrt(2 * math.pi),
    "tanh": np.tanh,
}


def regression(
    activation: str, d: int, n: int, neurons: int, ridge: float, rng: np.random.Generator
) -> tuple[float, float, float]:
    """Training loss, training error and test error of f* = z1 + z1 z2, noise .3; features by their definition."""
    w = rng.standard_normal((neurons, d))
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    x, fresh = rng.standard_normal((n, d)), rng.standard_normal((1000, d))
    y = x[:, 0] + x[:, 0] * x[:, 1] + 0.3 * rng.standard_normal(n)
    f = SIGMA[activation](x @ w.T)
    a = f.T @ np.linalg.solve(f @ f.T + ridge * n * np.eye(n), y)
    train = float(np.mean((y - f @ a) ** 2))
    miss = fresh[:, 0] + fresh[:, 0] * fresh[:, 1] - SIGMA[activation](fresh @ w.T) @ a
    return train + ridge * float(a @ a), train, float(np.mean(miss**2))


@pytest.mark.parametrize("activation", SIGMA)
@pytest.mark.parametrize(("n", "neurons", "ridge"), [(400, 300, 0.1), (200, 300, 0.2), (300, 150, 0.02)])
def test_explicit_regressions(activation: str, n: int, neurons: int, ridge: float) -> None:
    """d = 200, 60 replicas. Allowed: six standard errors and 10/d; deviations from d = 50 to 400 were at most
    5/d, up to two standard errors.
    """
    d, rng = 200, np.random.default_rng(3)
    found = np.array([regression(activation, d, n, neurons, ridge, rng) for _ in range(60)])
    theory = errors(activation, Target("z1 + z1*z2", noise=0.3), phi=d / n, psi=d / neurons, ridge=ridge)
    margin = 6 * found.std(axis=0, ddof=1) / math.sqrt(60) + 10 / d
    assert (np.abs(found.mean(axis=0) - four(theory)[:3]) < margin).all()
    assert (margin < 0.4).all()


@pytest.mark.parametrize(("arguments", "words"), [
    ({"phi": 0, "psi": 0, "ridge": 1}, "depends on n/N"),
    ({"phi": math.inf, "psi": math.inf, "ridge": 1}, "depends on n/N"),
    ({"phi": -1, "psi": 1, "ridge": 1}, "phi = -1"),
    ({"phi": 1, "psi": math.nan, "ridge": 1}, "psi = nan"),
    ({"phi": 1e-200, "psi": 1, "ridge": 1}, "neither 0 nor between"),
    ({"phi": 1, "psi": 1, "gamma": 1e99}, "neither 0 nor between"),
    ({"phi": 1, "psi": -math.inf, "gamma": 1}, "psi = -inf"),
    ({"phi": 1, "psi": "1", "ridge": 1}, "psi = '1' is not a number"),
    ({"phi": 1, "psi": 1, "ridge": -0.1}, "ridge = -0.1"),
    ({"phi": 1, "psi": 1, "ridge": math.inf}, "ridge = inf"),
    ({"phi": 1, "psi": 1, "gamma": math.nan}, "gamma = nan"),
    ({"phi": 1, "psi": 1}, "give one of ridge"),
    ({"phi": 1, "psi": 1, "ridge": 1, "gamma": 1}, "give one of ridge"),
    ({"phi": 1, "psi": 1, "ridge": 1, "activation": "u*0 + 2"}, "constant"),
    ({"phi": 1, "psi": 1, "ridge": 0, "activation": "u", "target": "z1"}, "0/0"),
])  # fmt: skip
def test_refusals(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        errors(**arguments)
