"""Claims on reused batches: settings on which what they say of one batch would be false."""

from dataclasses import replace
from typing import Any

import pytest

import checks
from theory import Setting, Student, Target

CLAIMS = {claim.id: claim for claim in checks.claims() if claim.id.startswith("reuse/")}


def own(name: str, target: str, activation: str = "tanh", **regime: Any) -> Setting:
    """The first setting of the claim's quick plan with another target and student."""
    setting = next(iter(CLAIMS[name].plan("quick").settings.values()))
    student = Student(activation, 2, (1.0, 0.5), init="plain")
    return Setting(Target(target), student, replace(setting.regime, **regime))


@pytest.mark.parametrize("batch", ["reused", "fresh"])
@pytest.mark.parametrize(
    ("target", "activation", "inside"),
    [
        ("He3(z1)", "tanh", True),
        ("He3(z1)", "relu", True),
        ("He2(z1)", "relu", False),
        ("He4(z1)", "tanh", False),
        ("sign(z1*z2*z3)", "relu", False),
        ("He3(z1)", "cos", False),  # even: no overlap moves
        ("z1*z2**2 - z1", "tanh", True),
    ],
)
def test_flows_on_one_batch_learn_where_a_label_tells(target: str, activation: str, inside: bool, batch: str) -> None:
    """Even targets and even students are those of reuse/hidden, on whatever batches the setting has."""
    said = CLAIMS["reuse/gradient-flow"].domain(own("reuse/gradient-flow", target, activation, batch=batch))
    assert said is None if inside else "E[u | y] = 0" in str(said)


@pytest.mark.parametrize("name", ["reuse/reachable", "reuse/gradient-flow"])
def test_quadratic_activations_with_the_correlation_loss_are_refused(name: str) -> None:
    """They reach He3 at the third step, not at the second."""
    correlation = own(name, "He3(z1)", "u + He2(u)/2", loss="correlation", steps=3, batch="reused")
    assert "one power of y a step" in str(CLAIMS[name].domain(correlation))
    assert CLAIMS[name].domain(own(name, "He3(z1)", "u + He2(u)/2", steps=3, batch="reused")) is None
