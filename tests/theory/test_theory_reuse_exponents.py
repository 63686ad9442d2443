"""Generative exponents and sample thresholds: worked examples, independent sums, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from theory_oracles import Poly, polynomials

from theory import ProblemError, Target, generative_exponent, information_exponent, reuse_threshold

EXPONENTS = {
    "He2(z1)": 2, "He3(z1)": 1, "He4(z1)": 2, "He20(z1)": 2, "z1*z2": 2, "z1*z2*z3": 2, "z1 + He3(z2)": 1,
    "sign(z1)": 1, "sign(z1*z2)": 2, "sign(z1*z2*z3)": 3, "sign(z1*z2*z3*z4)": 4, "sign(z1**2 - 1)": 2,
    "abs(z1)": 2, "cos(z1)": 2, "tanh(z1)": 1, "tanh(z1) + tanh(z2)": 1, "relu(z1 + z2)": 1,
    "z1**2*exp(-z1**2)": 4, "2 - 3*z1**2*exp(-z1**2)": 4, "z1*exp(-z1**2/2)": 1, "z1**4*exp(-z1**2)": 2,
    "3 + 0*z1": math.inf, "sign(z1)*sign(z1)": math.inf,
}  # fmt: skip


@pytest.mark.parametrize("text", EXPONENTS)
def test_generative_exponents(text: str) -> None:
    assert generative_exponent(text) == EXPONENTS[text]


@given(polynomials(max_terms=3))
@settings(max_examples=40, deadline=None)
def test_polynomials_have_exponents_up_to_two(drawn: tuple[Poly, int]) -> None:
    target = Target(drawn[0], k=drawn[1])  # type: ignore[arg-type]
    if target.degree == 0:
        assert generative_exponent(target) == math.inf
        return
    ours = generative_exponent(target)
    assert ours in (1, 2)
    assert ours <= information_exponent(target)
    if target.k == 1:  # an even link, and only that, hides the direction
        assert (ours == 2) == all(key[0] % 2 == 0 for key in target.terms or {})


@pytest.mark.parametrize("text", ["tanh(z1*z2)", "(z1 - 8*z2 + 4*z3)*(8*z1 - z2 - 4*z3)*(4*z1 + 4*z2 + 7*z3)"])
def test_what_is_not_proven_is_refused(text: str) -> None:
    with pytest.raises(ProblemError, match=r"E\["):
        generative_exponent(text)


def test_thresholds_in_closed_form() -> None:
    for text, alpha in {
        "He2(z1)": 0.5, "(z1 + 2*z2)**2": 0.5, "z1**2 + z2**2": 1.0, "z1**2 + z2**2 + z3**2": 1.5,
        "sign(z1*z2)": math.pi**2 / 4, "sign(z1*z2*z3)": math.inf, "z1**2*exp(-z1**2)": math.inf,
    }.items():  # fmt: skip
        ours = reuse_threshold(text)
        assert ours.certified
        assert ours.error < 1e-11
        assert ours.alpha == alpha or abs(ours.alpha - alpha) <= ours.error + 4e-16 * alpha


@pytest.mark.parametrize("text", ["abs(z1)", "exp(-z1**2)", "z1**6 + z1**2 + 1"])
def test_a_label_that_tells_the_modulus_has_threshold_one_half(text: str) -> None:
    """E[u^2 - 1 | y] = u^2 - 1 and E[(u^2 - 1)^2] = 2."""
    ours = reuse_threshold(text)
    assert not ours.certified
    assert abs(ours.alpha - 0.5) <= ours.error < 1e-9


def test_a_product_by_its_own_conditional_law() -> None:
    """Given u1 u2 = y, log|u1| has density proportional to exp(-(e^(2s) + y^2 e^(-2s))/2): moments by plain sums."""
    s = np.linspace(-22, 4, 3001)
    y = np.exp(np.linspace(-20, 3.2, 801))
    weight = np.exp(-(np.exp(2 * s) + (y[:, None] * np.exp(-s)) ** 2) / 2)
    mass = weight.sum(1) * (s[1] - s[0])  # K_0(y)
    second = (weight * np.exp(2 * s)).sum(1) / weight.sum(1)
    density = 2 * mass / math.pi
    log_step = 23.2 / 800
    assert abs((density * y).sum() * log_step - 1) < 2e-6
    norm = 1 + (density * y * (second - 1) ** 2).sum() * log_step
    for text in ("z1*z2", "3*z1*z2 - 1", "z1**2 - z2**2"):
        ours = reuse_threshold(text)
        assert ours.error < 1e-9
        assert abs(1 / ours.alpha - norm) < 2e-6


@pytest.mark.parametrize(("text", "link"), [("He4(z1)", lambda u: u**4 - 6 * u**2 + 3), ("cos(z1)", np.cos)])
def test_links_with_several_preimages(text: str, link: object) -> None:
    """A histogram in y of exact Gaussian weights on a fine grid of u: its bias is of the order of the bins."""
    u = (np.arange(4_000_000) + 0.5) * (9 / 4_000_000)
    weight = np.exp(-(u**2) / 2)
    y = link(u)  # type: ignore[operator]
    order = np.argsort(y)
    bins = np.minimum((np.cumsum(weight[order]) / weight.sum() * 4000).astype(int), 3999)
    mass = np.bincount(bins, weight[order], 4000)
    second = np.bincount(bins, (weight * (u**2 - 1))[order], 4000)
    norm = (second**2 / mass).sum() / weight.sum()
    ours = reuse_threshold(text)
    assert ours.error < 1e-6
    assert abs(1 / ours.alpha - norm) < 3e-3


def test_two_values_by_direct_integration() -> None:
    """sign(u^2 - 1): q = P(|u| > 1), E[(u^2 - 1) 1{|u| > 1}] = 2 phi(1), 1/alpha = (2 phi(1))^2 / (q (1 - q))."""
    phi, q = math.exp(-0.5) / math.sqrt(2 * math.pi), math.erfc(1 / math.sqrt(2))
    ours = reuse_threshold("sign(z1**2 - 1)")
    assert abs(ours.alpha - q * (1 - q) / (2 * phi) ** 2) <= ours.error + 1e-15


@pytest.mark.parametrize(
    ("text", "words"),
    [("z1", "E.u . y. is not zero"), ("1 + 0*z1", "constant"), ("z1**2 + 2*z2**2", "quadratic form"),
     ("z1*z2*z3", "one coordinate")],
)  # fmt: skip
def test_thresholds_that_are_not_known_are_refused(text: str, words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        reuse_threshold(text)


def test_noise_is_refused() -> None:
    with pytest.raises(ProblemError, match="noise"):
        reuse_threshold(Target("He2(z1)", noise=0.1))
