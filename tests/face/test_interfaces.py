"""What shells and scripts rely on: completion, --quiet, NO_COLOR, and which stream says what."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from commands import GIANTSTEP, process

import checks
from checks.face.cli import COMPLETE, VERBS, main

RUN = ("simulate", "z1", "-d", "16", "-p", "2", "--replicas", "2", "--steps", "1", "--json")
SWEEP = ("simulate", "z1", "-p", "2", "--replicas", "8", "--steps", "1", "--sweep", "d", "--values", "8,16", "--json")
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-9]|9[0-7]|4[0-9])(?:;\d+)*m")


@pytest.fixture
def shown(run, monkeypatch):
    """`run` where stderr is a terminal that has colours."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)

    def call(*arguments: str):
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        return run(*arguments)

    return call


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_lines(run, shell):
    result = run("completion", shell)
    assert result.returncode == 0
    assert f"{COMPLETE}={shell}_complete" in result.stdout
    (line,) = run("completion", shell, "--json").stdout.splitlines()
    assert json.loads(line) == {"schema": 1, "shell": shell, "script": result.stdout.removesuffix("\n")}


@pytest.mark.parametrize("arguments", [("completion",), ("completion", "tcsh")])
def test_another_shell_is_bad_input(run, arguments):
    result = run(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1


def completed(monkeypatch, capsys, *words: str) -> list[str]:
    """What follows the words, of which the last is begun."""
    monkeypatch.setenv(COMPLETE, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(["giantstep", *words]))
    monkeypatch.setenv("COMP_CWORD", str(len(words)))
    assert main([]) == 0
    return [line.partition(",")[2] for line in capsys.readouterr().out.splitlines()]


def test_verbs_options_claims_and_conjectures_are_completed(monkeypatch, capsys):
    assert completed(monkeypatch, capsys, "ver") == ["verify"]
    assert set(VERBS) <= set(completed(monkeypatch, capsys, ""))
    assert "--seed" in completed(monkeypatch, capsys, "verify", "--s")
    reuse = [claim.id for claim in checks.claims() if claim.group == "reuse"]
    assert completed(monkeypatch, capsys, "verify", "reuse/") == reuse
    assert completed(monkeypatch, capsys, "probe", "stair") == ["staircase"]


def test_bash_completes():
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash, whose own completion this is, is not installed")
    script = process("completion", "bash").stdout
    asked = f'COMP_WORDS=(giantstep pre); COMP_CWORD=1; _giantstep_completion {GIANTSTEP}; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run([bash, "-c", script + asked], capture_output=True, text=True, check=True)
    assert done.stdout == "predict\n"


@pytest.mark.parametrize("arguments", [RUN, SWEEP])
def test_progress_is_on_stderr_and_json_on_stdout(shown, arguments):
    result = shown(*arguments, "--no-store") if arguments is SWEEP else shown(*arguments)
    assert result.returncode == 0
    assert all(json.loads(line)["schema"] == 1 for line in result.stdout.splitlines())
    assert COLOUR.search(result.stderr)


@pytest.mark.parametrize("arguments", [RUN, SWEEP])
def test_quiet_leaves_stderr_empty(shown, arguments, tmp_path):
    where = ("--store", str(tmp_path / "kept.sqlite")) if arguments is SWEEP else ()
    loud = shown(*arguments, *where)
    quiet = shown(*arguments, *where, "--quiet")  # of a sweep the second is answered from the store, which is remarked
    assert (quiet.returncode, quiet.stderr) == (0, "")
    assert quiet.stdout == loud.stdout


def test_quiet_is_no_matter_of_verdicts(run):
    told = ("verify", "exactness/descent", "--smoke", "--no-store", "--json")
    loud, quiet = run(*told), run(*told, "--quiet")
    assert "any wrong verdict" in loud.stderr
    assert (quiet.returncode, quiet.stderr) == (loud.returncode, "")
    assert json.loads(quiet.stdout)["estimate"] == json.loads(loud.stdout)["estimate"]


def test_an_error_is_told_all_the_same(run):
    result = run("verify", "no/such-claim", "--quiet")
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("arguments", [RUN, SWEEP])
def test_no_colour_where_none_is_wanted(shown, monkeypatch, arguments):
    monkeypatch.setenv("NO_COLOR", "1")
    result = shown(*arguments)
    assert "\x1b[" in result.stderr  # a bar that moves, all the same
    assert not COLOUR.search(result.stderr)


@pytest.mark.parametrize("verb", ["simulate", "verify", "probe"])
def test_what_shows_progress_can_be_told_to_be_quiet(run, verb):
    assert "--quiet" in run(verb, "--help").stdout
