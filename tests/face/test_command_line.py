"""The command line as a user meets it; in a process of its own where that matters."""

import json
import os
import re
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
from commands import PATIENCE, begun, process

import checks
from checks.face.cli import main
from checks.face.verify_verb import exit_code
from checks.verdict import Status

BAD = [
    ("predict", "__import__('os').system('true')"),
    ("predict", "(z1 + z2"),
    ("predict", "z0"),
    ("predict", "z9999"),
    ("predict", "z1**999999999"),
    ("predict", "z1 + nan"),
    ("predict", "exp(z1**2)"),
    ("predict", "z1.real"),
    ("predict", "z1^2"),
    ("predict", "1/z1"),
    ("predict", ""),
    ("predict", "3"),
    ("predict", "z1", "--kappa", "-1"),
    ("predict", "z1", "--kappa", "nan"),
    ("predict", "z1", "--activation", "u.real"),
    ("predict", "z1", "--activation", "sign"),
    ("predict", "z1", "--noise", "-1"),
    ("predict", "z1", "--noise", "nan"),
    ("predict", "z1 + z3", "--k", "2"),
    ("predict", "z1", "--kappa", "1", "--samples", "2d"),
    ("predict", "z1", "-p", "2", "--second-layer", "1,x"),
    ("simulate", "z1", "-p", "3"),
    ("simulate", "z1", "-n", "0"),
    ("simulate", "z1", "-n", "d - 512"),
    ("simulate", "z1 + z2 + z3", "-d", "2"),
    ("simulate", "z1", "-d", "0"),
    ("simulate", "z1", "--eta", "0*p"),
    ("simulate", "z1", "--eta", "__import__"),
    ("simulate", "z1", "--replicas", "0"),
    ("simulate", "z1", "--bias", "big"),
    ("simulate", "z1", "--loss", "hinge"),
    ("simulate", "z1", "--out", "/nowhere/at/all/run.nc"),
    ("simulate", "z1", "--sweep", "d", "--values", "64,x"),
    ("simulate", "z1", "--plot", "cosines.svg"),
    ("simulate", "z1", "--method", "euler"),
    ("simulate", "z1", "--method", "chain"),
    ("simulate", "z1", "--method", "euler", "--dry-run"),
    ("simulate", "z1", "--method", "conditioned", "--reuse"),
    ("simulate", "z1", "--method", "dice", "--dtype", "float32"),
    ("simulate", "z1", "--extragradient", "-1"),
    ("simulate", "z1", "-d", "4", "-n", "1", "-p", "4", "--method", "chain"),
    ("verify", "no/such-claim"),
    ("verify", "--report", "/proc/nowhere"),
    ("verify", "--alpha", "2"),
    ("verify", "--seed", "-1"),
    ("verify", "--smoke", "--deep"),
    ("verify", "giant-step/one-step-norm", "--alpha", "0.01", "--beta", "0.01", "--no-store"),
    ("verify", "giant-step/one-step-norm", "--workers", "1", "--dask", "tcp://127.0.0.1:1"),
    ("simulate", "z1", "-p", "2", "--ridge", "1", "--replicas", "1", "--sweep", "d", "--values", "1,2", "--no-store"),
    ("frobnicate",),
]


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_bad_input_gets_one_clear_line_and_exit_code_two(arguments, capsys):
    code = main(arguments)
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("giantstep: ")
    assert err.count("\n") == 1
    assert len(err) < 400


def test_bad_input_in_a_process_of_its_own():
    result = process("predict", "z1 + (")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1


def test_an_internal_error_is_one_line_that_says_how_to_report_it(monkeypatch, capsys):
    monkeypatch.setattr("checks.face.predict_verb.predict", lambda setting: 1 / 0)
    assert main(["predict", "z1"]) == 4
    assert "report the traceback" in capsys.readouterr().err


def test_predict_prints_the_fields_that_scripts_rely_on():
    result = process("predict", "z1 + z1*z2*z3", "--json")
    record = json.loads(result.stdout)
    assert result.returncode == 0
    assert record["schema"] == 1
    assert (record["leap_index"], record["information_exponent"]) == (1, 1)
    assert record["staircase"] == [0, 1]
    assert record["complete"] is False
    assert "joint sign change of z2, z3" in record["why_stuck"]
    assert {"step": 0, "kappa": 1, "floor": "1", "value": 1.0} in record["floors"]


def test_predict_reads_as_a_table(run):
    result = run("predict", "z1 + z1*z2 + z1*z2*z3", "--activation", "relu")
    assert result.returncode == 0
    assert "0 -> 1 -> 2 -> 3 (complete)" in result.stdout
    assert "E[sigma^(3)(r g + b)]" in result.stdout


def test_predict_loads_nothing_slow():
    code = "import sys; from checks.face.cli import main; main(['predict', 'z1 + z1*z2']); print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True)
    loaded = set(result.stdout.splitlines()[-1].split())
    assert "sympy" in loaded
    assert loaded.isdisjoint({"scipy.stats", "numba", "matplotlib", "numpy", "xarray", "pandas"})


