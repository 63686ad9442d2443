"""Settings that make no sense: one ProblemError, one short line that names what was wrong."""

import math
from typing import Any

import numpy as np
import pytest
import sympy

from theory import ProblemError, Regime, Setting, Student, Target

GOOD: dict[str, dict[str, Any]] = {
    "target": {"source": "z1 + z1*z2"},
    "student": {"activation": "relu", "p": 4},
    "regime": {"d": 64, "n": "2*d", "eta": "p", "steps": 2},
}


def build(part: str, **changed: Any) -> Setting:
    said = {name: {**fields, **(changed if name == part else {})} for name, fields in GOOD.items()}
    return Setting(Target(**said["target"]), Student(**said["student"]), Regime(**said["regime"]))


BAD = [
    ("target", {"k": 1}, "k = 1"),
    ("target", {"k": 0}, "k = 0"),
    ("target", {"k": 65}, "65"),
    ("target", {"k": 2.5}, "2.5"),
    ("target", {"k": True}, "True"),
    ("target", {"noise": -0.1}, "noise"),
    ("target", {"noise": math.nan}, "noise"),
    ("target", {"noise": math.inf}, "noise"),
    ("target", {"noise": "1"}, "noise"),
    ("target", {"noise": True}, "noise"),
    ("student", {"p": 5}, "even"),
    ("student", {"p": 0}, "p = 0"),
    ("student", {"p": -2}, "p = -2"),
    ("student", {"p": 2.5}, "2.5"),
    ("student", {"p": True}, "True"),
    ("student", {"p": "4"}, "'4'"),
    ("student", {"p": None}, "None"),
    ("student", {"activation": "swish"}, "swish"),
    ("student", {"second_layer": "normal"}, "normal"),
    ("student", {"second_layer": 1.0}, "second_layer"),
    ("student", {"second_layer": (1, -1)}, "2 values"),
    ("student", {"second_layer": (1, 2, 3, 4)}, "alpha"),
    ("student", {"second_layer": (1, 2, math.nan, -1)}, "second_layer[2]"),
    ("student", {"second_layer": (1, 2, "x", -1)}, "second_layer[2]"),
    ("student", {"bias": "normal"}, "normal"),
    ("student", {"bias": math.nan}, "bias"),
    ("student", {"bias": None}, "bias"),
    ("student", {"bias": (1, 2)}, "2 values"),
    ("student", {"bias": (1, 2, 3, 4)}, "bias"),
    ("student", {"init": "zero"}, "zero"),
    ("student", {"scaling": "mup"}, "mup"),
    ("regime", {"d": 1}, "d = 1"),
    ("regime", {"d": 0}, "d = 0"),
    ("regime", {"d": 64.5}, "64.5"),
    ("regime", {"d": 10**15 + 1}, "between 1 and 1000000000000000"),
    ("regime", {"d": 2**63}, "d = 9223372036854775808"),
    ("regime", {"d": 1e16}, "d = 1e+16"),
    ("regime", {"n": 0}, "n = 0"),
    ("regime", {"n": 10**12 + 1}, "between 1 and 1000000000000"),
    ("regime", {"n": "10**13"}, "between 1 and 1000000000000"),
    ("regime", {"n": -3}, "n = -3"),
    ("regime", {"n": "0*d"}, "n"),
    ("regime", {"n": "d - 64"}, "n"),
    ("regime", {"n": "-d"}, "n"),
    ("regime", {"n": "d**20"}, "n"),
    ("regime", {"n": "2*n"}, "unknown name 'n'"),
    ("regime", {"n": "d/0"}, "zero"),
    ("regime", {"n": "d/(d - 64)"}, "n"),
    ("regime", {"n": "log(d)"}, "log"),
    ("regime", {"n": "d +"}, "cannot be read"),
    ("regime", {"n": "sqrt(d - 65)"}, "n"),
    ("regime", {"n": math.nan}, "n"),
    ("regime", {"n": None}, "None"),
    ("regime", {"n": True}, "True"),
    ("regime", {"eta": 0}, "eta"),
    ("regime", {"eta": -1}, "eta"),
    ("regime", {"eta": math.inf}, "eta"),
    ("regime", {"eta": math.nan}, "eta"),
    ("regime", {"eta": "p - 4"}, "eta"),
    ("regime", {"eta": "-p"}, "eta"),
    ("regime", {"eta": "q"}, "unknown name 'q'"),
    ("regime", {"eta": "__import__('os')"}, "unknown function"),
    ("regime", {"eta": "d**64*d**64*d**64"}, "eta"),
    ("regime", {"steps": 0}, "steps"),
    ("regime", {"steps": 1.5}, "steps"),
    ("regime", {"batch": "stale"}, "stale"),
    ("regime", {"batch": (0,)}, "1 batches for 2 steps"),
    ("regime", {"batch": (0, -1)}, "-1"),
    ("regime", {"batch": (0, "a")}, "'a'"),
    ("regime", {"batch": 3}, "batch = 3"),
    ("regime", {"loss": "hinge"}, "hinge"),
    ("regime", {"weight_decay": -1e-3}, "weight_decay"),
    ("regime", {"weight_decay": math.nan}, "weight_decay"),
    ("regime", {"normalize_rows": 1}, "normalize_rows"),
    ("regime", {"preprocess": 2}, "preprocess"),
    ("regime", {"preprocess": True}, "preprocess"),
    ("regime", {"inputs": "cauchy"}, "rademacher"),
]


