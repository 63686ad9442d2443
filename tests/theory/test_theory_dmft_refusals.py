"""Where solve_dmft and its oracles have no answer, the reason is said."""

from typing import Any

import pytest

from theory import ProblemError, Regime, Setting, Student, Target, solve_dmft
from theory.dmft.linear import linear_limit
from theory.dmft.quadrature import two_steps

PAIR = (0.9, -0.9)


def setting(target: str = "z1", student: Student | None = None, **regime: Any) -> Setting:
    regime = {"d": 100, "n": "2*d", "eta": "p", "batch": "reused", "steps": 2, **regime}
    return Setting(Target(target), student or Student("tanh", 2, PAIR), Regime(**regime))


@pytest.mark.parametrize(("stated", "words"), [
    (setting(preprocess=0), "preprocess must be None"),
    (setting(preprocess=1), "preprocess must be None"),
    (setting(extragradient=0.1), "solve_dmft knows plain steps only"),
    (setting(n=200), r"order d\^\(0\); solve_dmft"),
    (setting(n="d**2"), r"order d\^\(2\)"),
    (setting(n="10**4 - d"), "n/d tends to -1"),
    (setting(eta="p*sqrt(d)"), r"order d\^\(1/2\); solve_dmft"),
    (setting(student=Student("tanh", 2)), "second_layer = 'uniform' is random"),
    (setting(student=Student("tanh", 2, PAIR, bias="gaussian")), "bias = 'gaussian' is random"),
    (setting(student=Student("exp(u**2/8)", 2, PAIR)), "solve_dmft needs an activation"),
    (setting("z1**2", student=Student("He5", 2, PAIR), eta="10**6*p", steps=12), "diverges"),
    (setting("0*z1", weight_decay=0.5, normalize_rows=True), "vanishes"),
])  # fmt: skip
def test_no_limit(stated: Setting, words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        solve_dmft(stated, 10_000)


@pytest.mark.parametrize("keywords", [
    {"samples": 0}, {"samples": -1}, {"samples": 1.5}, {"samples": "many"}, {"samples": 100}, {"rng": -1},
    {"rng": 0.5}, {"rng": "zero"}, {"alpha": PAIR}, {"bias": 0.5},
])  # fmt: skip
def test_bad_keywords(keywords: dict[str, Any]) -> None:
    with pytest.raises(ProblemError):
        solve_dmft(setting(), **{"samples": 10_000, **keywords})


def test_too_few_samples_are_counted() -> None:
    """Each of the 16 parts makes 2 + k + p (2 uses + 1) functions orthonormal, and has four samples for each."""
    least = 16 * 4 * (2 + 1 + 2 * 5)
    with pytest.raises(ProblemError, match=f"at least {least}"):
        solve_dmft(setting(), least - 1)
    assert solve_dmft(setting(), least).samples == least


ONE = Student("u", 1, (0.8,), "plain")


@pytest.mark.parametrize(("stated", "words"), [
    (setting(student=Student("u", 2, PAIR)), "one neuron"),
    (setting(student=Student("tanh", 1, (0.8,), "plain")), "sigma\\(u\\) = u"),
    (setting(student=Student("u", 1, (0.8,), "plain", 0.5)), "no bias"),
    (setting("z1**2", ONE), "multiple of z1"),
    (setting("z1 + 1", ONE), "multiple of z1"),
    (setting("z2", ONE), "multiple of z1"),
    (setting("z1", ONE, batch="fresh"), "one batch"),
    (setting("z1", ONE, loss="correlation"), "squared loss"),
    (setting("z1", ONE, normalize_rows=True), "not renormalised"),
])  # fmt: skip
def test_no_closed_form(stated: Setting, words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        linear_limit(stated)


@pytest.mark.parametrize(("stated", "words"), [
    (setting(), "p = k = 1"),
    (setting("z2", ONE), "p = k = 1"),
    (setting("z1", ONE, steps=3), "two steps on one batch"),
    (setting("z1", ONE, batch="fresh"), "two steps on one batch"),
    (setting("z1", Student("relu", 1, (0.8,), "plain")), "kinks"),
    (setting("abs(z1)", ONE), "kinks"),
])  # fmt: skip
def test_no_quadrature(stated: Setting, words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        two_steps(stated)
