"""Feature matrices and their singular values against explicit ones, and what they may depend on."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sim_readouts import copies, explicit, readout_setting, ridge, trained, without_rows

import sim
from sim.features.singular import all_values, largest
from sim.readout.samples import TRAIN
from sim.threads import Crew
from theory.problem import ProblemError

ARRAYS = ("values", "labels", "left", "right", "along", "projections", "matrices")
CENTRED = "relu(u) - 1/sqrt(2*pi)"


def two_steps(replicas: int = 2, **options: Any) -> sim.Run:
    """Networks before and after a step, with biases."""
    chosen = {"p": 9, "d": 20, "n": 60, "activation": CENTRED, **options}
    return sim.simulate(readout_setting(**chosen), 1, replicas, record="rows", at=[0, 1], threads=1)


def features(run: sim.Run, position: int, rng: int, replica: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(F, y, Z) of a step from whole arrays."""
    assert run.rows is not None
    step = replace(run, rows=run.rows[:, position : position + 1], at=run.at[position : position + 1])
    scaled, labels, z = explicit(step, "rows", rng, replica, TRAIN, n)
    return scaled * np.sqrt(run.setting.student.p), labels, z


@pytest.mark.parametrize("n", [1, 5, 9, 700])
def test_everything_is_as_by_explicit_arrays(n: int) -> None:
    run, u = two_steps(), np.random.default_rng(0).standard_normal((2, 20))
    top = min(n, 9)
    few = run.features(n, 3, top=top, along=u, matrices=True)
    everything = run.features(n, 3)
    for replica in range(2):
        for position in range(2):
            matrix, labels, z = features(run, position, 3, replica, n)
            values = np.linalg.svd(matrix, compute_uv=False)
            assert few.matrices is not None
            assert few.left is not None
            assert few.right is not None
            np.testing.assert_allclose(few.matrices[replica, position], matrix, rtol=1e-12, atol=1e-13)
            np.testing.assert_allclose(few.values[replica, position], values, rtol=1e-10)
            np.testing.assert_allclose(everything.values[replica, position], values, rtol=1e-8)
            left, right = few.left[replica, position], few.right[replica, position]
            np.testing.assert_allclose(left.T * values @ right, matrix, rtol=1e-9, atol=1e-10)
            assert (right[np.arange(top), np.abs(right).argmax(axis=1)] > 0).all()
            np.testing.assert_array_equal(few.labels[replica], labels)
            assert few.projections is not None
            np.testing.assert_allclose(few.projections[replica], z @ u[replica], rtol=1e-12, atol=1e-13)
    assert (few.at, few.n, everything.left, everything.matrices, everything.projections) == (
        (0, 1),
        n,
        None,
        None,
        None,
    )


@pytest.mark.parametrize("shape", [(400, 150), (150, 400), (300, 300)])
@pytest.mark.parametrize("rank", [2, None])
def test_lanczos_finds_the_largest(shape: tuple[int, int], rank: int | None) -> None:
    """Two that stand out, then the edge of the bulk. Of rank two, four are asked for all the same."""
    rng = np.random.default_rng(1)
    matrix = 40.0 * rng.standard_normal((shape[0], 2)) @ np.diag([1.0, 0.3]) @ rng.standard_normal((2, shape[1]))
    if rank is None:
        matrix += rng.standard_normal(shape)
    left, expected, right = np.linalg.svd(matrix, full_matrices=False)
    with Crew(1) as crew:
        values, found_left, found_right = largest(matrix, 4, rng.standard_normal(shape[1]), crew)
    np.testing.assert_allclose(values, expected[:4], rtol=1e-10, atol=1e-12 * expected[0])
    # |F^T F v - s^2 v| <= 1e-10 s_1^2 turns a vector by at most that over the gap of s^2, left ones s_1 / s as much.
    count = 4 if rank is None else rank
    squares = expected[: count + 1] ** 2
    gaps = np.minimum(np.append(np.inf, squares[:-2] - squares[1:-1]), squares[:-1] - squares[1:])
    bounds = 2e-10 * squares[0] / gaps * expected[0] / expected[:count]
    for given, known in ((found_left, left.T), (found_right, right)):
        sines = np.sqrt(np.maximum(0.0, 1.0 - np.einsum("ij,ij->i", given[:count], known[:count]) ** 2))
        assert (sines <= bounds + 1e-7).all()  # a sine from a cosine
        np.testing.assert_allclose(given @ given.T, np.eye(4), atol=1e-9)
    smaller = matrix @ matrix.T if shape[0] < shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(all_values(smaller), expected, atol=1e-6 * expected[0])


