"""Shipped conjectures about overlaps, floors and weak rungs: what they draw, predict and refuse."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.probe.conjectures.approximate import ApproximateStaircase, approximate_setting, approximate_target, strength
from checks.probe.conjectures.floor_min import FloorMinKappa, Grid, floor_setting
from checks.probe.conjectures.multi_step import MultiStepLeap, MultiStepLeapSquared
from checks.probe.conjectures.overlap_law import Level, OverlapLaw
from theory.problem import ProblemError, Regime, Setting, Student, Target

SHIPPED = (OverlapLaw(), FloorMinKappa(), ApproximateStaircase(), MultiStepLeap(), MultiStepLeapSquared())


@pytest.mark.parametrize("conjecture", SHIPPED, ids=lambda c: c.id)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_each_says_something_of_what_it_draws(conjecture, data):
    setting = data.draw(conjecture.strategy())
    assert conjecture.predict(Setting.from_json(setting.to_json())) is not None


def test_floors_at_the_smaller_exponent():
    conjecture = FloorMinKappa()
    assert conjecture.predict(floor_setting((1, 2, 3), 0, (1.5, 2.0))) == Grid(1.5, 2.0, 2.0, 0)
    assert conjecture.predict(floor_setting((1, 2), 1, (2.0, 1.0))) == Grid(2.0, 1.0, 1.0, 1)
    other = Setting(Target("z1"), Student("relu", 64), Regime(64, "d**2", 1.0))
    for wrong in (floor_setting((1, 2), 0, (1.0, 1.0)), other):
        with pytest.raises(ProblemError, match="about"):
            conjecture.predict(wrong)


def test_an_error_below_the_floor_or_unlike_its_mirror_image_is_contradicted():
    grid, few = Grid(1.5, 2.0, 2.0, 0), np.ones(4)
    found = FloorMinKappa().compare(grid, {"asked": few, "mirrored": 3 * few})
    assert np.array_equal(found["below the floor"], 0.5 * few)
    assert np.array_equal(found["less than mirrored"], 1.5 * few)
    assert np.all(found["more than mirrored"] < 0)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.01, 0.9))
def test_the_strength_is_read_off_the_target(epsilon):
    setting = Setting(approximate_target(epsilon), Student("relu", 2), Regime(64, "8*d", "p", steps=2))
    assert strength(setting) == pytest.approx(epsilon, abs=1e-9)
    terms = {key: float(value) for key, value in setting.target.terms.items()}
    assert terms[0, 2] == -terms[0, 0]
    assert terms[1, 0] ** 2 + terms[1, 1] ** 2 + 2 * terms[0, 2] ** 2 == pytest.approx(6)  # the energy does not change


def test_weak_rungs_only():
    assert ApproximateStaircase().predict(approximate_setting(4, "relu", 1, 8)) == pytest.approx(4, abs=1e-6)
    for target in ("z1 + z1*z2", "z1"):
        with pytest.raises(ProblemError, match="about f"):
            strength(Setting(Target(target), Student("relu", 2), Regime(64, 64, 1.0)))


def test_one_more_lasting_eigenvalue_is_contradicted():
    """cosines that do not depend on d in two directions, against a U_1 of one direction"""
    random = np.random.default_rng(0)
    cosines = random.standard_normal((6, 2, 16, 2))
    one = Level(1, np.eye(2)[:, :1], np.eye(2)[:, 1:])
    found = OverlapLaw().compare([one], {64: cosines, 1024: cosines})
    assert np.all(found["step 1: eigenvalue 2 falls"] == 0.25)
    assert np.all(found["step 1: neurons share in nothing else"] == 0.25)
    assert np.all(found["step 1: eigenvalue 1 lasts"] < 0)
    falling = {d: cosines * np.array([1.0, (64 / d) ** 0.5]) for d in (64, 1024)}
    assert all(np.all(values < 0) for values in OverlapLaw().compare([one], falling).values())
    both = Level(1, np.eye(2), np.zeros((2, 0)))
    assert np.all(OverlapLaw().compare([both], falling)["step 1: eigenvalue 2 lasts"] > 0)
