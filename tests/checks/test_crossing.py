"""Times at which cosines cross a level, censored runs among them."""

import numpy as np
import pytest

from checks.catalogue.reuse.escape import CLAIM, crossing, steps_between
from theory import Regime, Setting, Student, Target


def test_growth_by_a_constant_factor_crosses_between_steps_where_its_logarithm_does():
    cosines = np.array([1.0, -1.0])[:, None] * 0.01 * 2.0 ** np.arange(8)
    np.testing.assert_allclose(crossing(cosines, 0.1), np.log2(10), rtol=1e-12)
    np.testing.assert_allclose(steps_between(cosines, 0.03, 0.3), np.log2(10), rtol=1e-12)


def test_a_run_that_never_gets_there_counts_as_infinite():
    cosines = np.array([[0.01, 0.02, 0.02], [0.01, 0.1, 0.4], [0.0, 0.0, 0.0]])
    assert crossing(cosines, 0.3)[0] == crossing(cosines, 0.3)[2] == np.inf
    found = steps_between(cosines, 0.05, 0.3)
    assert np.isinf(found[[0, 2]]).all()
    assert found[1] < 2


def test_the_first_of_several_crossings_counts_and_a_start_beyond_the_level_is_time_zero():
    assert crossing(np.array([[0.5, 0.1, 0.6]]), 0.3) == 0
    assert 0 < crossing(np.array([[0.1, 0.5, 0.1, 0.5]]), 0.3)[0] < 1
    assert steps_between(np.array([[0.5, 0.1, 0.6]]), 0.2, 0.3) == 0


@pytest.mark.parametrize(("target", "learned"), [("He3(z1)", True), ("z1 + z1*z2", True), ("z1*z2", False)])
def test_what_finitely_many_steps_learn_is_outside_the_claim(target, learned):
    student = Student("relu", 2, (1.0, -1.0))
    reason = CLAIM.domain(Setting(Target(target), student, Regime(64, n="4*d", eta="p", steps=4, batch="reused")))
    assert (reason is not None and "learns" in reason) is learned
