"""Real data as inputs: what whitening makes of them, how rows are drawn, and what happens where they are not there.

Statistical tests allow six standard errors: each fails by chance with probability 1e-7 at most.
"""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from sim_problems import batch_data, setting

import sim
from sim import datasets
from sim.inputs import Inputs
from sim.random.streams import INPUTS, SHARED, Streams, seed_sequence
from theory import predict
from theory.problem import ProblemError, Setting
from theory.problem.regime import DATA_SETS

ROWS = {"digits": 1797, "breast-cancer": 569, "diabetes": 442}


def law(name, teacher="dense", **options):
    return setting(inputs=name, teacher=teacher, **{"d": 40, "n": 3000, **options})


@pytest.fixture
def data():
    pytest.importorskip("sklearn")


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("name", DATA_SETS)
def test_whitened_columns_have_mean_zero_and_covariance_one(name):
    table = datasets.whitened(name)
    rows, columns = table.shape
    assert rows == ROWS[name]
    assert columns >= 10
    np.testing.assert_allclose(table.mean(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(table.T @ table / rows, np.eye(columns), atol=1e-9)


@pytest.mark.usefixtures("data")
def test_components_are_those_of_the_features_in_descending_order():
    from sklearn.datasets import load_digits

    pixels = load_digits().data
    weights = (pixels - pixels.mean(axis=0)).T @ datasets.whitened("digits") / len(pixels)  # of pixels in a component
    sizes = np.linalg.norm(weights, axis=0)  # standard deviations along the components
    assert (np.diff(sizes) < 0).all()
    assert sizes[-1] >= datasets.SMALLEST * sizes[0]
    np.testing.assert_allclose(weights.T @ weights, np.diag(sizes**2), atol=1e-8 * sizes[0] ** 2)


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("name", DATA_SETS)
def test_inputs_are_rows_side_by_side_cut_off_at_d(name):
    table = datasets.whitened(name)
    rows, columns = table.shape
    x, _ = batch_data(law(name, d=2 * columns + 3))
    known = {row.tobytes(): i for i, row in enumerate(table)}
    picks = np.array([[known[part.tobytes()] for part in (row[:columns], row[columns : 2 * columns])] for row in x])
    rest = np.unique(table[:, :3], axis=0)
    assert all((rest == tail).all(axis=1).any() for tail in x[:100, 2 * columns :])
    # rows of one chance each: the sum over rows of squared counts, and first and second row independent
    for column in picks.T:
        counts = np.bincount(column, minlength=rows)
        chi = (counts**2).sum() * rows / len(x) - len(x)  # chi-squared, rows - 1 degrees
        assert abs(chi - (rows - 1)) <= 6 * np.sqrt(2 * (rows - 1))
    same = np.mean(picks[:, 0] == picks[:, 1])
    assert same <= 1 / rows + 6 / np.sqrt(rows * len(x))


@pytest.mark.usefixtures("data")
def test_below_one_row_the_leading_components_are_taken():
    x, _ = batch_data(law("digits", d=7, n=50))
    table = datasets.whitened("digits")[:, :7]
    assert all((table == row).all(axis=1).any() for row in x)


@pytest.mark.usefixtures("data")
def test_the_first_samples_of_a_block_are_the_same_however_many_are_asked_for():
    inputs = Inputs(law("diabetes"), Streams(seed_sequence(1), 0))
    few, many = np.empty((5, 40)), np.empty((30, 40))
    for array in (few, many):
        inputs.fill((INPUTS, SHARED), 0, 0, array)
    np.testing.assert_array_equal(few, many[:5])


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("name", DATA_SETS)
def test_runs_of_real_data(name):
    """Labels, overlaps and errors are those of the frame; chunks, threads and float32 do not matter."""
    problem = law(name, d=300, n=900, target="z1 + z1*z2", steps=2, activation="relu")
    run = sim.simulate(problem, 3, 2, record=("rows", "test_error"), threads=1)
    assert run.method == "direct"
    frame = Inputs(problem, Streams(seed_sequence(3), 1)).frame
    np.testing.assert_allclose(run.overlaps[1], run.rows[1] @ frame.T, atol=1e-12)
    x, y = batch_data(problem, 3, 1)
    z = x @ frame.T
    np.testing.assert_allclose(y, z[:, 0] * (1 + z[:, 1]), atol=1e-12)
    again = sim.simulate(problem, 3, 2, threads=2, chunk_bytes=2**20)
    np.testing.assert_allclose(run.overlaps, again.overlaps, atol=1e-12)
    rounded = sim.simulate(problem, 3, 2, threads=1, dtype="float32")
    np.testing.assert_allclose(run.overlaps, rounded.overlaps, atol=1e-3)


@pytest.mark.usefixtures("data")
def test_other_data_by_a_known_name_are_refused(monkeypatch):
    monkeypatch.setitem(datasets.SOURCES, "digits", replace(datasets.SOURCES["digits"], digest="0" * 64))
    datasets.whitened.cache_clear()
    with pytest.raises(ProblemError, match="ships other data"):
        sim.simulate(law("digits", n=10), 0, 1)
    datasets.whitened.cache_clear()


def test_without_the_extra_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    datasets.whitened.cache_clear()
    assert not datasets.installed()
    with pytest.raises(ProblemError, match=r"giantstep\[data\]"):
        sim.simulate(law("digits", n=10), 0, 3)
    datasets.whitened.cache_clear()
    assert sim.simulate(law("laplace", n=10), 0, 1).overlaps.shape[0] == 1


def test_nothing_imports_it_before_it_is_needed():
    code = (
        "import sys, theory, sim, checks.probe; theory.Regime(9, n=9, eta=1, inputs='digits'); sim.simulate;"
        "checks.probe.conjectures()[3].strategy(); print(checks.probe.conjectures()[3].id, 'sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["inputs", "False"]


def test_a_setting_of_real_data_survives_json_and_has_its_own_identity():
    settings = [law(name) for name in (*DATA_SETS, "gaussian")]
    assert [Setting.from_json(s.to_json()) for s in settings] == settings
    assert len({s.identity for s in settings}) == len(settings)


def test_theory_calls_it_a_conjecture_and_nothing_along_the_axes():
    assert any("inputs are digits" in note and "conjecture" in note for note in predict(law("digits", n="8*d")).notes)
    with pytest.raises(ProblemError, match="other moments"):
        predict(law("digits", "axis", n="8*d"))
