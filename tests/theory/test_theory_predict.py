"""predict: the JSON of the contract, consistency with the parts, and what it refuses."""

import json
import math
from typing import Any

import pytest
import sympy

from theory import ProblemError, Regime, Setting, Student, Target, error_floor, predict, solve_dmft, staircase
from theory.size_exponents import sample_exponent

CHAIN = "z1 + z1*z2 + z1*z2*z3"


def setting(target: str = CHAIN, activation: str = "relu", bias: Any = 0.0, **regime: Any) -> Setting:
    return Setting(
        Target(target), Student(activation, 4, bias=bias), Regime(**{"d": 64, "n": "2*d", "eta": "p", **regime})
    )


def test_the_json_of_the_contract() -> None:
    body = predict(setting(steps=3)).to_json()
    assert json.loads(json.dumps(body, allow_nan=False)) == body
    assert body["schema"] == 1
    assert (body["leap_index"], body["information_exponent"], body["leap_complexity"]) == (1, 1, 1)
    assert (body["staircase"], body["complete"], body["why_stuck"]) == ([0, 1, 2, 3], True, None)
    assert (body["student_staircase"], body["student_complete"]) == ([0, 1, 2], False)
    assert "E[sigma^(3)(r g + b)]" in body["student_why_stuck"]
    assert body["certified"] is True
    assert body["sample_exponent"] == "1"
    assert body["student_coefficients"][1] == "1/2"
    assert Setting.from_json(body["setting"]).identity == setting(steps=3).identity
    assert body["subspaces"] == [[], [["1", "0", "0"]], [["1", "0", "0"], ["0", "1", "0"]],
                                 [["1", "0", "0"], ["0", "1", "0"], ["0", "0", "1"]]]  # fmt: skip
    assert body["gradient_exponents"] == ["0", "-1/2", "-1/2"]
    floors = {(entry["step"], entry["kappa"]): entry for entry in body["floors"]}
    assert {key: entry["value"] for key, entry in floors.items()} == {
        (0, 0): 3.0, (0, 1): 2.0, (0, 2): 1.0, (1, 0): 2.0, (1, 1): 1.0, (1, 2): 0.0,
        (2, 0): 1.0, (2, 1): 0.0, (2, 2): 0.0,
    }  # fmt: skip
    assert all(entry["floor"] == str(int(entry["value"])) for entry in floors.values())


@pytest.mark.parametrize(("steps", "dimension"), [(1, 1), (2, 2), (3, 2), (9, 2)])
def test_the_subspace_after_the_steps(steps: int, dimension: int) -> None:
    assert predict(setting(steps=steps)).subspace == sympy.eye(3)[:, :dimension]


def test_the_parts_agree() -> None:
    said = predict(setting("sqrt(2)*z1 + z2 + z1*z2", "tanh", bias="uniform", normalize_rows=True))
    own = staircase(said.setting.target, "tanh", bias="uniform", unit_rows=True)
    assert (said.target_staircase, said.student_staircase) == (staircase(said.setting.target), own)
    for (t, kappa), floor in said.floors.items():
        assert floor == error_floor(said.setting.target, kappa, own.subspaces[t])


@pytest.mark.parametrize(
    ("target", "leap"), [("z1*z2", 2), ("He3(z1)", 3), ("He20(z1)", 20), ("7 + 0*z1", "inf"), ("tanh(z1)", 1)]
)
def test_leaps_in_json(target: str, leap: int | str) -> None:
    body = predict(setting(target)).to_json()
    assert body["leap_index"] == body["information_exponent"] == leap
    assert any(f"O(d^({leap} - delta))" in note for note in body["notes"]) == (leap not in (1, "inf"))
    exact = target != "tanh(z1)"
    assert all("error" not in entry if exact else entry["error"] < 1e-15 for entry in body["floors"])
    assert {entry["kappa"] for entry in body["floors"]} == {0, 1, 2}


