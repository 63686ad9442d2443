"""`giantstep probe` and `giantstep replay`, as users have them."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from commands import process

TESTS = Path(__file__).parents[1]
NEVER = 10**9


@pytest.fixture
def toys(monkeypatch):
    """Conjectures that cost nothing, importable from the folder the command is called in."""
    monkeypatch.chdir(TESTS / "probe")
    monkeypatch.syspath_prepend(str(TESTS / "probe"))


def test_without_a_conjecture_they_are_listed(run):
    listed = run("probe", "--json")
    assert listed.returncode == 0
    ids = [json.loads(line)["id"] for line in listed.stdout.splitlines()]
    assert {"staircase", "planted-any-student"} <= set(ids)
    assert all(name in run("probe").stdout for name in ids)


def test_a_counterexample_is_found_written_and_replayed(run, toys, tmp_path):
    out = str(tmp_path / "found.json")
    probed = run("probe", "probe_toys:FewTerms", "--tasks", "60", "--out", out, "--json")
    assert probed.returncode == 1
    record = json.loads(probed.stdout)
    assert record["status"] == "REFUTED"
    assert record["counterexample"] == json.loads(Path(out).read_text())
    assert (record["runs"], record["e_value_of_all_runs"]) == (1, record["e_value"])
    for more in ([], ["--seed", "5"]):
        replayed = run("replay", out, "--json", *more)
        assert (replayed.returncode, json.loads(replayed.stdout)["status"]) == (1, "REFUTED")
    assert "giantstep replay" in run("probe", "probe_toys:FewTerms", "--tasks", "60", "--out", out).stdout


def test_nights_multiply_and_a_repeated_one_counts_once(run, toys):
    for seed, runs in (("0", 1), ("1", 2), ("1", 2)):
        record = json.loads(run("probe", "probe_toys:ManyTerms", "--tasks", "10", "--seed", seed, "--json").stdout)
        assert (record["status"], record["runs"], record["e_value_of_all_runs"]) == ("NOT_REFUTED", runs, 1.0)


def test_a_probe_killed_three_times_ends_with_the_same_json(toys, tmp_path):
    """Dies is FewTerms in a process that is killed after so many measurements."""
    lives, store = tmp_path / "lives", str(tmp_path / "s.sqlite")
    environment = {**os.environ, "PROBE_LIVES": str(lives)}

    def probe(name: str, measurements: int) -> "subprocess.CompletedProcess[str]":
        lives.write_text(str(measurements))
        return process("probe", "probe_toys:Dies", "--tasks", "50", "--store", name, "--json", env=environment)

    codes = [probe(store, measurements).returncode for measurements in (4, 12, 6)]
    assert codes == [-9, -9, -9]
    resumed, whole = probe(store, NEVER), probe(str(tmp_path / "other.sqlite"), NEVER)
    assert resumed.returncode == whole.returncode == 1
    assert resumed.stdout == whole.stdout


def test_a_store_with_probes_has_its_verdicts_reported_and_is_exported(run, toys, tmp_path):
    store, out = str(tmp_path / "s.sqlite"), str(tmp_path / "out")
    assert run("probe", "probe_toys:ManyTerms", "--tasks", "40", "--store", store).returncode == 0
    alone = run("report", store, "--out", out)
    assert (alone.returncode, "holds no verdict" in alone.stderr) == (2, True)
    assert run("verify", "exactness/descent", "--smoke", "--store", store).returncode == 0
    assert json.loads(run("report", store, "--out", out, "--json").stdout)["claims"] == 1
    assert run("store", store, "--export", out).returncode == 0


@pytest.mark.parametrize(("where", "kept"), [((), True), (("--no-store",), False)])
def test_an_interrupted_probe_says_what_is_kept(run, monkeypatch, where, kept):
    def interrupted(*given, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr("checks.face.probe_verb.probe", interrupted)
    done = run("probe", "staircase", *where)
    assert (done.returncode, done.stderr.count("\n")) == (130, 1)
    assert ("kept in the store" in done.stderr) is kept


def test_a_file_nested_too_deeply_is_one_line_and_exit_code_2(run, tmp_path):
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 200_000)
    done = run("replay", str(deep))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "deep.json" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("probe", "nothing"),
        ("probe", "no.such:Thing"),
        ("probe", "staircase", "--time", "soon"),
        ("probe", "staircase", "--time", "0m"),
        ("probe", "staircase", "--tasks", "0"),
        ("probe", "staircase", "--seed", "-1"),
        ("probe", "staircase", "--out", "/no/such/folder/c.json"),
        ("replay", "/no/such/file.json"),
        ("replay", __file__),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(run, arguments):
    done = run(*arguments)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