def test_a_huge_value_leaves_the_others_exact() -> None:
    """|F^T F v - s^2 v| <= 1e-14 s_1^2 makes s right to 1e-14 (s_1 / s)^2 of itself; here s_1 is 1e5 s_2."""
    rng = np.random.default_rng(6)
    matrix = rng.standard_normal((200, 150)) + 2e4 * np.outer(rng.standard_normal(200), rng.standard_normal(150))
    expected = np.linalg.svd(matrix, compute_uv=False)[:3]
    with Crew(1) as crew:
        values, left, right = largest(matrix, 3, rng.standard_normal(150), crew)
    np.testing.assert_array_less(np.abs(values / expected - 1), 1e-10 + 1e-14 * (expected[0] / expected) ** 2)
    np.testing.assert_allclose(left @ matrix @ right.T, np.diag(values), atol=1e-12 * values[0])


def test_few_and_all_agree_and_steps_are_paired() -> None:
    run = two_steps(replicas=1, p=160, d=40, n=90)
    few, everything = run.features(200, 5, top=3), run.features(200, 5)
    np.testing.assert_allclose(few.values, everything.values[..., :3], rtol=1e-9)
    one = run.features(200, 5, top=3, at=1)
    for name in ("values", "left", "right"):  # the other step changes no bit
        np.testing.assert_array_equal(getattr(one, name)[:, 0], getattr(few, name)[:, 1])
    np.testing.assert_array_equal(one.labels, few.labels)
    still = replace(run, rows=np.repeat(run.rows[:, :1], 2, axis=1))  # type: ignore[index]
    both = still.features(200, 5, top=3, matrices=True)
    for name in ("values", "left", "right", "matrices"):  # the same rows, so the same Z at both steps
        np.testing.assert_array_equal(getattr(both, name)[:, 0], getattr(both, name)[:, 1])
    fits = [still.readout(300, 1.0, 5, at=step, route="rows", test_samples=50) for step in (0, 1)]
    np.testing.assert_array_equal(fits[0].coefficients, fits[1].coefficients)
    assert (fits[0].train_loss, fits[0].test_error) == (fits[1].train_loss, fits[1].test_error)
    other = run.features(200, 6, top=3)
    assert (other.labels != few.labels).all()


@pytest.mark.parametrize("n", [60, 900])
def test_readouts_and_spectra_see_one_matrix_at_every_step(n: int) -> None:
    """On route "rows": what is fitted, and its loss with the penalty of arXiv 2310.07891."""
    run, penalty = two_steps(p=70, d=30), 0.02
    spectra = run.features(n, 8, matrices=True, top=0)
    assert spectra.matrices is not None
    for position, step in enumerate(run.at):
        fitted = run.readout(n, penalty * n / 70, 8, at=step, route="rows", test_samples=50)
        for replica in range(2):
            matrix, labels = spectra.matrices[replica, position], spectra.labels[replica]
            a = ridge(matrix, labels, penalty * n)
            np.testing.assert_allclose(fitted.coefficients[replica], a * np.sqrt(70), rtol=1e-8, atol=1e-9)
            kernel = np.linalg.solve(matrix @ matrix.T + penalty * n * np.eye(n), labels)
            assert fitted.train_loss[replica] == pytest.approx(penalty * labels @ kernel, rel=1e-9)


