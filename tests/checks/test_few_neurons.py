"""What few neurons u + q u^2 leave of a quadratic target."""

import pytest

from checks.catalogue.readout.few_neurons import few_neurons_error, quadratic_coefficient
from theory import ProblemError, Regime, Setting, Student, Target


def setting(p: int, preprocess: int | None, c: int = 12, d: int = 10**4, activation: str = "u + u**2/5") -> Setting:
    regime = Regime(d, f"{c}*d**2", "12*p*d**(1/2)", loss="correlation", preprocess=preprocess)
    return Setting(Target("z1 + sqrt(2)*z2*z3"), Student(activation, p, "rademacher", "plain"), regime)


def test_many_neurons_and_samples_reach_the_floor_of_the_second_degree():
    """E Var(f* | z2, z3) = 1: monotone in p and c up to the draws' error, and never below."""
    assert 1.25 > few_neurons_error(setting(16, 1)) > few_neurons_error(setting(40, 1)) > 1
    assert few_neurons_error(setting(40, 1, c=10**4)) == pytest.approx(1, abs=0.01)


def test_with_the_linear_part_the_floor_of_c1_is_all():
    """E Var(f* | z1) = 2, approached as d grows."""
    near, far = (abs(few_neurons_error(setting(16, None, d=d, c=1000)) - 2) for d in (128, 3 * 10**4))
    assert far < near
    assert far < 0.03


def test_one_neuron_by_hand():
    """Labels as they are: the row is R e1 with R of order d^(1/2), so nearly all of u + q u^2 is q u^2, not in f*."""
    assert few_neurons_error(setting(1, None, c=10**4, d=10**4)) == pytest.approx(3, abs=1e-3)


@pytest.mark.parametrize("activation", ["softplus", "u", "u**2", "u + u**3", "2*u + u**2"])
def test_other_students_are_refused(activation: str):
    assert quadratic_coefficient(setting(4, None, activation=activation).student) is None
    with pytest.raises(ProblemError, match=r"u \+ q u\^2"):
        few_neurons_error(setting(4, None, activation=activation))
