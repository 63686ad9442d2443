"""The conjecture about inputs: what it predicts, and descent at the sizes of its search."""

import hypothesis
import numpy as np
import pytest

from checks.probe.conjectures.inputs import AxisInputs, EllipticalInputs, Inputs
from checks.probe.search import search_block, search_tasks
from checks.probe.trial import arguments_of, excesses
from sim import datasets
from theory.problem import ProblemError, Regime, Setting, Student, Target
from theory.problem.regime import DATA_SETS


def problem(target, law, teacher, activation="relu"):
    regime = Regime(d=128, n="4*d", eta="4*p", steps=2, inputs=law, teacher=teacher)
    return Setting(Target(target), Student(activation, 4), regime)


def laws_drawn(conjecture):
    """The laws of inputs among what its strategy makes."""
    found = set()

    @hypothesis.settings(max_examples=150, database=None, deadline=None, phases=[hypothesis.Phase.generate])
    @hypothesis.given(conjecture.strategy())
    def look(setting):
        found.add(setting.regime.inputs)

    look()
    return found


def identities(conjecture):
    return [task.work.identity for task in search_tasks(conjecture, 0, 0, 1)]


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


def test_real_data_are_met_where_they_are_installed():
    pytest.importorskip("sklearn")
    assert laws_drawn(Inputs()) == {*Inputs.laws, *DATA_SETS}
    setting = problem("z1 + 2*z1*z2", "digits", "dense")
    found = excesses(Inputs(), setting, Inputs().predict(setting), Inputs.search, 0, "test", 1)
    assert all(np.median(values) < 0 for values in found.values())


def test_without_them_the_search_is_another_and_its_results_are_its_own(monkeypatch):
    """What is installed is part of a search's identity, for those conjectures alone that depend on it."""
    monkeypatch.setattr(datasets, "installed", lambda: True)
    rich, other = identities(Inputs()), identities(AxisInputs())
    with_data = arguments_of(Inputs(), seed=0, block=10) | {"surroundings": Inputs().surroundings()}
    monkeypatch.setattr(datasets, "installed", lambda: False)
    assert laws_drawn(Inputs()) == set(Inputs.laws)
    assert identities(Inputs()) != rich
    assert identities(AxisInputs()) == other
    assert AxisInputs().surroundings() == EllipticalInputs().surroundings() == Inputs().surroundings() == ""
    with pytest.raises(ProblemError, match="a worker has nothing where the campaign has digits"):
        search_block(with_data, 0, 1, 1)
