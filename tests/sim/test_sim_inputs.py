"""Laws of inputs: their moments, where the teacher lies, that chunks do not matter, and who refuses them.

Statistical tests allow six standard errors: each fails by chance with probability 2e-9, in all below 1e-7.
"""

import numpy as np
import pytest
from sim_problems import batch_data, setting

import sim
from sim.inputs import Inputs, variances
from sim.random.streams import Streams, seed_sequence
from theory import predict
from theory.problem import ProblemError, Regime, Setting

# E x^2, E x^4 and E x^8 of a coordinate; of power-law inputs over its standard deviation.
MOMENTS = {
    "gaussian": (1, 3, 105),
    "rademacher": (1, 1, 1),
    "uniform": (1, 9 / 5, 9),  # 3^m / (2 m + 1)
    "laplace": (1, 6, 2520),  # (2 m)! / 2^m
    "elliptical": (1, 3 * 25 / 16, 105 * (1 / 4**4 + (7 / 4) ** 4) / 2),
    "power-law": (1, 3, 105),
}
DENSE = [*MOMENTS, "mixture"]


def law(name, teacher="dense", **options):
    return setting(inputs=name, teacher=teacher, **{"d": 20, "n": 4000, **options})


def within(values, mean):
    """Whether the mean of independent values is `mean`, up to six standard errors."""
    return abs(values.mean() - mean) <= 6 * values.std() / np.sqrt(len(values)) + 1e-12


@pytest.mark.parametrize("name", MOMENTS)
def test_moments_of_a_coordinate(name):
    x, _ = batch_data(law(name, n=20000))
    x = x / np.sqrt(variances(20)) if name == "power-law" else x
    for j in (0, 7, 19):
        assert within(x[:, j], 0)
        assert within(x[:, j] ** 3, 0)
        assert within(x[:, j] ** 2, MOMENTS[name][0])
        assert within(x[:, j] ** 4, MOMENTS[name][1])


@pytest.mark.parametrize("name", [name for name in DENSE if name != "power-law"])
def test_the_covariance_is_the_identity(name):
    x, _ = batch_data(law(name, n=20000))
    for i, j in ((0, 1), (3, 19), (5, 5)):
        assert within(x[:, i] * x[:, j], float(i == j))


def test_clusters_lie_along_the_diagonal():
    x, _ = batch_data(law("mixture", n=20000))
    along = x.sum(axis=1) / np.sqrt(20)
    # +-sqrt(3/4) + N(0, 1/4): E a^4 = 9/16 + 6 * 3/4 * 1/4 + 3/16
    assert within(along**2, 1)
    assert within(along**4, 9 / 16 + 18 / 16 + 3 / 16)
    beside = x[:, 0] - x[:, 1]
    assert within(beside**4 / 4, 3)


def test_scales_are_shared_by_the_coordinates_of_a_sample():
    x, _ = batch_data(law("elliptical", n=20000))
    assert within(x[:, 0] ** 2 * x[:, 1] ** 2, 25 / 16)


def test_power_law_variances():
    values = variances(1000)
    assert values.mean() == pytest.approx(1, abs=1e-12)
    assert values[99] / values[399] == pytest.approx(2)


def test_independent_coordinates_increase_with_the_gaussian_ones():
    base, _ = batch_data(law("gaussian"))
    for name in ("rademacher", "uniform", "laplace"):
        x, _ = batch_data(law(name))
        order = np.argsort(base[:, 0])
        assert (np.diff(x[order, 0]) >= 0).all()


def test_dense_frames_are_orthonormal_uniform_and_of_one_replica():
    problem = law("rademacher", d=9)
    frames = np.stack([Inputs(problem, Streams(seed_sequence(0), r)).frame for r in range(2000)])
    np.testing.assert_allclose(frames @ frames.swapaxes(1, 2), np.broadcast_to(np.eye(2), (2000, 2, 2)), atol=1e-12)
    # the square of a component of a uniform unit vector: mean 1/d; and its fourth power 3 / (d (d + 2))
    for r, j in ((0, 0), (1, 5)):
        values = frames[:, r, j]
        assert within(values, 0)
        assert within(values**2, 1 / 9)
        assert within(values**4, 3 / 99)


@pytest.mark.parametrize("name", DENSE)
def test_labels_overlaps_and_errors_are_those_of_the_frame(name):
    problem = law(name, target="z1 + z1*z2", n=200, steps=2, activation="relu")
    run = sim.simulate(problem, 3, 2, record=("rows", "test_error", "train_error"), threads=1)
    assert run.method == "direct"
    for replica in range(2):
        frame = Inputs(problem, Streams(seed_sequence(3), replica)).frame
        np.testing.assert_allclose(run.overlaps[replica], run.rows[replica] @ frame.T, atol=1e-12)
        x, y = batch_data(problem, 3, replica)
        z = x @ frame.T
        np.testing.assert_allclose(y, z[:, 0] + z[:, 0] * z[:, 1], atol=1e-12)
        assert run.train_error[replica, 0] == pytest.approx(np.mean(y**2))  # f = 0 at the start
    # At the start f = 0: the test error is E y^2 of this law given the frame, known for independent coordinates.
    if name in ("gaussian", "rademacher", "uniform", "laplace"):
        kurtosis = MOMENTS[name][1] - 3
        for replica in range(2):
            frame = Inputs(problem, Streams(seed_sequence(3), replica)).frame
            expected = 2 + kurtosis * np.sum(frame[0] ** 2 * frame[1] ** 2)  # E z1^2 + E z1^2 z2^2; odd ones vanish
            assert abs(run.test_error[replica, 0] - expected) <= 6 * run.test_error_stderr[replica, 0]


