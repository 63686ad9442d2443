"""`giantstep simulate --ridge`: test errors after every step beside the floors."""

import json

import numpy as np
import pytest

import sim
from checks.campaign import Campaign, Workers
from checks.face.error_curve import ErrorCurve, floors
from checks.face.sweep import sweep_values
from checks.simulation import READOUT, TEST_SAMPLES, errors_each
from theory import ProblemError, Regime, Setting, Student, Target

ERRORS = ("simulate", "z1 + z1*z2", "-d", "32", "-p", "16", "--replicas", "6", "--ridge", "0.1", "--no-store")


def setting(n: int = 64, p: int = 8) -> Setting:
    return Setting(Target("z1 + z1*z2"), Student("relu", p), Regime(d=24, n=n, eta="p", steps=2))


@pytest.mark.parametrize("p", [8, 32])
def test_errors_are_those_of_readouts_after_every_step(p):
    """p + k <= d: from Gram matrices; above, from rows. On workers as here."""
    one = setting(p=p)
    how = {"seed": 3, "replicas": 5, "method": "auto", "ridge": 0.2}
    (found,) = errors_each(Campaign(), [one], **how)
    direct = sim.simulate(one, 3, 5, record=("gram",) if p == 8 else ("rows",))
    for t in range(3):
        fit = direct.readout(64, 0.2, np.random.SeedSequence(3, spawn_key=(READOUT,)), at=t, test_samples=TEST_SAMPLES)
        np.testing.assert_array_equal(found["test_error"][:, t], fit.test_error)
        np.testing.assert_array_equal(found["train_error"][:, t], fit.train_error)
    with Workers(2) as executor:
        (again,) = errors_each(Campaign(None, executor), [one], **how)
    np.testing.assert_array_equal(again["test_error"], found["test_error"])


def test_the_floor_beside_a_number_is_that_of_its_step_and_of_the_smaller_exponent():
    curve = ErrorCurve(setting(n=24), np.ones((3, 3)), floors(setting()), 0.5, 7)
    assert curve.kappa == pytest.approx(1.0)
    assert [curve.floor(t, 0.5) for t in range(4)] == [2, 1, 0, 0]
    assert [curve.floor(t, 1.0) for t in range(4)] == [1, 0, 0, 0]
    assert [curve.floor(0, kappa) for kappa in (2.0, 9.0)] == [0, 0]
    record = curve.to_json()
    assert (record["ridge"], record["seed"], record["replicas"]) == (0.5, 7, 3)
    assert record["floors"] == [2, 1, 0]  # p = 8 is d^0.65
    assert ErrorCurve(setting(), np.ones((3, 3)), {}, 0.5, 7).to_json()["floors"] == [None] * 3


def test_a_run_that_diverged_counts_as_large():
    curve = ErrorCurve(setting(), np.array([[1.0, np.nan], [2.0, np.nan], [3.0, 1.0]]), {}, 0.5, 7)
    assert [value.estimate for value in curve.cells()] == [2.0, np.inf]


def test_the_command_prints_tables_json_and_a_figure(run, tmp_path):
    table = run(*ERRORS)
    assert table.returncode == 0
    assert [line.split()[0] for line in table.stdout.splitlines() if line.strip()[:1].isdigit()] == ["0", "1", "2"]
    figure = tmp_path / "errors.svg"
    swept = run(*ERRORS, "--sweep", "n", "--values", "16,64,256", "--json", "--plot", str(figure))
    assert swept.returncode == 0
    records = [json.loads(line) for line in swept.stdout.splitlines()]
    assert [record["setting"]["regime"]["n"] for record in records] == [16, 64, 256]
    last = [record["test_error"][-1][0] for record in records]
    assert last[0] > last[2] > 0
    assert figure.read_text().lstrip().startswith("<?xml")


def test_two_targets_are_two_panels(run, tmp_path):
    """Each as it is alone; and what --beside needs is one clear line."""
    figure, sweep = tmp_path / "errors.svg", ("--sweep", "n", "--values", "d..4d:2", "--json", "--plot")
    done = run(*ERRORS, "--beside", "z1 + z2*z3", *sweep, str(figure))
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["setting"]["regime"]["n"] for record in records] == [32, 128] * 2
    alone = run("simulate", "z1 + z2*z3", *ERRORS[2:], *sweep, str(tmp_path / "alone.svg"))
    assert records[2:] == [json.loads(line) for line in alone.stdout.splitlines()]
    assert all(f">{target}<" in figure.read_text() for target in ("z1 + z1*z2", "z1 + z2*z3"))
    refused = run(*ERRORS, "--beside", "z1 + z2*z3")
    assert refused.returncode == 2
    assert len(refused.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "sweep", "expected"),
    [
        ("64, 128", "d", [64, 128]),
        ("16..256:5", "d", [16, 32, 64, 128, 256]),
        ("d,4d,d*p", "n", [24, 96, 192]),
        ("d**0.5..d**1.5:3", "n", [5, 24, 118]),
        ("1..3:9", "n", [1, 2, 3]),
    ],
)
def test_values_of_a_sweep(text, sweep, expected):
    assert sweep_values(text, sweep, setting()) == expected


@pytest.mark.parametrize(
    "text", ["", "8,", "8,4", "d,4d", "8..4:3", "8..16", "8..16:1", "8..16:x", "0..8:3", "8..16..32:3"]
)
def test_bad_values_of_a_sweep(text):
    with pytest.raises(ProblemError, match="values"):
        sweep_values(text, "d", setting())


@pytest.mark.parametrize("high", ["1" + 400 * "0", "1" + 4000 * "0", str(2**53 + 1)])
@pytest.mark.parametrize("low", ["1", "1" + 399 * "0"])
@pytest.mark.parametrize("sweep", ["d", "n"])
def test_ends_beyond_what_a_float_counts_are_one_clear_line(low, high, sweep):
    with pytest.raises(ProblemError, match="values") as refused:
        sweep_values(f"{low}..{high}:3", sweep, setting())
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


def test_the_largest_ends_of_a_sweep():
    assert sweep_values(f"1..{2**53}:2", "d", setting()) == [1, 2**53]


@pytest.mark.parametrize("ridge", ["-1", "nan", "much"])
def test_a_bad_penalty_is_one_clear_line(run, ridge):
    done = run(*ERRORS[:-3], "--ridge", ridge)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
