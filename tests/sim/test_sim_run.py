"""What a run returns, and how it refuses."""

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sim_problems import setting

import sim
from sim.student.network import Buffers
from tests import oracle
from theory.problem import ProblemError, Setting


def test_shapes_and_relations() -> None:
    problem = setting(p=6, k=3, d=9, steps=3)
    run = sim.simulate(problem, replicas=2, record=("rows", "test_error", "train_error"), at=[0, 2, 3])
    assert run.rows is not None
    assert run.overlaps.shape == (2, 3, 6, 3)
    assert run.rows.shape == (2, 3, 6, 9)
    np.testing.assert_array_equal(run.overlaps, run.rows[..., :3])
    np.testing.assert_allclose(
        run.gram, run.rows @ run.rows.swapaxes(-1, -2), rtol=0, atol=1e-15 * 9 * np.abs(run.gram).max()
    )
    norms = np.linalg.norm(run.rows, axis=-1, keepdims=True)
    np.testing.assert_allclose(run.cosines, run.overlaps / norms, rtol=1e-15 * 9)  # d = 9 roundings in a norm
    assert [e.shape for e in (run.test_error, run.test_error_stderr, run.train_error) if e is not None] == [(2, 3)] * 3
    assert run.alpha.shape == run.bias.shape == (2, 6)
    assert (run.at, run.setting) == ((0, 2, 3), problem)
    assert "direct" in run.why
    assert not run.diverged.any()


def test_what_is_not_recorded_is_none() -> None:
    run = sim.simulate(setting(p=66), replicas=1)
    assert (run.gram, run.cosines, run.rows, run.test_error, run.test_error_stderr, run.train_error) == (None,) * 6
    assert sim.simulate(setting(p=66), replicas=1, record="gram").gram is not None


def test_error_of_a_known_network() -> None:
    """The student f = z1-part known exactly: with sigma = u, f = <g, x> and E (f* - f)^2 = |C_1 - g|^2 + rest."""
    problem = setting("z1 + z1*z2", activation="He1", p=4, init="plain", steps=1, d=10)
    run = sim.simulate(problem, replicas=20, record=("rows", "test_error"))
    assert run.rows is not None
    effective = np.einsum("ri,rtij->rtj", run.alpha / 4, run.rows)
    exact = np.sum((effective - np.eye(10)[0]) ** 2, axis=-1) + 1.0
    # 40 means of 2^14 terms; Bernstein-type normal tails: 8 standard errors leave far less than 1e-6 even for
    # these degree-4 polynomials of Gaussians, whose mean over 2^14 is within 1e-4 of normal beyond 8 sigma
    # only at 1e-10
    assert (np.abs(run.test_error - exact) <= 8 * run.test_error_stderr).all()
    assert (run.test_error_stderr < 0.1 * exact).all()


def test_xarray() -> None:
    pytest.importorskip("xarray")
    problem = setting(steps=2)
    run = sim.simulate(problem, replicas=2, record=("test_error", "rows"), at=[1, 2])
    data = run.to_xarray()
    assert data["overlaps"].dims == ("replica", "step", "neuron", "teacher")
    assert data["step"].values.tolist() == [1, 2]
    assert "train_error" not in data
    np.testing.assert_array_equal(data["rows"], run.rows)
    assert Setting.from_json(json.loads(data.attrs["setting"])) == problem
    single = sim.simulate(problem, replicas=1, dtype="float32").to_xarray()
    assert single["overlaps"].dtype == np.float32


def test_a_run_is_read_back_and_nothing_else_is() -> None:
    run = sim.simulate(setting(steps=2), replicas=3, at=[0, 2], first=5)
    data = run.to_xarray()
    again = sim.Run.from_xarray(data)
    assert (again.setting, again.at, again.first, again.why) == (run.setting, (0, 2), 5, run.why)
    assert again.arrays().keys() == run.arrays().keys()
    for name, values in run.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], values)
    edited = {
        "lacks overlaps": data.drop_vars("overlaps"),
        "lacks setting": data.drop_attrs(),
        "in a run they are": data.transpose("step", ...),
        "not JSON": data.assign_attrs(setting="{"),
        "schema": data.assign_attrs(setting='{"schema": 99, "target": 1, "student": 1, "regime": 1}'),
    }
    for said, wrong in edited.items():
        with pytest.raises(ProblemError, match=said):
            sim.Run.from_xarray(wrong)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_divergence_is_recorded_and_not_hidden(dtype: str) -> None:
    problem = setting(activation="He3", eta=1e30, steps=8, d=6)
    with np.errstate(all="raise"):
        run = sim.simulate(problem, replicas=2, record=("test_error", "train_error"), dtype=dtype)
    assert run.diverged.all()
    assert not np.isfinite(run.overlaps[:, -1]).any(axis=(-1, -2)).all()
    assert np.isnan(run.test_error[:, -1]).all()
    assert not np.isfinite(run.train_error[:, -1]).any()
    assert np.isfinite(run.overlaps[:, 0]).all()


