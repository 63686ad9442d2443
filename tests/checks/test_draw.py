"""What a claim reaches beside trajectories: second layers and feature matrices, on streams of their own."""

import numpy as np
import pytest

import sim
from checks.draw import Draw
from theory.problem import ProblemError, Regime, Setting, Student, Target

SETTING = Setting(Target("z1", noise=0.2), Student("tanh", p=6, init="plain"), Regime(d=12, n=20, eta="p"))


def draw(replicas: int = 3, first: int = 0) -> Draw:
    return Draw(sim.simulate, 5, "a/b", 1, replicas, first, threads=1)


def test_features_and_readouts_of_one_name_see_the_same_samples():
    run = draw()("name", SETTING, record=("rows",), at=(0, 1))
    found = draw().features(run, "name", 30, matrices=True, top=1, along="gradient")
    assert found.at == (0, 1)
    for step in run.at:
        fitted = draw().readout(run, "name", 30, 1e12, at=step, route="rows", test_samples=4)
        # A huge penalty leaves a = F^T y / (sqrt(p) ridge), up to |F|^2 / (p ridge) <= 30 / 1e12 of itself.
        expected = np.einsum("rnp,rn->rp", found.matrices[:, step], found.labels) / (np.sqrt(6) * 1e12)
        np.testing.assert_allclose(fitted.coefficients, expected, rtol=1e-8, atol=1e-22)
    other = draw().features(run, "another", 30, top=0)
    assert (other.labels != found.labels).all()


def test_features_are_measured_in_parts_as_in_the_whole():
    values = []
    for part in (draw(), draw(1), draw(2, first=1)):
        run = part("name", SETTING, record=("rows",), at=(0, 1))
        values.append(part.features(run, "name", 30, top=1).values)
    np.testing.assert_array_equal(np.concatenate(values[1:]), values[0])


@pytest.mark.parametrize("call", [lambda d: d.features({}, "name", 3), lambda d: d.readout({}, "name", 3, 1.0)])
def test_what_is_no_run_is_refused(call):
    with pytest.raises(ProblemError, match=r"return a sim\.Run"):
        call(draw())
