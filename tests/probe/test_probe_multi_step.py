"""Several steps over a high leap: exponents, thresholds, the recursion at finite d, and what the conjecture refuses."""

from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from checks.draw import Draw
from checks.face.figures import phase, write
from checks.probe import Ladder
from checks.probe.conjecture import at_dimension
from checks.probe.conjectures.multi_step import MultiStepLeap, leap_setting
from checks.probe.leap_recursion import LeapSteps, exponents, threshold
from checks.probe.phase import phase_points, read_points, write_points
from theory import one_step_exponent
from theory.problem import Activation, ProblemError, Regime, Setting, Student, Target

DATA = Path(__file__).parents[2] / "docs" / "data" / "multi_step_leap.csv"
STUDENTS = {2: "relu", 3: "u*abs(u)", 4: "relu"}


def test_thresholds_by_hand():
    assert [threshold(2, t) for t in (1, 2, 4)] == [2, 1.5, 1.25]
    assert threshold(3, 1) == 3
    assert threshold(3, 2) == pytest.approx(7 / 3)
    assert threshold(4, 2) == pytest.approx(13 / 4)
    assert threshold(5, 40) == pytest.approx(4)
    for leap, steps in ((1, 1), (2, 0)):
        with pytest.raises(ProblemError, match="leap of at least 2"):
            threshold(leap, steps)


@given(st.integers(2, 6), st.integers(1, 8), st.floats(1e-3, 0.3))
def test_the_threshold_is_where_the_exponent_vanishes(leap, steps, gap):
    """gap: below the threshold, the exponent after the last step is gap/2 times the sum of powers of leap - 1 or 1/2"""
    kappa = threshold(leap, steps)
    assert exponents(leap, kappa + gap, steps)[-1] == 0
    assert exponents(leap, kappa + 1e-9, steps)[-1] == 0
    power = sum((leap - 1) ** i for i in range(steps))
    assert exponents(leap, kappa - gap, steps)[-1] == pytest.approx(min(gap * power / 2, 0.5))


@given(st.integers(2, 6), st.integers(1, 8), st.floats(1.0, 6.0))
def test_more_steps_never_lose(leap, steps, kappa):
    """no clip at a_t itself is needed: the exponents never grow"""
    found = exponents(leap, kappa, steps)
    assert all(b <= a for a, b in pairwise(found))


@pytest.mark.parametrize(("leap", "kappa"), [(2, Fraction(3, 2)), (2, Fraction(7, 4)), (3, Fraction(5, 2))])
def test_one_step_is_the_exponent_that_theory_derives(leap, kappa):
    setting = leap_setting(leap, kappa, 1, STUDENTS[leap], 1, "squared")  # mirrored rows: both losses are one
    assert float(one_step_exponent(setting, (1,))) == -exponents(leap, float(kappa), 1)[1]


@settings(max_examples=12, deadline=None)
@given(st.sampled_from((2, 3, 4)), st.integers(1, 3), st.integers(-3, 3))
def test_the_recursion_tends_to_the_exponents(leap, steps, eighths):
    """between d = 1e30 and 1e40, away from the thresholds of all steps, where it is slow as 1/log d"""
    kappa = leap - 0.5 + eighths / 8
    if any(abs(kappa - threshold(leap, t)) < 0.06 for t in range(1, steps + 1)) or abs(kappa - leap + 1) < 0.06:
        return
    expected = exponents(leap, kappa, steps)
    if 0 in expected[:-1]:
        steps = expected.index(0)  # rows that grow further are beyond the quadrature
    slopes = LeapSteps(leap, kappa, steps, Activation(STUDENTS[leap])).median_slopes(1e30, 1e40)
    assert np.allclose(slopes, np.negative(exponents(leap, kappa, steps)), atol=0.06)


