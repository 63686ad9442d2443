"""Statements as values: JSON round trip, identity, equality, hash, immutability, pickling."""

import dataclasses
import json
import pickle
from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from theory_oracles import polynomials

from theory import Activation, Regime, Setting, Student, Target

numbers = st.floats(-10, 10, allow_nan=False)
positives = st.floats(1e-3, 10)
NONPOLYNOMIAL = ["tanh(z1)*z2", "exp(1)*erf(z1)", "relu(z1 - z2)", "sign(z1*z2) + 0*z3", "Max(z1, 0)*exp(-z2**2)"]
IRRATIONAL = ["sqrt(2)*z1 + pi*z2", "exp(1)*z1 + erf(1)*z2**2", "2**(1/3)*z1/(1 + sqrt(5))"]


@st.composite
def targets(draw: st.DrawFn) -> Target:
    noise = draw(st.sampled_from([0.0, 0.5]))
    if draw(st.booleans()):
        return Target(draw(st.sampled_from(NONPOLYNOMIAL + IRRATIONAL)), noise=noise)
    terms, k = draw(polynomials())
    return Target(terms, k=k, noise=noise)  # type: ignore[arg-type]


@st.composite
def students(draw: st.DrawFn) -> Student:
    half = draw(st.integers(1, 4))
    init = draw(st.sampled_from(["symmetric", "plain"]))
    alpha = draw(st.lists(numbers, min_size=half, max_size=half))
    bias = draw(st.lists(numbers, min_size=half, max_size=half))
    return Student(
        draw(st.sampled_from(["relu", "gelu", "softplus", "He3", "softplus(2*u) + 1", "relu(u - 1/3)"])),
        2 * half,
        draw(st.sampled_from(["uniform", "rademacher", "gaussian", (*alpha, *[-a for a in reversed(alpha)])])),
        init,
        draw(st.sampled_from([0.0, 0.3, "uniform", "gaussian", (*bias, *reversed(bias))])),
        draw(st.sampled_from(["mean-field", "ntk"])),
    )


@st.composite
def regimes(draw: st.DrawFn) -> Regime:
    steps = draw(st.integers(1, 4))
    ids = tuple(draw(st.lists(st.integers(0, 3), min_size=steps, max_size=steps)))
    return Regime(
        d=draw(st.integers(3, 10**5)),
        n=draw(st.sampled_from([7, "2d", "d**2/p", "3*d*p", "d**(3/2)"])),
        eta=draw(st.sampled_from([0.25, "p", "p*sqrt(n/d)", "1/3", "p/2"])),
        steps=steps,
        batch=draw(st.sampled_from(["fresh", "reused", ids])),
        loss=draw(st.sampled_from(["squared", "correlation"])),
        weight_decay=draw(st.sampled_from([0.0, 0.1])),
        normalize_rows=draw(st.booleans()),
        preprocess=draw(st.sampled_from([None, 0, 1])),
    )


statements = st.builds(Setting, targets(), students(), regimes())


@given(statements)
@settings(max_examples=100, deadline=None)
def test_json_round_trip(setting: Setting) -> None:
    text = json.dumps(setting.to_json(), allow_nan=False)
    back = Setting.from_json(json.loads(text))
    assert back == setting
    assert hash(back) == hash(setting)
    assert back.identity == setting.identity
    assert back.to_json() == setting.to_json()
    assert (back.n, back.eta, back.batch_ids) == (setting.n, setting.eta, setting.batch_ids)


@given(statements)
@settings(max_examples=50, deadline=None)
def test_pickle_round_trip(setting: Setting) -> None:
    setting.target.terms, setting.student.activation.derivative  # noqa: B018  filled caches must not travel badly
    assert pickle.loads(pickle.dumps(setting)) == setting


@given(statements, statements)
@settings(max_examples=50, deadline=None)
def test_identity_is_equality(a: Setting, b: Setting) -> None:
    assert (a.identity == b.identity) == (a == b)


@pytest.mark.parametrize(
    "same",
    [
        ["z1 + z1*z2", "z1*(1 + z2)", {(1, 0): 1, (1, 1): 1}, {(1,): 1.0, (1, 1): "2/2"}, "z2*z1 + 1*z1 + 0*z2"],
        [sympy.Poly({(1, 0): 1, (1, 1): 1}, *sympy.symbols("a b")), "z1 + z1*z2"],
        [sympy.Symbol("z1") * (1 + sympy.Symbol("z2", positive=True)), "z1 + z1*z2"],
        ["sqrt(2)*(1 + sqrt(2))*z1", {(1,): "sqrt(2)*(1 + sqrt(2))"}, "2*z1 + sqrt(2)*z1", {(1,): sympy.sqrt(2) + 2}],
        ["z1/(1 + sqrt(2))", "(sqrt(2) - 1)*z1"],
        ["He2(z1)", "z1**2 - 1", {(2,): 1, (0,): -1}],
        ["0.1*z1", "z1/10", {(1,): 0.1}],
        ["relu(z1)", "Max(z1, 0)", "Max(0, z1)"],
        ["abs(z1)*z2", "z2*abs(-z1)"],
        [{(1, 0): 1, (0, 0): 0}, {(1, 0): 1}],
    ],
)
def test_one_target_has_one_identity(same: list[Any]) -> None:
    built = [Target(source) for source in same]
    assert len({t.to_json()["f"].__repr__() for t in built}) == 1
    assert len(set(built)) == 1