@pytest.mark.parametrize(
    ("n", "exponent"),
    [("2d", 1), (100, 0), ("d**(3/2)", sympy.Rational(3, 2)), ("d**2 + 5*d", 2), ("d*p", 1), ("(d + 1)**2/p", 2),
     ("d**0.75", sympy.Rational(3, 4)), ("sqrt(d)*d", sympy.Rational(3, 2)), ("d*d*d/d", 2)],
)  # fmt: skip
def test_sample_exponents(n: object, exponent: object) -> None:
    assert sample_exponent(setting(n=n)) == exponent


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"n": 100}, "fixed number"),
        ({"n": "d**0.5"}, "fewer samples"),
        ({"n": "d**(3/2)", "steps": 2}, "may reach more"),
    ],
)
def test_notes_say_what_is_unusual(changed: dict[str, Any], words: str) -> None:
    assert any(words in note for note in predict(setting(**changed)).notes)
    assert not any(words in note for note in predict(setting()).notes)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"batch": (0, 1, 0), "steps": 3}, "one batch for all steps"),
        ({"preprocess": 0}, "preprocessed"),
        ({"preprocess": 1}, "preprocessed"),
        ({"weight_decay": 0.1}, "weight decay"),
        ({"n": "sqrt(d*(d + 1))"}, "no sum of powers"),
    ],
)
def test_outside_the_domain_it_refuses(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        predict(setting(**changed))


def test_one_reused_step_and_distinct_ids_are_fresh() -> None:
    said = predict(setting(steps=1))
    for batch in ("reused", (5,)):
        assert predict(setting(steps=1, batch=batch)).student_staircase == said.student_staircase
    assert predict(setting(steps=2, batch=(4, 1))).student_staircase == said.student_staircase


@pytest.mark.parametrize(
    ("n", "eta", "exponent"),
    [("2d", "p", 0), ("2d", "p*sqrt(n/d)", 0), ("2d", "p/d", None), ("d**2", "p", None), (200, "p", None)],
)
def test_overlap_exponents_need_n_of_order_d_and_eta_of_order_p(n, eta, exponent):
    setting = Setting(Target("z1 + z1*z2"), Student("relu", 4), Regime(d=100, n=n, eta=eta))
    assert predict(setting).overlap_exponent((1, 0), 1) == exponent


@pytest.mark.parametrize(
    ("target", "direction"),
    [("sign(z1 + z2*z2)", (0, 1)), ("Max(z1, z2, z3)", (0, 1, -1)), ("tanh(z1 + z2*z3)", (0, 1, 0))],
)
def test_numerical_noise_meets_no_direction(target, direction):
    prediction = predict(Setting(Target(target), Student("relu", 4), Regime(d=100, n="2d", eta="p")))
    assert prediction.target_staircase.enters(direction) == math.inf


def test_leap_complexity_is_left_open_where_the_expansion_ends_too_early():
    setting = Setting(Target("tanh(z1) + He12(z2)"), Student("relu", 4), Regime(d=100, n="2d", eta="p"))
    assert predict(setting).leap_complexity is None


def test_the_first_gradient_at_other_sample_sizes() -> None:
    """Leap one is seen from d samples on; He_2(z2) hides behind z1 at every n, and alone is seen from d^2 on."""
    few, many = (predict(setting("z1 + He2(z2)", n=n)).gradient_exponents for n in ("d**(1/2)", "d**2"))
    assert few == (sympy.Rational(-1, 4), sympy.Rational(-1, 2))
    assert many == (0, sympy.Rational(-1, 2))
    assert predict(setting("He2(z1)", n="d**(3/2)")).gradient_exponents == (sympy.Rational(-1, 4),)
    assert predict(setting("He2(z1)", n="d**2")).gradient_exponents == (0,)


def test_no_exponent_where_the_start_is_not_silent() -> None:
    plain = Setting(Target("z1"), Student("relu", 4, init="plain"), Regime(64, "2*d", "p"))
    assert predict(plain).gradient_exponents == (None,)


def test_floors_of_functions_that_are_no_polynomials() -> None:
    said = predict(setting("z1 + z1*tanh(z2)", "relu(u + 1/2)"))
    assert said.student_staircase.dimensions == (0, 1, 2)
    outside = error_floor("tanh(z1)", 0)  # E tanh^2: what is left of z1 tanh(z2) given z1
    assert said.floors[1, 0] == pytest.approx(outside, abs=1e-15)
    assert said.floors[0, 0] == pytest.approx(1 + outside, abs=1e-15)
    assert said.floors[2, 0] == 0
    assert any("proven errors" in note for note in said.notes)
    json.dumps(said.to_json(), allow_nan=False)


def test_floors_that_are_estimated_or_left_out_say_so() -> None:
    estimated = predict(setting("z1 + tanh(z1*z2)"))
    assert estimated.floors
    assert any("estimated, not proven" in note for note in estimated.notes)
    assert not all(entry["certified"] for entry in estimated.to_json()["floors"])
    absent = predict(setting("z1 + z2 + z3 + z4 + abs(z1)*z2", "relu"))  # U = (1, 1, 1, 1), in four coordinates
    assert absent.floors == {}
    assert any("left out" in note for note in absent.notes)


def test_a_reused_batch_step_by_step() -> None:
    """The first gradient is that of a fresh batch; from the second on every function of y counts."""
    said = predict(setting("He3(z1) + z2", "tanh", batch="reused", steps=2))
    assert said.reuse_staircase is not None
    assert (said.reuse_staircase.dimensions, said.student_staircase.dimensions) == ((0, 2), (0, 1, 2))
    assert [said.overlap_exponent((1, 0), t) for t in (1, 2)] == [sympy.Rational(-1, 2), 0]
    assert [said.overlap_exponent((0, 1), t) for t in (1, 2)] == [0, 0]
    body = said.to_json()
    assert json.loads(json.dumps(body, allow_nan=False)) == body
    assert (body["staircase"], body["reuse_staircase"], body["reuse_complete"]) == ([0, 1], [0, 2], True)
    assert (body["reuse_why_stuck"], body["reuse_certified"], body["reuse_late"]) == (None, True, [2])
    assert "reuse_staircase" not in predict(setting("He3(z1) + z2", "tanh", steps=2)).to_json()


@pytest.mark.parametrize(("activation", "dimensions"), [("tanh", (0, 0, 1)), ("He3", (0, 0, 1)), ("He2", (0,))])
def test_a_blocked_first_step_on_a_reused_batch(activation: str, dimensions: tuple[int, ...]) -> None:
    said = predict(setting("He3(z1)", activation, batch="reused", steps=3))
    assert said.student_staircase.dimensions == dimensions


@pytest.mark.parametrize(
    ("init", "loss", "dimension"),
    [("symmetric", "squared", 1), ("plain", "squared", 2), ("plain", "correlation", 1)],
)
def test_a_constant_counts_unless_the_second_layer_cancels_it(init: str, loss: str, dimension: int) -> None:
    """sigmoid is 1/2 + an odd function: it learns z2 only where the half survives in the residual."""
    regime = Regime(d=64, n="2*d", eta="p", steps=3, batch="reused", loss=loss)
    said = predict(Setting(Target("tanh(z1) + z1*z2"), Student("sigmoid", 4, init=init), regime))
    assert said.student_staircase.dimensions[-1] == dimension


@pytest.mark.parametrize(
    ("alpha", "dimensions"), [((1, -1), (0, 1)), ((1, 0.7), (0, 1, 2)), ((0.1, 0.2, -0.3), (0, 1))]
)
def test_a_second_layer_that_is_given_may_cancel_it_too(alpha: tuple[float, ...], dimensions: tuple[int, ...]) -> None:
    student = Student("sigmoid", len(alpha), alpha, init="plain")
    regime = Regime(d=64, n="4*d", eta=24, steps=3, batch="reused")
    stated = Setting(Target("2*tanh(z1) + 2*z1*z2"), student, regime)
    assert predict(stated).student_staircase.dimensions == dimensions
    limit = solve_dmft(stated, samples=2**14)
    seen = abs(limit.overlaps[-1, :, 1]) > 6 * limit.overlaps_stderr[-1, :, 1]
    assert seen.any() == (len(dimensions) == 3)


def test_a_quadratic_activation_gains_one_power_of_the_label_a_step() -> None:
    """With the correlation loss e^t is of degree t + 1 in y: what y^3 shows comes at step 3, and nothing is said."""
    stated = quadratic("u + u**2/2 - 1/2", "correlation", target="sin(2*z1) - 2*exp(-3/2)*sin(z1)")  # He3 and above
    limit = solve_dmft(stated, samples=2**14)
    off = abs(limit.overlaps[:, 0, 0])
    assert off[2] < 6 * limit.overlaps_stderr[2, 0, 0]
    assert off[3] > 6 * limit.overlaps_stderr[3, 0, 0]
    for sigma in ("u + u**2/2 - 1/2", "He2(u + 1)", "relu(u)**2 + relu(-u)**2 + u"):
        with pytest.raises(ProblemError, match="one power of y a step"):
            predict(quadratic(sigma, "correlation"))
    with pytest.raises(ProblemError, match="one power of y a step"):
        predict(quadratic("He2", "correlation", bias=0.5))
    assert predict(quadratic("u + u**2/2 - 1/2", "squared")).student_staircase.dimensions == (0, 0, 1)
    assert predict(quadratic("He2", "correlation")).student_staircase.dimensions == (0,)  # even: it never moves
    assert predict(quadratic("u + He3(u)", "correlation")).student_staircase.dimensions == (0, 0, 1)


def quadratic(activation: str, loss: str, bias: float = 0.0, target: str = "He3(z1)") -> Setting:
    regime = Regime(d=64, n="d", eta="p", steps=3, batch="reused", loss=loss)
    return Setting(Target(target), Student(activation, 1, (1.0,), init="plain", bias=bias), regime)


def test_notes_about_reused_batches() -> None:
    assert any("log d steps" in note for note in predict(setting("He2(z1)", batch="reused", steps=2)).notes)
    assert not any("log d steps" in note for note in predict(setting("He3(z1)", batch="reused", steps=2)).notes)