def test_the_recursion_agrees_with_descent():
    """medians of log |cos| over 100 networks: 6 standard errors, and what the recursion leaves out, d^(-1/2) a step"""
    d, kappa = 300, 1.5
    setting = leap_setting(2, Fraction(3, 2), 3, "relu", 2, "correlation")
    setting = at_dimension(setting, d)
    run = sim.simulate(setting, 5, 100, record=("cosines",), threads=1)
    found = np.log(np.abs(run.cosines[..., 0])).mean(axis=2)
    expected = LeapSteps(2, kappa, 3, Activation("relu"), 2).log_cosines(d).mean(axis=2)
    error = 1.25 * found.std(axis=0) / np.sqrt(len(found))
    assert np.all(
        np.abs(np.median(found, axis=0) - np.median(expected, axis=1)) < 6 * error + np.arange(4) / np.sqrt(d)
    )


def test_kinks_away_from_0_are_refused():
    with pytest.raises(ProblemError, match="kinks lie at 0"):
        LeapSteps(2, 1.5, 1, Activation("relu(u + 1)"))


@pytest.mark.parametrize(
    ("target", "student", "regime", "says"),
    [
        ("z1**2", Student("relu", 2, "rademacher"), Regime(64, "d**(3/2)", "p*sqrt(n/d)", loss="correlation"), "He_l"),
        ("He2(z1)", Student("tanh", 2, "rademacher"), Regime(64, "d**(3/2)", "p*sqrt(n/d)", loss="correlation"), "c_2"),
        ("He2(z1)", Student("relu", 2), Regime(64, "d**(3/2)", "p*sqrt(n/d)", loss="correlation"), "alpha"),
        ("He2(z1)", Student("relu", 2, "rademacher"), Regime(64, "d**(3/2)", "p*sqrt(n/d)"), "correlation loss"),
        ("He2(z1)", Student("relu", 2, "rademacher"), Regime(64, "d**(3/2)", "p", loss="correlation"), "eta"),
        ("He2(z1)", Student("relu", 2, "rademacher"), Regime(64, "2*d", "p*sqrt(n/d)", loss="correlation"), "kappa"),
    ],
)
def test_it_says_nothing_beyond_its_domain(target, student, regime, says):
    with pytest.raises(ProblemError, match=says):
        MultiStepLeap().predict(Setting(Target(target), student, regime))


def test_a_wrong_exponent_is_contradicted():
    """descent at kappa = 2 against the exponent and recursion of kappa = 5/4: 0 against -3/8, 24 replicas"""
    conjecture, ladder = MultiStepLeap(), Ladder((256, 4096), 24)
    right = leap_setting(2, Fraction(2), 1, "relu", 2, "correlation")
    wrong = leap_setting(2, Fraction(5, 4), 1, "relu", 2, "correlation")
    measured = conjecture.measure(right, ladder.dims, Draw(sim.simulate, 0, "test", 0, ladder.replicas, threads=1))
    excess = conjecture.compare(conjecture.predict(wrong), measured)["above"]
    assert np.median(excess) > 0
    assert np.median(conjecture.compare(conjecture.predict(right), measured)["above"]) < 0


def test_points_are_kept_as_they_are(tmp_path):
    points = list(phase_points(2, [Fraction(3, 2)], dims=(64, 128), replicas=8))
    assert [p.step for p in points] == [1, 2, 3, 4]
    assert points[0].predicted == -0.25
    write_points(points, tmp_path / "points.csv")
    assert read_points(tmp_path / "points.csv") == points


def test_the_picture_of_points(tmp_path):
    points = read_points(DATA)
    assert {(p.loss, p.leap, p.step) for p in points} == set(product(("correlation", "squared"), (2, 3), (1, 2, 3, 4)))
    for point in points:
        assert point.predicted == -exponents(point.leap, point.kappa, point.step)[-1]
    write(tmp_path / "phase.svg", phase, points)
    assert 10_000 < (tmp_path / "phase.svg").stat().st_size < 150_000
    with pytest.raises(ProblemError, match="no points"):
        phase([])
