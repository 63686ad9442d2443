"""Plateaus after one step with a growing rate: closed forms, general columns by moments, symmetries and refusals."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from theory import ProblemError, SpikeGains, Target, spike_gains

AT: dict[str, Any] = {"phi": 0.5, "psi": 0.8, "ridge": 0.1}
TARGET = Target("2*z1 + 3/2*He2(z1) + He3(z1)/2", noise=0.5)  # c_{*,k} = 2, 3/2, 1/2
ENERGY = 4 + 2 * 2.25 + 6 * 0.25
# sigma: c_1^2, E sigma^2 - c_0^2, E(sigma' - c_1)^2 and which c_k vanish up to k = 5, by hand
PARTS = {
    "relu": (1 / 4, 1 / 2 - 1 / (2 * math.pi), 1 / 4, {3, 5}),
    "u + He2(u)": (1.0, 3.0, 4.0, {3, 4, 5}),
    "sin": (math.exp(-1), (1 - math.exp(-2)) / 2, (1 + math.exp(-2)) / 2 - math.exp(-1), {2, 4}),
}


def three(found: SpikeGains) -> list[float]:
    return [found.train_loss, found.train_error, found.test_error]


def step(activation: str, scaling: str, noise: float = 0.5, phi: float = 0.5) -> tuple[float, float, float]:
    """B, rho^2 and r."""
    linear, energy, slopes, _ = PARTS[activation]
    label, own = ENERGY + noise**2, energy if scaling == "ntk" else 0.0
    b = 4 + phi * (label + own) + (linear if scaling == "ntk" else 0.0)
    return b, 4 / b, phi * (label + own) * slopes / (linear * b)


@pytest.mark.parametrize("scaling", ["mean-field", "ntk"])
@pytest.mark.parametrize("activation", PARTS)
def test_one_and_two_columns_in_closed_form(activation: str, scaling: str) -> None:
    """Delta_1 = gamma m2 c_{*,1}^4/B, Delta_2 - Delta_1 = (4/3) gamma m1 c_{*,2}^2 rho^4 for monomials (the theorems of
    arXiv 2310.07891, as we recall them), 4/(3 + 2 r + r^2) for what the gradient does; Lambda the same with -m'/m1^2.
    """
    _, share, wide = step(activation, scaling)
    for columns, factor in (("monomials", 4 / 3), ("step", 4 / (3 + 2 * wide + wide**2))):
        for order in (1, 2):
            found = spike_gains(TARGET, activation, **AT, regime=order, scaling=scaling, columns=columns)
            start = found.before
            second = factor * 2.25 * share**2 * (order == 2 and 2 not in PARTS[activation][3])
            loss = 4 * share * start.m2 + second * start.m1
            slope = 4 * share * start.m2_slope + second * start.m1_slope
            expected = [start.gamma * loss, -(start.gamma**2) * slope, -slope / start.m1**2]
            np.testing.assert_allclose(three(found), expected, rtol=1e-12)
            assert found.alignment == pytest.approx(share, rel=1e-13)
            assert found.spread == pytest.approx(wide if columns == "step" else 0.0, rel=1e-12)
    assert start.gamma == pytest.approx(0.16)


@pytest.mark.parametrize("wide", [0.0, None])
@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
def test_any_number_of_columns_by_moments(order: int, wide: float | None) -> None:
    """Regression of f* on the columns, every moment by a rule in (g, z, rest): no Hermite algebra of ours. The linear
    part of each function counts m2, the rest m1.
    """
    for activation in PARTS:
        columns = "monomials" if wide == 0 else "step"
        found = spike_gains(TARGET, activation, **AT, regime=order, columns=columns)
        _, share, r = step(activation, "mean-field")
        x, w = np.polynomial.hermite_e.hermegauss(24)
        w = w / w.sum()
        g, u = x[:, None], math.sqrt(share) * x[:, None] + math.sqrt(1 - share) * x  # along beta, along beta_*
        label = (2 * u + 1.5 * (u**2 - 1) + 0.5 * (u**3 - 3 * u)) @ w
        orders = [k for k in range(1, order + 1) if k not in PARTS[activation][3]]
        power = np.array([((g + math.sqrt(r if wide is None else 0.0) * x) ** k) @ w for k in orders])
        assert found.orders == tuple(orders)

        def forms(linear: float, other: float, power=power, label=label, w=w, x=x) -> tuple[np.ndarray, np.ndarray]:
            slopes, slope = power @ (w * x), label @ (w * x)
            gram = (power * w) @ power.T - np.outer(slopes, slopes)
            overlap = (power * w) @ label - slopes * slope
            return linear * np.outer(slopes, slopes) + other * gram, linear * slopes * slope + other * overlap

        start = found.before
        gram, overlap = forms(start.m2, start.m1)
        gram_slope, overlap_slope = forms(start.m2_slope, start.m1_slope)
        fit = np.linalg.solve(gram, overlap)
        slope = 2 * fit @ overlap_slope - fit @ gram_slope @ fit
        expected = [start.gamma * overlap @ fit, -(start.gamma**2) * slope, -slope / start.m1**2]
        np.testing.assert_allclose(three(found), expected, rtol=1e-9)


ratio = st.floats(0.05, 20)


@settings(max_examples=40, deadline=None)
@given(phi=ratio, psi=ratio, ridge=st.floats(1e-3, 10), name=st.sampled_from(sorted(PARTS)), ntk=st.booleans())
def test_more_columns_fit_more(phi: float, psi: float, ridge: float, name: str, ntk: bool) -> None:
    """The training loss, penalty included, falls with every column and stays positive; so do the traces' signs say for
    the test error at l = 1. Rescaling sigma with its penalty, or changing a sign, changes nothing.
    """
    at: dict[str, Any] = {"phi": phi, "psi": psi, "scaling": "ntk" if ntk else "mean-field"}
    found = [spike_gains(TARGET, name, **at, ridge=ridge, regime=order) for order in range(1, 6)]
    losses = [gain.train_loss for gain in found]
    assume(losses[0] > 1e-12)
    assert all(b >= a * (1 - 1e-9) for a, b in pairwise(losses))
    assert 0 < losses[-1] < found[-1].before.train_loss
    assert 0 < found[0].test_error < found[0].before.test_loss
    if not ntk:  # f0 kept, sigma sets the scale of the residual
        for other in (f"3*({name})" if "u" in name[:1] else f"3*{name}(u)", f"{name}(-u)" if name == "relu" else name):
            ridge_there = ridge * (9 if other.startswith("3") else 1)
            same = spike_gains(TARGET, other, **at, ridge=ridge_there, regime=5)
            np.testing.assert_allclose(three(same), three(found[-1]), rtol=1e-7)


def test_only_the_part_along_the_first_hermite_tensor_is_learned() -> None:
    """f* of several indices: what lies across C_1 acts as noise; an information exponent above 1 gains nothing."""
    many = spike_gains("3*z1 + 4*z2 + z3*z4 + He2(z1)", "relu", **AT, regime=2)
    one = spike_gains(Target("5*z1 + 9/25*He2(z1)", noise=math.sqrt(3 - 2 * 81 / 625)), "relu", **AT, regime=2)
    np.testing.assert_allclose(three(many), three(one), rtol=1e-12)
    assert three(spike_gains("He2(z1) + z2*z3", "relu", **AT, regime=3)) == [0, 0, 0]


def test_a_linear_teacher_gains_once() -> None:
    first, *later = (spike_gains("z1", "relu", **AT, regime=order) for order in (1, 2, 3, 4))
    for gain in later:  # g^2 + r and g^4 + ... carry no linear part
        np.testing.assert_allclose(three(gain), three(first), rtol=1e-12)
    assert spike_gains("z1", "u", **AT, regime=2).orders == (1,)


def test_gamma_is_the_other_convention_of_ridge() -> None:
    ridge = spike_gains(TARGET, "relu", phi=0.5, psi=0.8, ridge=0.1, regime=2)
    gamma = spike_gains(TARGET, "relu", phi=0.5, psi=0.8, gamma=0.16, regime=2)
    np.testing.assert_allclose(three(gamma), three(ridge), rtol=1e-12)


@pytest.mark.parametrize(("arguments", "words"), [
    ({"regime": 0}, "regime = 0 is not a whole number between 1 and 10"),
    ({"regime": 11}, "regime = 11"),
    ({"scaling": "standard"}, "scaling = 'standard'"),
    ({"columns": "hermite"}, "columns = 'hermite' is none of step, monomials"),
    ({"ridge": 0}, "ridge = 0: gains need positive"),
    ({"phi": 0}, "phi = 0: gains need positive"),
    ({"psi": math.inf}, "psi = inf: gains need positive"),
    ({"gamma": 1.0}, "give one of ridge"),
    ({"activation": "He2"}, "c_1 = 0"),
    ({"activation": "sign"}, "jumps"),
])  # fmt: skip
def test_refusals(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        spike_gains(**{"target": TARGET, "activation": "relu", **AT, "regime": 2, **arguments})
