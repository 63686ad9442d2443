"""Where the statement of a claim is false, or theory says nothing, its domain says so: one corner a line."""

from dataclasses import replace
from typing import Any

import pytest

import checks
from theory import Regime, Setting, Student, Target

CLAIMS = {claim.id: claim for claim in checks.claims()}
FIRST = Regime(512, "4*d", "2*p")
SECOND = Regime(512, "d**2", "8*p*d**(1/2)")


def setting(target: str, activation: str, regime: Regime, **student: Any) -> Setting:
    return Setting(Target(target), Student(activation, 4, second_layer="rademacher", **student), regime)


def altered(claim: str, name: str, target: str, **regime: Any) -> Setting:
    """A setting of the claim's quick plan with another target."""
    found = CLAIMS[claim].plan("quick").settings[name]
    return Setting(Target(target), found.student, replace(found.regime, **regime))


CORNERS = [
    ("giant-step/links", setting("z1 + He2(z2)", "relu", replace(SECOND, preprocess=0)), "rows follow C_1"),
    ("giant-step/preprocessing", setting("z1 + He2(z2)", "cos", SECOND), "c_1 of the student vanishes"),
    ("giant-step/necessity", setting("He2(z1)", "tanh", replace(FIRST, n="d")), "c_l of the student vanishes"),
    (
        "giant-step/necessity",
        setting("1 + He3(z1)", "relu", replace(SECOND, eta="2**20*p"), bias=1.0),
        "rows move along themselves",
    ),
    ("giant-step/staircase", setting("z1 + z1*z2", "erf", replace(FIRST, steps=2)), "cannot follow the staircase"),
    ("giant-step/one-direction", setting("z1 + z1*z3", "cos", FIRST), "does not see C_1"),
    ("giant-step/stuck", setting("z1 + He3(z2)", "tanh", replace(FIRST, inputs="rademacher")), "not Gaussian"),
    (
        "giant-step/trajectory",
        altered("giant-step/trajectory", "product", "z1 + z1*z2", n="8*d + 8*d**(1/2)"),
        "slower",
    ),
    ("readout/floors", setting("z1 + He2(z1)", "u", replace(FIRST, steps=2)), "nothing of degree 2"),
    ("readout/floors", setting("z1 + He3(z1)", "relu", replace(FIRST, steps=2)), "nothing of degree 3"),
    (
        "readout/random-features",
        setting("z1", "tanh", replace(FIRST, inputs="elliptical"), init="plain"),
        "not Gaussian",
    ),
    (
        "readout/preprocessed",
        altered("readout/preprocessed", "labels as they are", "z1 + z2 + z1**2 - z2**2"),
        "does not lie along axes",
    ),
    (
        "readout/preprocessed",
        altered("readout/preprocessed", "linear part removed", "3 + z1 + sqrt(2)*z2*z3"),
        "a mean moves rows",
    ),
]


@pytest.mark.parametrize(
    ("claim", "corner", "reason"), CORNERS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_corner_is_refused(claim: str, corner: Setting, reason: str):
    said = CLAIMS[claim].domain(corner)
    assert said is not None
    assert reason in said