@pytest.mark.parametrize("name", ["laplace", "mixture", "elliptical"])
def test_chunks_threads_and_float32_do_not_matter(name):
    problem = law(name, n=1500, d=300)
    plain = sim.simulate(problem, 1, 1, threads=1)
    again = sim.simulate(problem, 1, 1, threads=2)
    chunked = sim.simulate(problem, 1, 1, threads=1, chunk_bytes=2**20)
    rounded = sim.simulate(problem, 1, 1, threads=1, dtype="float32")
    np.testing.assert_array_equal(plain.overlaps, again.overlaps)
    np.testing.assert_allclose(plain.overlaps, chunked.overlaps, atol=1e-12)
    np.testing.assert_allclose(plain.overlaps, rounded.overlaps, atol=1e-4)


@pytest.mark.parametrize(("name", "teacher", "slope"), [("elliptical", "dense", 27 / 32), ("rademacher", "axis", -1.0)])
def test_he3_is_learned_in_one_step_where_the_note_says_so(name, teacher, slope):
    """With f = 0 a step moves the overlap by E[z He3(z)] / 2 on average, whatever d and the row are.

    z He3(z) is even in x, and relu' of a field that is odd in x counts as 1/2. Gaussian inputs: 0.
    """
    options = {"activation": "relu", "p": 2, "second_layer": (1.0, -1.0), "d": 200, "n": 4000, "k": 1}
    run = sim.simulate(law(name, teacher, target="He3(z1)", **options), 5, 60, threads=1)
    moved = run.overlaps[:, 1, 0, 0] - run.overlaps[:, 0, 0, 0]
    assert abs(moved.mean() - slope) <= 6 * moved.std(ddof=1) / np.sqrt(len(moved))


@pytest.mark.parametrize("method", ["conditioned", "dice", "chain"])
def test_only_explicit_data_know_other_inputs(method):
    n = 1 if method == "chain" else 50
    with pytest.raises(ProblemError, match=r"inputs are rademacher.*use direct"):
        sim.simulate(law("rademacher", "axis", n=n), 0, 1, method)
    with pytest.raises(ProblemError, match=r"the teacher is dense.*use direct"):
        sim.simulate(law("gaussian", n=n), 0, 1, method)
    assert sim.simulate(law("rademacher", "axis", n=n), 0, 1).method == "direct"


def test_no_readout_of_other_inputs():
    run = sim.simulate(law("uniform", n=50), 0, 1, record="rows")
    for measure in (lambda: run.readout(40, 0.1), lambda: run.features(40)):
        with pytest.raises(ProblemError, match="for Gaussian inputs"):
            measure()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": "cauchy"}, "inputs = 'cauchy'; known: gaussian, rademacher"),
        ({"teacher": "sparse"}, "teacher = 'sparse'; known: axis, dense"),
        ({"teacher": 1}, "teacher = 1; known"),
        ({"inputs": "power-law"}, "give teacher='dense'"),
    ],
)
def test_refusals_of_a_regime(options, message):
    with pytest.raises(ProblemError, match=message):
        Regime(d=10, n=10, eta=1, **options)


def test_a_dense_teacher_survives_json_and_an_axis_is_not_written():
    dense, axis = law("laplace"), law("laplace", "axis")
    assert Setting.from_json(dense.to_json()) == dense != axis == Setting.from_json(axis.to_json())
    assert "teacher" not in axis.to_json()["regime"]
    assert dense.identity != axis.identity


def test_theory_says_what_it_knows_of_other_inputs():
    from theory import first_step, fresh_limit, one_step_exponent, one_step_law

    for options, message in (
        (("rademacher", "axis"), r"He3\(z1\) is -2\*z1"),
        (("uniform", "axis"), "other moments"),
        (("elliptical", "dense"), "Gaussian along no direction"),
    ):
        with pytest.raises(ProblemError, match=message):
            predict(law(*options, n="8*d"))
    told, known = predict(law("laplace", n="8*d")), predict(law("gaussian", "axis", n="8*d"))
    assert told.student_staircase.dimensions == known.student_staircase.dimensions
    assert any("conjecture" in note for note in told.notes)
    assert not any("conjecture" in note for note in known.notes)
    assert told.gradient_exponents == (None, None) != known.gradient_exponents
    for theory in (first_step, fresh_limit, one_step_exponent, one_step_law):
        with pytest.raises(ProblemError, match="Gaussian inputs, not laplace"):
            theory(law("laplace", n="8*d", second_layer=(1.0, 0.5, -0.5, -1.0)))