def test_one_replica_may_diverge_alone_from_the_report_of_another() -> None:
    calm = sim.simulate(setting(activation="He3", eta=1e-3), replicas=2)
    assert not calm.diverged.any()


BAD = {
    "method": ({"method": "exact"}, "known: auto, direct"),
    "record": ({"record": ("overlap",)}, "known: overlaps, gram"),
    "at text": ({"at": "last"}, "'all' or a list"),
    "at number": ({"at": 1}, "'all' or a list"),
    "record number": ({"record": 1}, "a list of names"),
    "at range": ({"at": [0, 5]}, "steps run from 0 to 1"),
    "at order": ({"at": [1, 0]}, "increasing"),
    "at empty": ({"at": []}, "at least one"),
    "at type": ({"at": [0.5]}, "not a step"),
    "dtype": ({"dtype": "float16"}, "known: float64, float32"),
    "replicas": ({"replicas": 0}, "at least 1"),
    "replicas type": ({"replicas": True}, "at least 1"),
    "threads": ({"threads": -1}, "at least 1"),
    "chunk_bytes": ({"chunk_bytes": 0.5}, "at least 1"),
    "rng": ({"rng": -1}, "non-negative int"),
    "progress": ({"progress": 3}, "a function of the fraction done"),
    "rng none": ({"rng": None}, "SeedSequence"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_with_advice(name: str) -> None:
    options, message = BAD[name]
    with pytest.raises(ProblemError, match=message):
        sim.simulate(setting(), **options)  # type: ignore[arg-type]


def test_something_else_than_a_setting_is_refused() -> None:
    with pytest.raises(ProblemError, match="not a Setting"):
        sim.simulate("z1")  # type: ignore[arg-type]


def test_the_three_kinds_of_rng() -> None:
    problem = setting()
    number = sim.simulate(problem, rng=5, replicas=1).overlaps
    np.testing.assert_array_equal(number, sim.simulate(problem, rng=np.random.SeedSequence(5), replicas=1).overlaps)
    generator = np.random.default_rng(5)
    first, second = (sim.simulate(problem, rng=generator, replicas=2).overlaps for _ in range(2))
    assert (first != second).all()
    np.testing.assert_array_equal(first, sim.simulate(problem, rng=np.random.default_rng(5), replicas=2).overlaps)
    child_a, child_b = np.random.SeedSequence(5).spawn(2)
    a, b = (sim.simulate(problem, rng=child, replicas=1).overlaps for child in (child_a, child_b))
    assert (a != b).all()
    assert child_a.n_children_spawned == 0  # a simulation leaves the sequence as it was


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("method", ["direct", "conditioned", "dice"])
def test_progress_rises_to_one(method: str, threads: int) -> None:
    seen: list[float] = []
    problem = setting(d=200, n=20_000, p=8, steps=2)
    sim.simulate(problem, replicas=4, method=method, threads=threads, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) >= 2


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("method", "n"), [("conditioned", 20_000), ("dice", 20_000), ("chain", 1)])
def test_progress_is_told_within_a_step_of_many_replicas(
    method: str, n: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And with it an interrupt is noticed: a single step of all of them may last long."""
    monkeypatch.setattr("sim.threads.PATIENCE", 1e-3)
    seen: list[float] = []
    problem = setting(d=1000, n=n, p=2, eta=0.1, steps=1 if n > 1 else 3000)
    sim.simulate(problem, replicas=60 if n > 1 else 3000, at=[0], method=method, threads=threads, progress=seen.append)
    assert seen == sorted(seen)
    assert len(seen) >= 8


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupt_gets_through(threads: int) -> None:
    def interrupt(fraction: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sim.simulate(setting(d=200, n=1000, p=8, steps=3), replicas=50, threads=threads, progress=interrupt)


def test_scratch_memory_keeps_its_type() -> None:
    buffers = Buffers()
    single, double = (buffers.take("fields", (3, 2), np.dtype(kind)) for kind in ("float32", "float64"))
    assert (single.dtype, double.dtype) == (np.float32, np.float64)
    assert buffers.take("fields", (2, 2), np.dtype("float64")).base is double.base


def test_importing_sim_loads_no_compiler() -> None:
    script = "import sys, sim; print(sorted({'numba', 'scipy', 'sympy', 'xarray'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_names_of_the_package() -> None:
    assert dir(sim) == sorted(
        ["FeatureSpectrum", "Readout", "Run", "estimate", "feature_spectrum", "fit_readout", "simulate"]
    )
    with pytest.raises(AttributeError, match="has no attribute 'simulat'"):
        _: Any = sim.simulat


@pytest.mark.parametrize("name", [None, *oracle.MUTANTS])
def test_the_oracle_has_the_interface_of_the_simulator(name: str | None) -> None:
    run = oracle.simulate(setting(steps=2, noise=0.1), 0, 3, "auto", ("test_error",), [0, 2], mutant=name)
    assert run.overlaps.shape == (3, 2, 4, 2)
    assert run.test_error is not None
    assert run.test_error.shape == (3, 2)
