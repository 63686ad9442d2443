"""Results that are kept: what a second run says, what an interrupted one leaves, and `giantstep store`."""

import json
import os
import re
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from commands import PATIENCE, begun, process

SWEEP = ("simulate", "z1 + z1*z2", "--steps", "1", "--sweep", "d", "--values", "16,32")


@pytest.fixture
def store(tmp_path) -> Path:
    return tmp_path / "results.sqlite"


def test_a_repeated_sweep_answers_from_the_store_and_says_so(run, store):
    first = run(*SWEEP, "--json", "--store", str(store))
    second = run(*SWEEP, "--json", "--store", str(store))
    longer = run(*SWEEP[:-1], "16,32,64", "--json", "--store", str(store), "--workers", "2")
    assert [done.returncode for done in (first, second, longer)] == [0, 0, 0]
    assert first.stdout == second.stdout
    assert first.stdout.splitlines()[:2] == longer.stdout.splitlines()[:2]
    assert "were in the store" not in first.stderr
    assert f"8 of 8 results were in the store {store}" in " ".join(second.stderr.split())
    assert "8 of 12 results" in longer.stderr


def test_verify_and_claims_share_the_users_own_store(run):
    command = ("verify", "giant-step/one-step-norm", "--smoke")
    first, second = run(*command), run(*command)
    assert first.returncode == second.returncode == 0
    assert re.search(r"(\d+) of \1 results were in the store", second.stdout)
    records = [json.loads(line) for line in run("claims", "--json").stdout.splitlines()]
    assert {r["last_verdict"] for r in records if r["id"] == "giant-step/one-step-norm"} == {"AGREE"}


def test_without_a_folder_to_write_to_results_are_not_kept_and_all_else_goes_on(run, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "/proc")
    done = run("verify", "giant-step/one-step-norm", "--smoke")
    assert done.returncode == 0
    assert "results are not kept" in done.stderr


@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
def test_an_interrupted_sweep_goes_on_where_it_stopped(run, store, workers):
    values = ",".join(str(1000 + i) for i in range(40))
    command = ("simulate", "z1", "-p", "8", "-n", "100d", "--steps", "2", "--sweep", "d", "--values", values, "--json")
    sweep = begun(*command, "--store", str(store), *workers, start_new_session=True)
    assert sweep.stdout.readline()
    os.killpg(sweep.pid, signal.SIGINT)  # as a terminal does: to the workers as well
    _, err = sweep.communicate(timeout=PATIENCE)
    assert sweep.returncode == 130
    assert err.strip() == "giantstep: interrupted"
    (kept,) = sqlite3.connect(store).execute("SELECT count(*) FROM result").fetchone()
    assert kept >= 4
    short = [*command[:-2], ",".join(values.split(",")[: kept // 4]), "--json"]
    again = run(*short, "--store", str(store))
    assert f"{4 * (kept // 4)} of {4 * (kept // 4)} results" in again.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--store", "/proc/results.sqlite"),
        ("--store", "/nowhere/at/all/results.sqlite"),
        ("--store", "x.sqlite", "--no-store"),
        ("--workers", "0"),
        ("--workers", "2", "--dask", "tcp://127.0.0.1:1"),
        ("--dask", "nonsense://address"),
        ("--threads", "0"),
        ("--replicas", "0"),
        ("--method", "euler"),
        ("--dtype", "float16"),
    ],
)
def test_bad_options_get_one_clear_line_and_exit_code_two(run, options, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(*SWEEP, *options)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("giantstep: ")
    assert "Traceback" not in done.stderr


def test_where_results_live_is_asked_of_sweeps_only(run):
    done = run("simulate", "z1", "--workers", "2")
    assert done.returncode == 2
    assert "go with --sweep" in done.stderr


def test_a_sweep_on_a_dask_cluster(run, store):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster:
        done = process(*SWEEP, "--json", "--store", str(store), "--dask", cluster.scheduler_address)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == run(*SWEEP, "--json", "--no-store").stdout


def test_store_lists_checks_exports_and_forgets(run, store, tmp_path):
    run(*SWEEP, "--store", str(store))
    works = [json.loads(line) for line in run("store", str(store), "--json").stdout.splitlines()]
    assert [work["replicas"] for work in works] == [20, 20]
    assert {work["function"] for work in works} == {"checks.simulation:simulate_part"}
    assert "8 results" in run("store", str(store), "--check").stdout
    assert run("store", str(store), "--export", str(tmp_path / "out")).returncode == 0
    assert len(list((tmp_path / "out").glob("*.nc"))) == 2
    with sqlite3.connect(store) as database:
        database.execute("UPDATE result SET checksum = checksum + 1 WHERE rowid = 1")
    assert run("store", str(store), "--check").returncode == 1
    with sqlite3.connect(store) as database:
        database.execute("""UPDATE work SET description = json_set(description, '$.code', 'older') WHERE id = 1""")
    assert "4 results of other versions forgotten" in run("store", str(store), "--prune").stderr


def test_a_store_that_is_missing_or_none_is_bad_input(run, tmp_path):
    (tmp_path / "letter").write_text("Dear reader, this is no database. " * 50)
    (tmp_path / "empty").touch()
    for verb in ("store", "report"):
        for name in ("missing", "letter", "empty"):
            done = run(verb, str(tmp_path / name))
            assert done.returncode == 2
            assert len(done.stderr.strip().splitlines()) == 1
    assert (tmp_path / "empty").stat().st_size == 0


def test_a_killed_verify_goes_on_where_it_stopped(run, store):
    command = ("verify", "giant-step/one-step-norm", "giant-step/one-direction", "--smoke", "--store", str(store))
    killed = begun(*command)
    while killed.poll() is None:
        time.sleep(0.05)
        if store.exists() and store.stat().st_size and (store.parent / "results.sqlite-wal").exists():
            with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as database:
                found = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'result'").fetchone()[0]
                if found and database.execute("SELECT count(*) FROM result").fetchone()[0] >= 3:
                    killed.kill()
                    break
    killed.communicate()
    done = run(*command)
    assert done.returncode == 0
    said = [f"giant-step/{claim}: AGREE" for claim in ("one-step-norm", "one-direction")]
    assert done.stderr.splitlines() == said  # as they are decided; the table comes last
    assert "results were in the store" in done.stdout
