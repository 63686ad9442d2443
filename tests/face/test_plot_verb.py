"""`giantstep plot`: what was kept is drawn again as it was, and what cannot be drawn is one clear line."""

import io
import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest
import xarray
from matplotlib.figure import Figure

import sim
from checks.face import figures, kinds
from checks.face.error_curve import ErrorCurve
from checks.face.spikes_stored import from_xarray
from checks.face.swept import sweep_from_json
from theory import ProblemError, Setting

SMALL = ("--replicas", "6", "--threads", "1")
RUN = ("simulate", "z1 + z1*z2", "-d", "32", "-p", "4", *SMALL)
SWEEP = (*RUN, "--steps", "1", "--sweep", "d", "--values", "16,32,64")
ERRORS = (*RUN, "--ridge", "1", "--beside", "z1 + z2", "--sweep", "n", "--values", "16,64,256")
RATES = ("simulate", "z1 + He2(z1)", "-d", "16", "-n", "2d", "-p", "20", *SMALL, "--no-store")
GAINS = (*RATES, "--ridge", "0.1", "--sweep", "rate-exponent", "--values", "0.1,0.3")


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def kept(here, run, monkeypatch) -> Path:
    """A folder with one file of everything; made once, with the figure that `simulate` itself draws."""
    monkeypatch.chdir(here)
    if not any(here.iterdir()):
        pair = ("-p", "2", "--second-layer", "1,-1", "--out", "pair.nc", "--plot", "pair.svg")
        for command, name in (
            ((*RUN, "--out", "run.nc"), None), ((*RUN, *pair), None),
            ((*SWEEP, "--store", "kept.sqlite", "--plot", "sweep.svg"), "sweep.jsonl"),
            ((*ERRORS, "--store", "kept.sqlite", "--plot", "errors.svg"), "errors.jsonl"),
            ((*RATES, "--rate-exponent", "0.28", "--out", "spikes.nc", "--plot", "spikes.svg"), None),
            ((*GAINS, "--plot", "gains.svg"), "gains.jsonl"),
        ):  # fmt: skip
            done = run(*command, "--json")
            assert done.returncode == 0, done.stderr
            if name:
                Path(name).write_text(done.stdout)
    return here


def plotted(run, *arguments: str) -> str:
    done = run("plot", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("kind", "file", "first"),
    [
        ("dmft", "pair.nc", "pair"), ("errors", "errors.jsonl", "errors"), ("spectrum", "spikes.nc", "spikes"),
        ("gains", "gains.jsonl", "gains"), ("exponents", "kept.sqlite", "sweep"),
    ],
)  # fmt: skip
def test_what_was_kept_is_drawn_as_simulate_drew_it(kept, run, kind, file, first):
    plotted(run, kind, file, "--out", "again.svg")
    assert Path("again.csv").read_bytes() == Path(f"{first}.csv").read_bytes()
    assert Path("again.svg").read_bytes() == Path(f"{first}.svg").read_bytes()


@pytest.mark.parametrize(("kind", "file"), [("teacher-plane", "run.nc"), ("staircase", "run.nc")])
def test_it_prints_where_figure_and_numbers_are(kept, run, kind, file):
    record = json.loads(plotted(run, kind, file, "--out", "figure.pdf", "--json"))
    assert record == {"schema": 1, "figure": kind, "paths": ["figure.pdf", "figure.csv"]}
    assert Path("figure.pdf").read_bytes().startswith(b"%PDF")
    assert "figure.csv" in plotted(run, kind, file, "--out", "figure.png")


def test_lines_of_a_sweep_are_its_medians_and_slopes(kept, run, monkeypatch):
    """The same numbers as from the runs in the store, but for single neurons, and also from standard input."""
    from_runs = kinds.KINDS["exponents"].load([Path("kept.sqlite")], None)[0]
    lines = Path("sweep.jsonl").read_text()
    from_lines = sweep_from_json([json.loads(line) for line in lines.splitlines()])
    assert (from_lines.name, from_lines.sizes, from_lines.step) == ("d", (16, 32, 64), 1)
    for mine, theirs in zip(from_lines.directions, from_runs.directions, strict=True):
        assert (mine.name, mine.exponent) == (theirs.name, theirs.exponent)
        assert (mine.cells, mine.local) == (theirs.cells, theirs.local)
        assert len(theirs.clouds[0]) == 6 * 4
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    plotted(run, "exponents", "-", "--out", "piped.svg")
    plotted(run, "exponents", "sweep.jsonl", "--out", "file.svg")
    assert Path("piped.svg").read_bytes() == Path("file.svg").read_bytes()


