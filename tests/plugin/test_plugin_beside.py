"""Runs beside a limit, and beside exponents: what agrees, what does not, what cannot be compared.

Runs are made up here, so that the truth is known. Errors of chance: every agreement is one at alpha = 1e-6, planted
differences are several times the margin, and margins many times the spread.
"""

from dataclasses import replace

import numpy as np
import pytest

import sim
from checks.plugin.beside import judged
from checks.verdict import Status
from theory import (
    FreshLimit,
    Prediction,
    ProblemError,
    Regime,
    Setting,
    Student,
    Target,
    fresh_limit,
    predict,
    staircase,
)

ALPHA, MARGIN = 1e-6, 0.05
STUDENT = Student("relu", 2, second_layer=(1.0, -1.0))
DIMS = (64, 256, 1024)


def setting(d: int = 512, target: str = "z1", student: Student = STUDENT, **regime: object) -> Setting:
    return Setting(Target(target), student, Regime(**{"d": d, "n": "4*d", "eta": "p", "steps": 2, **regime}))


def made_up(stated: Setting, overlaps: np.ndarray) -> sim.Run:
    """A run with the given overlaps, which are cosines as well."""
    replicas, kept = overlaps.shape[:2]
    zeros = np.zeros((replicas, 2))
    rows = {"alpha": zeros, "bias": zeros, "diverged": np.zeros(replicas, dtype=bool)}
    return sim.Run(stated, "direct", "", tuple(range(kept)), overlaps=overlaps, cosines=overlaps, **rows)


@pytest.fixture(scope="module")
def limit() -> FreshLimit:
    return fresh_limit(setting())


def around(limit: FreshLimit, seed: int, replicas: int = 100, shift: float = 0.0) -> np.ndarray:
    noise = 0.02 * np.random.default_rng(seed).standard_normal((replicas, *limit.overlaps.shape))
    noise[:, 1, 0, 0] += shift
    return limit.overlaps + noise


def test_every_overlap_is_judged_and_agrees(limit: FreshLimit) -> None:
    records = judged(limit, made_up(setting(256), around(limit, 1)), ALPHA, MARGIN, 0.0)
    assert len(records) == 3 * 2 * 1
    assert {record.status for record in records} == {Status.AGREE}
    assert {record.alpha for record in records} == {ALPHA / 6}
    assert records[2].name == "overlap of neuron 1 with z1 at step 1"
    assert records[2].prediction == limit.overlaps[1, 0, 0]


@pytest.mark.parametrize("sign", [-1, 1])
def test_one_overlap_that_is_off_is_found(limit: FreshLimit, sign: int) -> None:
    run = made_up(setting(), around(limit, 2, shift=sign * 0.2))
    wrong = [record for record in judged(limit, run, ALPHA, MARGIN, 0.0) if record.status is not Status.AGREE]
    assert [(record.name, record.status) for record in wrong] == [
        ("overlap of neuron 1 with z1 at step 1", Status.DISAGREE)
    ]
    agreed = judged(limit, run, ALPHA, MARGIN, 0.3)  # a finite-size allowance that covers it
    assert {record.status for record in agreed} == {Status.AGREE}


def test_what_the_data_cannot_decide_is_inconclusive(limit: FreshLimit) -> None:
    records = judged(limit, made_up(setting(), around(limit, 3)), ALPHA, 1e-4, 0.0)
    assert Status.AGREE not in {record.status for record in records}


def test_a_diverged_run_stands_at_both_ends(limit: FreshLimit) -> None:
    overlaps = around(limit, 4)
    overlaps[:60] = np.nan
    records = judged(limit, made_up(setting(), overlaps), ALPHA, MARGIN, 0.0)
    assert {(record.interval.lo, record.interval.hi) for record in records} == {(-np.inf, np.inf)}
    assert {record.status for record in records} == {Status.INCONCLUSIVE}


def test_the_limit_s_own_error_is_allowed_for(limit: FreshLimit) -> None:
    rough = replace(limit, error=np.array([0.0, 0.3, 0.0]))
    run = made_up(setting(), around(limit, 5, shift=0.2))
    assert {record.status for record in judged(rough, run, ALPHA, MARGIN, 0.0)} == {Status.AGREE}


def test_a_prediction_stands_beside_one_run_as_its_limit(limit: FreshLimit) -> None:
    run = made_up(setting(), around(limit, 6))
    of_limit, of_prediction = (judged(x, run, ALPHA, MARGIN, 0.0) for x in (limit, predict(setting())))
    assert of_limit == of_prediction


