"""How strong what a student learns in two fresh steps is in the limit: closed forms, and who heeds it."""

import numpy as np
import pytest

import sim
from checks.probe.conjectures.overlap_law import OverlapLaw
from checks.probe.conjectures.staircase import Staircase
from checks.probe.signal import VISIBLE, signals
from theory.problem import ProblemError, Regime, Setting, Student, Target

NOTHING = np.zeros((3, 0))
WEAK = "-z1**3/2 - z2**2*z3 - 2*z3"  # erf takes (1, 0, 2) in step one, and (2, 0, -1) in step two, but barely


def problem(target, activation, bias=0.0, eta="p"):
    return Setting(Target(target), Student(activation, 8, bias=bias), Regime(d=128, n="8*d", eta=eta, steps=2))


def axes(k, count):
    return np.eye(k)[:, :count]


def test_signals_of_a_square_are_known_in_closed_form():
    """sigma = u^2 with bias 1: sigma' = 2 u + 2, so that m = 2 s and w_v = 4 s^2 for z1 + z1*z2, s = eta a / p."""
    pace = 4 * np.linspace(-1, 1, 33)
    setting = problem("z1 + z1*z2", "u**2", 1.0, "4*p")
    first, least = signals(setting, [NOTHING[:2], axes(2, 1), axes(2, 2)])
    assert first == pytest.approx(np.sqrt(np.mean(4 * pace**2)))
    assert least == pytest.approx(min(first, np.sqrt(np.mean(16 * pace**4))))  # the two are orthogonal


def test_three_directions_and_turned_ones():
    """z1 + z1*(z2 + 2*z3): v = (0, 1, 2) / sqrt(5) is opened with sqrt(5) times that; a third direction is not."""
    pace = np.linspace(-1, 1, 33)
    setting = problem("z1 + z1*z2 + 2*z1*z3", "u**2", 1.0)
    opened = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    first, least = signals(setting, [NOTHING, axes(3, 1), opened])
    assert first == pytest.approx(np.sqrt(np.mean(4 * pace**2)))
    assert least == pytest.approx(min(first, np.sqrt(np.mean(5 * 16 * pace**4))))
    assert signals(setting, [NOTHING, axes(3, 1), np.eye(3)])[1] == pytest.approx(0, abs=1e-12)  # (0, 2, -1) is not


def test_without_a_level_there_is_no_signal():
    assert signals(problem("He2(z1)", "relu"), [NOTHING[:1]]) == []
    assert len(signals(problem("z1", "relu"), [NOTHING[:1], axes(1, 1)])) == 1


@pytest.mark.parametrize("conjecture", [Staircase(), OverlapLaw()])
def test_what_is_too_weak_to_be_seen_is_not_claimed(conjecture):
    with pytest.raises(ProblemError, match="too weak"):
        conjecture.predict(problem(WEAK, "erf"))
    assert conjecture.predict(problem("-z1**3/2 - z2**2*z3 - 2*z3", "relu"))
    assert conjecture.predict(problem("z1 + z1*z2", "relu"))


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_descent_has_the_signal_computed(activation):
    """Root mean square overlap with z2 after two steps of z1 + z1*z2, alpha evenly spaced as in the formula.

    The part along z2 is even in alpha and z1's odd, so that the least singular value is the norm of the weaker one.
    Noise adds d^(-1/2) in quadrature and the grids of alpha differ by 3 %: 10 % is six standard errors and more.
    """
    d, p = 8192, 32
    student = Student(activation, p, second_layer=tuple((2 * i + 1 - p) / (p - 1) for i in range(p)))
    setting = Setting(Target("z1 + 2*z1*z2"), student, Regime(d=d, n="8*d", eta="2*p", steps=2))
    first, least = signals(setting, [NOTHING[:2], axes(2, 1), axes(2, 2)])
    assert VISIBLE < least < first
    overlaps = sim.simulate(setting, 0, 6).overlaps[:, 2, :, 1]
    assert np.sqrt(np.mean(overlaps**2) - 1 / d) == pytest.approx(least, rel=0.1)
