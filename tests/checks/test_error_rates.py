"""The promise of a verdict, kept by real gradient descent: how often it calls right wrong, or misses wrong.

Each bound is a Clopper-Pearson bound at 1e-6: a right program fails here once in a million runs.
"""

from dataclasses import replace

import pytest

import checks
from checks import Claim, Plan
from checks.catalogue.giant_step import gradient
from checks.verdict import Budget, Component, Median, Status, clopper_pearson
from theory import Regime, Setting, Student, Target

RUNS = 1000
BUDGET = Budget(alpha_suite=1e-2, beta_suite=5e-2)
PLAN = Plan({"first step": Setting(Target("z1 + z1*z2"), Student("relu", 8, bias=0.5), Regime(d=4, n=200, eta="p"))})
TERM = "teacher term 0"
MARGIN, BIAS = 0.25, 0.02


def small_claim(shift: float) -> Claim:
    """The coefficient of c_1 C_1 in the first step, predicted `shift` away from its true value 1."""
    component = Component(TERM, 1.0 + shift, MARGIN, BIAS, Median(TERM, spread=0.3))
    return replace(
        gradient.CLAIM, plans={"quick": PLAN}, components=lambda plan: (component,), foils=lambda plan: {}, mutants={}
    )


@pytest.fixture(scope="module")
def outcomes():
    def count(shift: float) -> tuple[dict[Status, int], float]:
        verdicts = [checks.verify(small_claim(shift), BUDGET, seed=seed) for seed in range(RUNS)]
        statuses = [verdict.components[0].status for verdict in verdicts]
        return {status: statuses.count(status) for status in Status}, verdicts[0].power

    return {shift: count(shift) for shift in (0.0, BIAS + MARGIN)}


def test_a_right_theory_is_called_wrong_no_more_often_than_alpha_allows(outcomes):
    counts, _ = outcomes[0.0]
    print(counts)
    assert clopper_pearson(counts[Status.DISAGREE], RUNS, 2e-6).lo <= BUDGET.alpha_suite


def test_a_shift_of_one_margin_is_caught_with_the_planned_power(outcomes):
    counts, power = outcomes[BIAS + MARGIN]
    print(counts, power)
    assert power >= 1 - BUDGET.beta_suite
    assert clopper_pearson(counts[Status.DISAGREE], RUNS, 2e-6).hi >= power
    assert clopper_pearson(counts[Status.AGREE], RUNS, 2e-6).lo <= BUDGET.alpha_suite