def ladder(prediction: Prediction, exponents: dict[int, float]) -> list[sim.Run]:
    """Runs at each d whose cosines with z_{r+1} are d^exponents[r] at every step, up to two percent."""
    rng, runs = np.random.default_rng(7), []
    for d in DIMS:
        scale = np.array([float(d) ** exponents[r] for r in range(prediction.setting.target.k)])
        runs.append(made_up(setting(d, "z1 + z1*z2"), scale * (1 + 0.02 * rng.standard_normal((100, 3, 2, 2)))))
    return runs


def statuses(prediction: Prediction, runs: list[sim.Run]) -> dict[tuple[str, str], set[Status]]:
    found: dict[tuple[str, str], set[Status]] = {}
    for record in judged(prediction, runs, ALPHA, 0.1, 0.05):
        words = record.name.split()
        found.setdefault((words[2], words[5].rstrip(",")), set()).add(record.status)
    return found


def test_exponents_are_judged_direction_by_direction() -> None:
    """z1 enters at the first step, z2 at the second; made-up cosines have one exponent at all steps."""
    prediction = predict(setting(64, "z1 + z1*z2"))
    found = statuses(prediction, ladder(prediction, {0: 0.0, 1: -0.5})[::-1])  # in any order
    agree, disagree = {Status.AGREE}, {Status.DISAGREE}
    assert found == {("z1", "1"): agree, ("z1", "2"): agree, ("z2", "1"): agree, ("z2", "2"): disagree}
    found = statuses(prediction, ladder(prediction, {0: -0.5, 1: 0.0}))
    assert found == {("z1", "1"): disagree, ("z1", "2"): disagree, ("z2", "1"): disagree, ("z2", "2"): agree}


def test_it_is_the_given_prediction_that_is_judged() -> None:
    """One that has z2 learned before z1."""
    right = predict(setting(64, "z1 + z1*z2"))
    wrong = replace(right, student_staircase=staircase("z2 + z1*z2"))
    runs = ladder(right, {0: 0.0, 1: -0.5})
    found = {key: value for key, value in statuses(wrong, runs).items() if key[1] == "1"}
    assert found == {("z1", "1"): {Status.DISAGREE}, ("z2", "1"): {Status.DISAGREE}}


def test_what_cannot_be_compared_is_refused(limit: FreshLimit) -> None:
    run = made_up(setting(), around(limit, 8))
    drawn = setting(student=Student("relu", 2))
    prediction = predict(setting(64, "z1 + z1*z2"))
    rungs = ladder(prediction, {0: 0.0, 1: -0.5})
    refused = {
        "20 replicas cannot bound a median at alpha = 1.7e-07: at least 24 can": (
            limit, made_up(setting(), around(limit, 8, replicas=20)), MARGIN),
        "the run is of another setting than the prediction: only d may differ": (
            limit, made_up(setting(eta="2*p"), run.overlaps), MARGIN),
        "a dict is no run": (limit, [{}], MARGIN),
        "a int is no run": (limit, 5, MARGIN),
        "a str says nothing of overlaps": ("z1", run, MARGIN),
        "margin = 0": (limit, run, 0.0),
        "a limit is compared with one run": (limit, [run, run], MARGIN),
        "overlaps of shape": (limit, made_up(setting(), run.overlaps[:, :, :1]), MARGIN),
        "beside one run a Prediction needs a limit": (predict(drawn), made_up(drawn, run.overlaps), MARGIN),
        "exponents lie 1/2 apart": (prediction, rungs, 0.5),
        "give one run for each d": (prediction, [*rungs, rungs[0]], 0.1),
        "exponents are those of cosines": (prediction, [replace(rung, cosines=None) for rung in rungs], 0.1),
    }  # fmt: skip
    for told, (expected, runs, margin) in refused.items():
        with pytest.raises(ProblemError, match=told):
            judged(expected, runs, ALPHA, margin, 0.0)


def test_a_drawn_layer_has_no_limit_to_be_compared_with() -> None:
    drawn = setting(student=Student("relu", 2))
    limit = fresh_limit(drawn, alpha=(1.0, -1.0))
    with pytest.raises(ProblemError, match="where second layer or biases are drawn, so is the limit"):
        judged(limit, made_up(drawn, around(limit, 9)), ALPHA, MARGIN, 0.0)