@pytest.mark.parametrize(
    "same",
    [
        ["relu", "relu(u)", "Max(u, 0)", Activation("relu"), sympy.Max(Activation.symbol, 0)],
        ["softplus", "softplus(u)", sympy.log(1 + sympy.exp(sympy.Symbol("u")))],
        ["sigmoid", "(1 + tanh(u/2))/2"],
        ["He2", "u**2 - 1"],
        ["u/2", "0.5*u", 0.5 * sympy.Symbol("u")],
    ],
)
def test_one_activation_has_one_identity(same: list[Any]) -> None:
    built = [Activation(source) for source in same]
    assert len(set(built)) == 1
    assert len({sigma.to_json() for sigma in built}) == 1
    assert Activation.from_json(built[0].to_json()) == built[0]


def test_spellings_of_sizes_and_numbers_do_not_matter() -> None:
    build = lambda n, eta, bias: Setting(Target("z1"), Student("relu", 4, bias=bias), Regime(64, n, eta))  # noqa: E731
    first = build("2d", "p/2", 0.0).identity
    assert {build(n, eta, b).identity for n in ("2*d", " d*2") for eta in ("0.5p", "p*0.5") for b in (0, -0.0)} == {
        first
    }
    assert build("128", "2", 0).identity == build(128, 2.0, 0).identity


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("target", {"source": "z1 + 2*z1*z2"}),
    ("target", {"k": 3}),
    ("target", {"noise": 0.1}),
    ("student", {"activation": "gelu"}),
    ("student", {"p": 6}),
    ("student", {"second_layer": "gaussian"}),
    ("student", {"second_layer": (1, 1, -1, -1)}),
    ("student", {"init": "plain"}),
    ("student", {"bias": 0.1}),
    ("student", {"bias": "uniform"}),
    ("student", {"scaling": "ntk"}),
    ("regime", {"d": 65}),
    ("regime", {"n": "3*d"}),
    ("regime", {"n": 128}),
    ("regime", {"eta": "2*p"}),
    ("regime", {"steps": 3}),
    ("regime", {"batch": "reused"}),
    ("regime", {"batch": (0, 0)}),
    ("regime", {"loss": "correlation"}),
    ("regime", {"weight_decay": 0.1}),
    ("regime", {"normalize_rows": True}),
    ("regime", {"preprocess": 0}),
    ("regime", {"preprocess": 1}),
    ("regime", {"extragradient": 0.5}),
    ("regime", {"inputs": "rademacher"}),
    ("regime", {"teacher": "dense"}),
]


def test_every_field_matters() -> None:
    good: dict[str, dict[str, Any]] = {
        "target": {"source": "z1 + z1*z2"},
        "student": {"activation": "relu", "p": 4},
        "regime": {"d": 64, "n": "2*d", "eta": "p", "steps": 2},
    }
    seen = set()
    for part, change in [("target", {}), *CHANGES]:
        said = {name: {**fields, **(change if name == part else {})} for name, fields in good.items()}
        seen.add(Setting(Target(**said["target"]), Student(**said["student"]), Regime(**said["regime"])).identity)
    assert len(seen) == len(CHANGES) + 1
    touched = {name for part, change in CHANGES for name in change}
    fields = {f.name for kind in (Student, Regime) for f in dataclasses.fields(kind)}
    assert fields <= touched


@pytest.mark.parametrize("name", ["k", "noise", "expr", "terms", "degree", "anything"])
def test_targets_cannot_be_changed(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(Target("z1"), name, 7)


def test_nothing_inside_can_be_changed() -> None:
    target = Target("z1 + z2")
    with pytest.raises(TypeError):
        target.terms[1, 0] = sympy.Integer(5)  # type: ignore[index]
    with pytest.raises(AttributeError):
        Activation("relu").name = "gelu"
    setting = Setting(target, Student("relu", 2), Regime(8, 8, 1))
    for part, name in ((setting, "target"), (setting.student, "p"), (setting.regime, "d")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(part, name, None)


def test_a_target_of_a_target_is_the_same_target() -> None:
    target = Target("tanh(z1)", k=2, noise=0.5)
    assert Target(target) == target
    assert Target(target, k=3, noise=0.0) == Target("tanh(z1)", k=3)


def test_rounding_of_sizes() -> None:
    setting = Setting(Target("z1"), Student("relu", 4), Regime(10, "d**(3/2)", "p*sqrt(n/d)"))
    assert setting.n == 32  # 31.6 to the nearest
    assert setting.eta == pytest.approx(4 * 3.2**0.5, rel=1e-15)  # one rounding of an exact constant
