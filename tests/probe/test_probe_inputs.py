"""The conjecture about inputs: what it predicts, and descent at the sizes of its search."""

import numpy as np
import pytest

from checks.probe.conjectures.inputs import Inputs
from checks.probe.trial import excesses
from theory.problem import ProblemError, Regime, Setting, Student, Target


def problem(target, law, teacher, activation="relu"):
    regime = Regime(d=128, n="4*d", eta="4*p", steps=2, inputs=law, teacher=teacher)
    return Setting(Target(target), Student(activation, 4), regime)


@pytest.mark.parametrize("law", ["rademacher", "mixture", "power-law"])
def test_dense_teachers_are_learned_as_from_gaussian_inputs(law):
    """The staircase z1 + z1*z2, seen at the search's sizes: the median replica lies within what is allowed."""
    setting = problem("z1 + 2*z1*z2", law, "dense")
    found = excesses(Inputs(), setting, Inputs().predict(setting), Inputs.search, 0, "test", 1)
    assert len(found) == 3
    assert all(np.median(values) < 0 for values in found.values())


def test_the_gaussian_staircase_is_what_is_predicted():
    dense = Inputs().predict(problem("z1 + z1*z2", "laplace", "dense"))
    assert [(r.step, r.reached, r.basis.shape[1]) for r in dense] == [(1, True, 1), (1, False, 1), (2, True, 2)]
    with pytest.raises(ProblemError):
        Inputs().predict(problem("z1 + abs(z1)*z2", "laplace", "dense"))  # not proven