def test_simulate_prints_cosines_beside_the_prediction(run):
    result = run("simulate", "z1 + z1*z2", "-d", "64", "--replicas", "12", "--json")
    record = json.loads(result.stdout)
    assert result.returncode == 0
    assert [d["direction"] for d in record["directions"]] == ["z1", "z2"]
    assert [d["learned_at"] for d in record["directions"]] == [1, 2]
    low, high = record["directions"][0]["cosine"][2][1:]
    assert 0 < low < high < 1


def test_a_dry_run_says_what_each_method_would_cost_and_simulates_nothing(run):
    done = run("simulate", "z1", "-d", "1000000", "-n", "d**2/1000", "--reuse", "--dry-run", "--json")
    record = json.loads(done.stdout)
    methods = record["methods"]
    assert record["auto"] == "dice"
    assert set(methods) == {"direct", "conditioned", "dice", "chain"}
    assert "used twice" in methods["conditioned"]["refusal"]
    assert methods["direct"]["seconds"] > 1000 * methods["dice"]["seconds"] > 0
    table = run("simulate", "z1", "-d", "64", "--dry-run").stdout
    assert "memory" in table
    assert "n = 1" in table


def test_long_runs_are_shown_at_a_few_steps(run):
    done = run("simulate", "z1", "-d", "50", "-n", "1", "--eta", "1/d", "--steps", "2000", "--replicas", "5", "--json")
    steps = json.loads(done.stdout)["at"]
    assert steps[0] == 0
    assert steps[-1] == 2000
    assert len(steps) <= 12


def test_a_sweep_writes_a_figure_and_a_run_writes_netcdf(run, tmp_path):
    import xarray

    figure, file = tmp_path / "cosines.svg", tmp_path / "run.nc"
    swept = run("simulate", "z1", "--steps", "1", "--sweep", "d", "--values", "16,32", "--plot", str(figure))
    single = run("simulate", "z1", "-d", "16", "--replicas", "3", "--out", str(file))
    assert (swept.returncode, single.returncode) == (0, 0)
    assert figure.read_text().lstrip().startswith("<?xml")
    with xarray.open_dataset(file) as data:
        assert data["overlaps"].shape == (3, 3, 16, 1)
        assert json.loads(data.attrs["setting"])["regime"]["d"] == 16


def test_claims_lists_the_registry(run):
    assert run("verify", "giant-step/one-step-norm", "--smoke").returncode == 0
    records = [json.loads(line) for line in run("claims", "--json").stdout.splitlines()]
    last = {record["id"]: record["last_verdict"] for record in records}
    assert list(last) == [claim.id for claim in checks.claims()]
    assert last["giant-step/one-step-norm"] == "AGREE"
    assert last["giant-step/staircase"] is None


def test_verify_writes_json_lines_and_a_report(run, tmp_path):
    result = run("verify", "exactness/desc*", "--smoke", "--json", "--report", str(tmp_path / "out"))
    (record,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 0
    assert {
        "claim",
        "group",
        "status",
        "estimate",
        "interval",
        "prediction",
        "margin",
        "bias",
        "alpha",
        "seconds",
    } <= set(record)
    assert all(foil["status"] == "DISAGREE" for foil in record["foils"])
    assert json.loads((tmp_path / "out" / "verdicts.jsonl").read_text()) == record
    assert "exactness/descent" in (tmp_path / "out" / "verdicts.md").read_text()


@pytest.mark.parametrize("depth", [(), ("--smoke",)])
def test_the_replay_line_replays(run, depth):
    chosen = ("giant-step/one-step-norm", "giant-step/gradient-expansion")
    first = json.loads(run("verify", *chosen, *depth, "--json").stdout.splitlines()[0])
    assert first["replay"].startswith("giantstep verify ")
    again = json.loads(run(*first["replay"].split()[1:], "--json").stdout)
    assert {**again, "seconds": 0} == {**first, "seconds": 0}


def test_interrupting_verify_prints_what_was_decided_and_exits_130(tmp_path):
    verify = begun("verify", "--smoke", "--json", "--report", str(tmp_path))
    first = verify.stdout.readline()  # the first claim is decided, the last are not
    verify.send_signal(signal.SIGINT)
    rest, err = verify.communicate(timeout=PATIENCE)
    assert verify.returncode == 130
    decided, every = map(int, re.search(r"stopped early: (\d+) of (\d+) claims decided", err).groups())
    assert 1 <= decided < every == len(checks.claims())
    assert "Traceback" not in err
    told = [json.loads(line) for line in (first + rest).splitlines()]
    kept = [json.loads(line) for line in (tmp_path / "verdicts.jsonl").read_text().splitlines()]
    assert len(kept) == decided
    assert told == kept[: len(told)]  # the last may be decided before it is told
    assert decided - len(told) in (0, 1)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--workers", "1", "--dask", "tcp://127.0.0.1:1"), 2), (("--alpha", "0.1", "--beta", "0.01"), 2), ((), 130)],
)
def test_without_a_verdict_an_earlier_report_stays(run, tmp_path, monkeypatch, arguments, code):
    def interrupted(*given, **named):
        raise KeyboardInterrupt

    if code == 130:
        monkeypatch.setattr("checks.face.verify_verb.verify_all", interrupted)
    earlier = tmp_path / "verdicts.jsonl"
    earlier.write_text("an earlier report")
    result = run("verify", "exactness/descent", "--no-store", "--report", str(tmp_path), *arguments)
    assert (result.returncode, result.stdout, len(result.stderr.strip().splitlines())) == (code, "", 1)
    assert [path.name for path in tmp_path.iterdir()] == [earlier.name]
    assert earlier.read_text() == "an earlier report"