def test_spikes_are_added_and_fitted() -> None:
    run = two_steps()
    weights = np.random.default_rng(2).standard_normal((2, 3, 9))
    options: dict[str, Any] = {"along": "gradient", "spikes": weights}
    few = run.features(40, 4, top=2, at=0, matrices=True, **options)
    plain = run.features(40, 4, top=2, at=0, matrices=True, along="gradient")
    assert few.along is not None
    assert few.matrices is not None
    assert few.projections is not None
    assert plain.matrices is not None
    fitted = run.readout(40, 0.3, 4, at=0, test_samples=30, **options)
    assert fitted.route == "rows"
    for replica in range(2):
        rows = run.rows[replica]  # type: ignore[index]
        moved = run.alpha[replica] @ (rows[1] - rows[0])
        np.testing.assert_allclose(few.along[replica], moved / np.linalg.norm(moved), rtol=1e-12, atol=1e-13)
        g = few.projections[replica]
        matrix = plain.matrices[replica, 0] + np.stack([g, g**2, g**3], axis=1) @ weights[replica]
        np.testing.assert_allclose(few.matrices[replica, 0], matrix, rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(few.values[replica, 0], np.linalg.svd(matrix, compute_uv=False)[:2], rtol=1e-10)
        a = ridge(matrix / 3, few.labels[replica], 0.3)
        np.testing.assert_allclose(fitted.coefficients[replica], a, rtol=1e-8, atol=1e-10)
        same = run.features(40, 4, at=0, along=few.along, spikes=weights[replica], replicas=2)
        np.testing.assert_allclose(same.values[replica, 0, :2], few.values[replica, 0], rtol=1e-10)


def test_huge_spikes_are_columns_without_a_penalty() -> None:
    """The limit is least squares on F and g, g^2 where a is orthogonal to both directions of the second layer."""
    run, n, penalty = two_steps(replicas=1, p=12, d=20), 50, 0.1
    v = np.linalg.qr(np.random.default_rng(3).standard_normal((12, 2)))[0].T
    fitted = run.readout(n, penalty, 0, at=0, along="gradient", spikes=1e5 * v, test_samples=4)
    plain = run.features(n, 0, at=0, along="gradient", matrices=True, top=0)
    assert plain.matrices is not None
    assert plain.projections is not None
    across = np.linalg.svd(v)[2][2:]  # what is orthogonal to v
    g, matrix = plain.projections[0], plain.matrices[0, 0] / np.sqrt(12)
    design = np.concatenate([matrix @ across.T, np.stack([g, g**2], axis=1)], axis=1)
    penalties = np.diag(np.append(np.full(10, np.sqrt(penalty)), [0.0, 0.0]))
    found = np.linalg.lstsq(np.concatenate([design, penalties]), np.append(plain.labels[0], np.zeros(12)), rcond=None)
    loss = np.mean((plain.labels[0] - design @ found[0]) ** 2) + penalty * found[0][:10] @ found[0][:10] / n
    # What is left of a along v is of size 1e-5, and Gram matrices are known to 1e-16 * 1e10.
    assert fitted.train_loss[0] == pytest.approx(loss, rel=1e-4)
    without = run.readout(n, penalty, 0, at=0, route="rows", test_samples=4)
    assert without.train_loss[0] != pytest.approx(loss, rel=1e-2)


def test_cosines_and_angles() -> None:
    rng = np.random.default_rng(4)
    u = np.eye(20)[0]
    found = two_steps().features(300, 0, top=3, along=u)
    assert found.left is not None
    assert found.projections is not None
    g, left = found.projections[1], found.left[1, 0]
    hermite = g**2 - 1
    expected = np.abs(left @ hermite) / np.linalg.norm(hermite)
    np.testing.assert_allclose(found.cosines((-1, 0, 1))[1, 0], expected, rtol=1e-10)
    # left vectors that are combinations of powers have angles zero, whatever the combinations
    span = np.linalg.qr(np.stack([found.projections, found.projections**2], axis=2))[0]
    turned = np.einsum("rnk,kj->rjn", span, np.linalg.qr(rng.standard_normal((2, 2)))[0])
    inside = replace(found, left=np.repeat(turned[:, None], 2, axis=1))
    np.testing.assert_allclose(inside.angles(2), 1.0, rtol=1e-12)
    np.testing.assert_allclose(found.angles(1)[..., 0], found.cosines((0, 1))[..., 0], rtol=1e-10)
    for degree in (0, 4):
        with pytest.raises(ProblemError, match="3 left vectors"):
            found.angles(degree)
    with pytest.raises(ProblemError, match="top= and along="):
        two_steps().features(300, 0, top=3).cosines((0, 1))


def test_threads_and_other_replicas_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    run = copies(readout_setting(p=300, d=700, bias=0.0, activation="relu", noise=0.2), 3)
    for top in (None, 3):
        options: dict[str, Any] = {"top": top, "along": np.eye(700)[1]}
        alone = run.features(1100, 2, threads=1, **options)
        side_by_side = run.features(1100, 2, threads=2, **options)
        with monkeypatch.context() as patch:
            patch.setattr("sim.features.spectrum.SHARED_BYTES", 0)
            inside = run.features(1100, 2, threads=3, replicas=2, **options)
        for name in ARRAYS:
            if getattr(alone, name) is not None:
                np.testing.assert_array_equal(getattr(alone, name), getattr(side_by_side, name), err_msg=name)
                np.testing.assert_array_equal(getattr(alone, name)[:2], getattr(inside, name), err_msg=name)


def test_a_part_of_the_replicas_sees_its_own_samples() -> None:
    whole = two_steps(replicas=3)
    part = sim.simulate(whole.setting, 1, 2, record="rows", at=[0, 1], first=1)
    for name in ("values", "labels", "projections"):
        found, expected = (getattr(run.features(30, 2, along="gradient"), name) for run in (part, whole))
        np.testing.assert_array_equal(found, expected[1:])


def test_what_is_not_finite_is_nan_and_leaves_others_alone() -> None:
    problem = readout_setting(activation="He2", bias=0.0)
    rows = np.random.default_rng(1).standard_normal((3, 8, 30)) / 3
    whole = trained(problem, rows).features(20, top=2, along=np.eye(30)[0])
    rows[1, 2, 3] = np.inf
    rows[2] *= 1e90  # finite, but squares of features are not
    with np.errstate(all="ignore"):
        run = trained(problem, rows)
    few = run.features(20, top=2, along=np.eye(30)[0])
    for name in ("values", "left", "right"):
        assert np.isnan(getattr(few, name)[1:]).all(), name
        np.testing.assert_array_equal(getattr(few, name)[0], getattr(whole, name)[0])
    assert np.isnan(run.features(20).values[1:]).all()
    assert np.isnan(few.angles(1)[1:]).all()
    assert np.isfinite(few.angles(1)[0]).all()


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "run": ({"run": 3}, "not a Run"),
    "no rows": ({"run": "without"}, "no rows"),
    "n": ({"n": 0}, "between 1"),
    "n text": ({"n": "q"}, "q"),
    "at": ({"at": 2}, "holds the steps 0, 1"),
    "at text": ({"at": "all"}, "holds the steps 0, 1"),
    "at nothing": ({"at": ()}, "holds the steps 0, 1"),
    "top": ({"top": 10}, "between 0 and 9"),
    "top text": ({"top": "all"}, "whole number"),
    "along text": ({"along": "teacher"}, "known: 'gradient'"),
    "along shape": ({"along": np.ones(9)}, r"shape \(9,\); expected \(20,\)"),
    "along NaN": ({"along": np.full(20, np.nan)}, "not finite"),
    "along words": ({"along": ["a"]}, "not an array of numbers"),
    "one step": ({"run": "one", "along": "gradient"}, r"at=\(0, 1\)"),
    "spikes alone": ({"spikes": np.ones((1, 9))}, "give along"),
    "spikes shape": ({"spikes": np.ones(9), "along": "gradient"}, r"expected \(powers, 9\)"),
    "spikes replicas": ({"spikes": np.ones((3, 1, 9)), "along": "gradient"}, r"or \(2, powers, 9\)"),
    "spikes none": ({"spikes": np.ones((0, 9)), "along": "gradient"}, r"expected \(powers, 9\)"),
    "replicas": ({"replicas": 3}, "between 1 and 2"),
    "threads": ({"threads": 0}, "at least 1"),
    "rng": ({"rng": None}, "SeedSequence"),
    "memory": ({"n": 10**10}, "features of 10000000000 samples and 9 neurons need about"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_with_advice(name: str) -> None:
    options, message = BAD[name]
    run = two_steps()
    runs = {"without": without_rows(run), "one": replace(run, at=(0,), rows=run.rows[:, :1])}  # type: ignore[index]
    arguments = {"run": run, "n": 20, **options}
    if isinstance(arguments["run"], str):
        arguments["run"] = runs[arguments["run"]]
    with pytest.raises(ProblemError, match=message) as caught:
        sim.feature_spectrum(**arguments)
    assert "\n" not in str(caught.value)


def test_spikes_need_the_inputs() -> None:
    run = two_steps()
    with pytest.raises(ProblemError, match="route='rows'"):
        run.readout(20, 1.0, route="reduced", along="gradient", spikes=np.ones((1, 9)))
