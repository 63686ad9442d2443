"""The conjecture about links: what it claims, by parity, against theory by hand; and descent at one sharp place."""

import numpy as np
import pytest
from hypothesis import given, settings

from checks import strategies
from checks.probe.conjectures.links import STUDENTS, Links, odd_part
from checks.probe.trial import excesses
from theory.problem import Activation, ProblemError, Regime, Setting, Student, Target


def problem(target, activation, bias=0.0):
    return Setting(Target(target), Student(activation, 8, bias=bias), Regime(d=128, n="8*d", eta="4*p", steps=2))


def spans(target, activation, bias=0.0):
    """{step: projector on what is said to be reached}."""
    said = Links().predict(problem(target, activation, bias))
    k = Target(target).k
    return {t: sum((r.basis @ r.basis.T for r in said if r.step == t and r.reached), np.zeros((k, k))) for t in (1, 2)}


@pytest.mark.parametrize(
    ("target", "activation", "bias", "first", "second"),
    [
        ("tanh(z1)", "relu", 0.0, [1], [1]),
        ("abs(z1)", "relu", 0.5, [0], [0]),  # leap 2, whatever the student
        ("sign(z1*z2)", "sigmoid", -1.0, [0, 0], [0, 0]),
        ("sign(z1) + sign(z1*z2)", "relu", 0.0, [1, 0], [1, 1]),
        ("sign(z1) + sign(z1*z2)", "tanh", 0.0, [1, 0], [1, 0]),  # odd students do not see the even part
        ("sign(z1) + sign(z1*z2)", "sigmoid", 0.0, [1, 0], [1, 0]),  # odd but for a constant
        ("sign(z1) + sign(z1*z2)", "tanh", 0.5, [1, 0], [1, 1]),  # a bias cures that
    ],
)
def test_what_is_claimed_along_the_axes(target, activation, bias, first, second):
    claimed = spans(target, activation, bias)
    np.testing.assert_allclose(claimed[1], np.diag(first), atol=1e-12)
    np.testing.assert_allclose(claimed[2], np.diag(second), atol=1e-12)


def test_nothing_is_claimed_where_nothing_is_proven():
    # relu is linear plus even, and the target odd: stuck for ever, but the expansion of |z1| does not end
    with pytest.raises(ProblemError, match="not proven"):
        Links().predict(problem("z1 + abs(z1)*z2", "relu"))


def test_odd_parts():
    assert odd_part(Target("sign(z1) + z1*tanh(z2)")).expr == Target("sign(z1)").expr
    assert odd_part(Target("z1 + abs(z1)*z2")).expr == Target("z1 + abs(z1)*z2").expr
    assert odd_part(Target("cos(z1)")).expr == 0


@settings(max_examples=20, deadline=None)
@given(Links().strategy())
def test_settings_are_links_and_students_of_the_lists(setting):
    names = {str(Activation(name)) for name in STUDENTS}
    assert str(setting.student.activation) in names
    assert setting.student.bias in (0.0, 0.5, -1.0)
    assert setting.target in [Target(text) for text in strategies.LINKS]


def test_descent_agrees_at_the_sharp_place():
    """Of 12 replicas more than half lie within what is allowed, for the student with and without the parity."""
    for activation, bias in (("tanh", 0.0), ("tanh", -1.0)):
        setting = problem("z1 + z1*tanh(z2)", activation, bias)
        found = excesses(Links(), setting, Links().predict(setting), Links.search, 0, "test", 1)
        assert found
        assert all(np.median(values) < 0 for values in found.values())


def test_what_is_too_weak_is_not_judged():
    with pytest.raises(ProblemError, match="too weak"):
        Links().predict(problem("z1 + exp(-z1**2)*tanh(z2)", "softplus", -1.0))