def test_a_sweep_without_its_last_line_has_no_slopes(kept):
    lines = [json.loads(line) for line in Path("sweep.jsonl").read_text().splitlines()][:-1]
    sweep = sweep_from_json(lines[::-1])  # in any order
    assert sweep.sizes == (16, 32, 64)
    assert [each.local for each in sweep.directions] == [(), ()]
    assert figures.exponents(sweep, ax=Figure().subplots()).get_ylabel() == "cosine after step 1"
    with pytest.raises(ProblemError, match="comes twice"):
        sweep_from_json([*lines, lines[0]])


def test_errors_of_every_replica_are_in_the_json(kept):
    record = json.loads(Path("errors.jsonl").read_text().splitlines()[0])
    curve = ErrorCurve.from_json(record)
    assert curve.test_error.shape == (6, 3)
    assert curve.to_json() == record


def test_targets_of_several_files_are_panels(kept, run):
    lines = Path("errors.jsonl").read_text().splitlines(keepends=True)
    Path("a.jsonl").write_text("".join(lines[:3]))
    Path("b.jsonl").write_text("".join(lines[3:]))
    plotted(run, "errors", "a.jsonl", "b.jsonl", "--out", "both.svg")
    assert Path("both.svg").read_bytes() == Path("errors.svg").read_bytes()


def test_a_store_that_holds_several_says_which_is_drawn(kept, run):
    works = [json.loads(line) for line in run("store", "kept.sqlite", "--json").stdout.splitlines()]
    runs = [work["identity"] for work in works if work["function"].endswith(":simulate_part")]
    done = run("plot", "staircase", "kept.sqlite", "--out", "last.svg")
    assert runs[-1][:8] in done.stderr
    chosen = run("plot", "staircase", "kept.sqlite", "--work", runs[0][:12], "--out", "first.svg")
    assert (chosen.returncode, chosen.stderr) == (0, "")
    assert Path("first.csv").read_bytes() != Path("last.csv").read_bytes()
    done = run("plot", "errors", "kept.sqlite", "--out", "errors-of-store.svg")  # two targets: the last is drawn
    assert "3 of one sweep" in done.stderr


def test_a_run_is_kept_whole_and_opens_without_our_code(kept):
    with xarray.open_dataset("run.nc") as data:
        setting = json.loads(data.attrs["setting"])
        assert setting["regime"]["d"] == 32
        assert data["cosines"].dims == ("replica", "step", "neuron", "teacher")
        assert data["cosines"].attrs["long_name"] == "<w_i, w*_r> / |w_i|"
        again = sim.Run.from_xarray(data.load())
    run = sim.simulate(Setting.from_json(setting), 0, 6, record=("overlaps", "cosines"), threads=1)
    for name, values in run.arrays().items():
        np.testing.assert_array_equal(getattr(again, name), values)
        assert getattr(again, name).dtype == values.dtype
    assert (again.setting, again.at, again.method, again.first) == (run.setting, run.at, run.method, 0)
    with xarray.open_dataset("spikes.nc") as data:
        spikes = from_xarray(data.load())
    assert spikes.arrays["values"].shape == (6, 2, 20)
    assert spikes.step.rate_exponent == 0.28


def test_the_kinds_are_listed(run):
    records = [json.loads(line) for line in run("plot", "--list", "--json").stdout.splitlines()]
    assert [record["kind"] for record in records] == list(kinds.KINDS)
    table = run("plot", "--list").stdout
    assert all(name in table for name in kinds.KINDS)
    assert all(hasattr(figures, kind.figure) for kind in kinds.KINDS.values())