@pytest.mark.parametrize(("part", "changed", "names"), BAD, ids=range(len(BAD)))
def test_senseless_settings_are_refused(part: str, changed: dict[str, Any], names: str) -> None:
    build(part)  # the same without the change is fine
    with pytest.raises(ProblemError) as caught:
        build(part, **changed)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 300
    assert names in message


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"regime": {"d": 4, "n": 2, "eta": 1, "speed": 3}}, "speed"),
        ({"regime": {"d": 4, "n": 2}}, "eta"),
        ({"student": {"p": 4}}, "activation"),
        ({"student": None}, "student"),
        ({"target": {"k": 2}}, "'f'"),
        ({"target": {"f": [[1, 2]]}}, "[1, 2]"),
        ({"target": {"f": [[[1], "__import__('os')"]]}}, "unknown function"),
        ({"target": 7}, "int"),
        ({"schema": 2}, "schema 2"),
        ({"extra": 1}, "extra"),
    ],
)
def test_malformed_json_is_refused(changed: dict[str, Any], names: str) -> None:
    with pytest.raises(ProblemError) as caught:
        Setting.from_json({**build("target").to_json(), **changed})
    assert names in str(caught.value)
    assert len(str(caught.value)) < 300


def test_parts_of_the_wrong_kind_are_refused() -> None:
    whole = build("target")
    with pytest.raises(ProblemError, match="regime is not a Regime"):
        Setting(whole.target, whole.student, {"d": 4})  # type: ignore[arg-type]
    with pytest.raises(ProblemError, match="target is not a Target"):
        Setting("z1", whole.student, whole.regime)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [np.int64(4), 4.0, sympy.Integer(4)])
def test_whole_numbers_of_any_kind_are_accepted(value: Any) -> None:
    assert build("student", p=value).identity == build("student").identity
    assert build("regime", d=value * 16).regime.d == 64


def test_numpy_arrays_are_accepted_as_values() -> None:
    alpha = np.array([1.0, 0.5, -0.5, -1.0])
    assert build("student", second_layer=alpha, bias=np.zeros(4)).student.second_layer == (1.0, 0.5, -0.5, -1.0)


@pytest.mark.parametrize("odd", ["x" * 2000, "\n" * 50, "\U00010000" * 100, np.zeros((20, 20)), list(range(999)), {}])
@pytest.mark.parametrize(
    ("part", "name"),
    [("target", "noise"), ("target", "k"), ("target", "source"), ("student", "p"), ("student", "activation"),
     ("student", "second_layer"), ("student", "init"), ("regime", "d"), ("regime", "n"), ("regime", "eta"),
     ("regime", "batch"), ("regime", "loss"), ("regime", "preprocess"), ("regime", "normalize_rows")],
)  # fmt: skip
def test_odd_values_are_quoted_briefly(part: str, name: str, odd: object) -> None:
    with pytest.raises(ProblemError) as caught:
        build(part, **{name: odd})
    assert "\n" not in str(caught.value)
    assert str(caught.value).isascii()
    assert len(str(caught.value)) < 300