def test_a_loose_alpha_brings_a_beta_that_goes_with_it(run):
    result = run("verify", "giant-step/one-step-norm", "--alpha", "0.01", "--no-store", "--json")
    assert result.returncode == 0
    assert "--alpha 0.01 --beta 0.1 " in json.loads(result.stdout)["replay"]


def test_an_alpha_beside_which_no_beta_can_be_met_is_told(run):
    result = run("verify", "giant-step/one-step-norm", "--alpha", "0.01", "--beta", "0.01", "--no-store")
    assert re.search(r"alpha = 0\.01 must be below beta = 0\.00\d+", result.stderr)


SWEPT = ("simulate", "z1", "-p", "2", "--steps", "1", "--sweep", "d", "--values", "8,16", "--no-store")


def only_owners_write(path: os.PathLike[str], mode: int) -> bool:
    """os.access as for anybody but root, who may write everywhere."""
    return mode != os.W_OK or bool(os.stat(path).st_mode & 0o200)


@pytest.mark.parametrize("folders", [True, False])
@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        ((*SWEPT, "--plot", "a.svg"), "a.svg"),
        ((*SWEPT, "--plot", "a.svg"), "a.csv"),
        (("simulate", "z1", "--out", "run.nc"), "run.nc"),
        (("verify", "exactness/descent", "--report", "."), "verdicts.jsonl"),
        (("verify", "exactness/descent", "--report", "."), "index.html"),
        (("probe", "staircase", "--out", "found.json"), "found.json"),
    ],
)
def test_what_cannot_be_written_is_told_before_the_work(run, tmp_path, monkeypatch, arguments, written, folders):
    """A folder of that name is in the way, or a file that is read-only."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.access", only_owners_write)
    for work in ("checks.face.verify_verb.verify_all", "checks.face.simulate_verb.simulate_each", "sim.simulate"):
        monkeypatch.setattr(work, lambda *given, **named: pytest.fail("it was computed"))
    if folders:
        (tmp_path / written).mkdir()
    else:
        (tmp_path / written).touch(mode=0o400)
    result = run(*arguments)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert f"{written} cannot be written: it is {'a folder' if folders else 'read-only'}" in result.stderr


def test_a_reader_that_leaves_is_no_disagreement():
    predict = begun("predict", "z1")
    predict.stdout.close()
    assert predict.wait(timeout=PATIENCE) == 141
    assert predict.stderr.read() == ""


def test_exit_codes_of_verdicts():
    def code(*statuses):
        return exit_code([SimpleNamespace(status=Status(status)) for status in statuses])

    assert code("AGREE", "AGREE") == 0
    assert code("AGREE", "INCONCLUSIVE") == 3
    assert code("INCONCLUSIVE", "DISAGREE") == 1
    assert code("POWERLESS") == 1


def test_outside_its_domain_theory_prints_no_exponent(run):
    record = json.loads(
        run("simulate", "z1", "-d", "32", "-n", "20", "--eta", "1/d", "--replicas", "2", "--json").stdout
    )
    assert record["predicted"] is False
    assert any("eta is of order" in note for note in record["notes"])


def test_a_target_may_begin_with_a_minus(run):
    assert json.loads(run("predict", "-z1 + z2", "--json").stdout)["subspaces"][1] == [["1", "-1"]]


def test_a_problem_too_large_for_memory_is_no_bug():
    result = process("simulate", "z1", "-d", "100000000000", "-n", "10", "--method", "direct")
    assert result.returncode == 2
    assert "not enough memory" in result.stderr


def test_predict_shows_a_reused_batch_beside_fresh_ones(run):
    done = run("predict", "z1 + He3(z2)", "--activation", "tanh", "--reuse")
    assert done.returncode == 0
    assert "its staircase on a reused batch" in done.stdout
    assert "one batch used at every step" in done.stdout
    body = json.loads(run("predict", "z1*z2", "--reuse", "--json").stdout)
    assert (body["staircase"], body["reuse_staircase"], body["reuse_late"]) == ([0], [0], [0, 2])
    assert "joint sign change" in body["reuse_why_stuck"]