OUT = ("--out", "x.svg")
BAD = {
    "no kind": (("plot",), "known: teacher-plane"),
    "another kind": (("plot", "pie", "run.nc", *OUT), "'pie'"),
    "no file": (("plot", "staircase", *OUT), "--out RUN.nc"),
    "no such file": (("plot", "staircase", "lost.nc", *OUT), "no file lost.nc"),
    "a folder": (("plot", "staircase", ".", *OUT), "no file"),
    "an empty file": (("plot", "errors", "empty", *OUT), "empty is empty"),
    "no figure": (("plot", "staircase", "run.nc"), "--out staircase.svg"),
    "unknown suffix": (("plot", "staircase", "run.nc", "--out", "x.gif"), ".svg or .pdf or .png"),
    "no such folder": (("plot", "staircase", "run.nc", "--out", "nowhere/x.svg"), "cannot be written"),
    "unwritable": (("plot", "staircase", "run.nc", "--out", "/proc/x.svg"), "/proc"),
    "its own data": (("plot", "phase", "x.csv", *OUT), "would be overwritten"),
    "two runs": (("plot", "staircase", "run.nc", "run.nc", *OUT), "one file"),
    "lines for a run": (("plot", "staircase", "sweep.jsonl", *OUT), "sweep.jsonl is JSON lines"),
    "a run for lines": (("plot", "exponents", "run.nc", *OUT), "run.nc is a NetCDF file"),
    "a store for a spectrum": (("plot", "spectrum", "kept.sqlite", *OUT), "a store of giantstep"),
    "a run for a spectrum": (("plot", "spectrum", "run.nc", *OUT), "no singular values"),
    "a spectrum for a run": (("plot", "staircase", "spikes.nc", *OUT), "lacks"),
    "errors for a sweep": (("plot", "exponents", "errors.jsonl", *OUT), "not one sweep"),
    "a sweep for errors": (("plot", "errors", "sweep.jsonl", *OUT), "--ridge"),
    "a sweep for gains": (("plot", "gains", "sweep.jsonl", *OUT), "rate-exponent"),
    "gains for errors": (("plot", "errors", "gains.jsonl", *OUT), "--ridge"),
    "a table": (("plot", "exponents", "table.txt", *OUT), "text without JSON"),
    "nested too deeply": (("plot", "exponents", "deep.jsonl", *OUT), "line 1 of deep.jsonl"),
    "a broken line": (("plot", "exponents", "broken.jsonl", *OUT), "line 2 of broken.jsonl"),
    "no points": (("plot", "phase", "table.txt", *OUT), "not what this figure reads"),
    "an edited line": (("plot", "exponents", "edited.jsonl", *OUT), "not what this figure reads"),
    "damaged NetCDF": (("plot", "staircase", "damaged.nc", *OUT), "damaged.nc cannot be read"),
    "another database": (("plot", "exponents", "other.sqlite", *OUT), "not a store of giantstep"),
    "no such work": (("plot", "exponents", "kept.sqlite", "--work", "xyz", *OUT), "--work xyz fits 0"),
    "a work of no store": (("plot", "staircase", "run.nc", "--work", "deadbeef", *OUT), "leave --work out"),
    "too many neurons": (("plot", "dmft", "run.nc", *OUT), "no limit"),
    "a step not kept": (("plot", "teacher-plane", "run.nc", "--steps", "9", *OUT), "keeps 0, 1, 2"),
    "no direction": (("plot", "teacher-plane", "run.nc", "--directions", "1,3", *OUT), "directions"),
    "no numbers": (("plot", "teacher-plane", "run.nc", "--steps", "all", *OUT), "whole numbers"),
    "steps elsewhere": (("plot", "staircase", "run.nc", "--steps", "1", *OUT), "not for staircase"),
    "no width": (("plot", "staircase", "run.nc", "--width", "nan", *OUT), "width"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_line_and_exit_code_two(kept, run, case):
    arguments, said = BAD[case]
    Path("empty").touch()
    Path("table.txt").write_text("direction  theory\nz1         0\n")
    Path("broken.jsonl").write_text('{"schema": 1}\n{"schema"\n')
    Path("deep.jsonl").write_text('{"a":' * 200_000)
    line = json.loads(Path("sweep.jsonl").read_text().splitlines()[0])
    Path("edited.jsonl").write_text(json.dumps({**line, "directions": [{"direction": "z1"}]}))
    Path("damaged.nc").write_bytes(Path("run.nc").read_bytes()[:100])
    if not Path("other.sqlite").exists():
        with sqlite3.connect("other.sqlite") as database:
            database.execute("CREATE TABLE mine (x)")
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("giantstep: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert len(done.stderr) < 300
    assert not Path("x.svg").exists()
