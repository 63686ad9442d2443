"""Every code block of the README and of the documentation runs, or at least its command lines are understood."""

import json
import re

import pytest
from code_blocks import ROOT, blocks, commands, pages, python_blocks, run_page, run_python

import checks
from checks.face.cli import VERBS, giantstep, main
from checks.probe import conjectures

CAMPAIGNS = "docs/campaigns.md"  # has a test of its own
COMMANDS = {f"{page}:{line}": arguments for page in pages() for line, arguments in commands(page)}
CHEAP = 0.3  # seconds that a simulation may be estimated to take if it is to be run
COSTLY = {"--ridge", "--rate-exponent", "--second-layer", "--plot"}  # estimates do not cover what these ask for


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("page", [page for page in pages() if python_blocks(page) and page != CAMPAIGNS])
def test_the_python_of_a_page_runs(page, tmp_path):
    run_page(page, tmp_path)


def test_the_campaign_of_ones_own_answers_from_its_store_the_second_time(tmp_path):
    first = run_page(CAMPAIGNS, tmp_path)
    assert [line.split()[0] for line in first.splitlines()] == ["64", "128"]
    assert (tmp_path / "study.sqlite").exists()
    assert run_python(tmp_path, "campaigns_page.py") == first


def test_what_is_not_run_says_why():
    left_out = [block for page in pages() for block in blocks(page) if block.not_run]
    assert left_out
    assert all(len(block.not_run.split()) >= 3 for block in left_out)


def test_there_are_commands_of_every_kind():
    assert {arguments[0] for arguments in COMMANDS.values()} >= {"predict", "simulate", "verify", "probe", "store"}


@pytest.mark.parametrize("place", COMMANDS)
def test_a_command_is_understood(place):
    verb, *arguments = COMMANDS[place]
    command = giantstep.get_command(None, verb)
    assert command is not None, f"{place}: giantstep has no verb {verb}"
    if "--help" in arguments:
        return
    options = command.make_context(verb, arguments).params
    if verb == "verify":
        checks.select(options["claims"])
    if verb == "probe" and ":" not in (options["conjecture"] or ":"):
        assert options["conjecture"] in {conjecture.id for conjecture in conjectures()}


def test_no_shell_takes_a_part_of_a_command_for_a_pattern_of_files():
    """zsh refuses a command with an unquoted * that fits no file."""
    written = {f"{page}:{block.line}": block.text for page in pages() for block in blocks(page)}
    helps = {verb: giantstep.get_command(None, verb).help for verb in VERBS}
    shell = [line for text in (written | helps).values() for line in text.splitlines() if "giantstep " in line]
    commands = [re.sub(r"\"[^\"]*\"|'[^']*'|`|#.*", "", line) for line in shell if "def " not in line]
    assert len(commands) > len(COMMANDS)
    assert [command for command in commands if re.search(r"[*?\[]", command)] == []


@pytest.mark.parametrize("place", [p for p, a in COMMANDS.items() if a[0] in ("predict", "claims")])
def test_a_prediction_runs(place, capsys):
    arguments = COMMANDS[place]
    assert main([*arguments, *([] if "--json" in arguments else ["--json"])]) == 0
    assert all(json.loads(line)["schema"] == 1 for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize("place", [p for p, a in COMMANDS.items() if a[0] == "simulate"])
def test_a_simulation_can_be_made_and_a_cheap_one_is(place, capsys):
    arguments = COMMANDS[place]
    assert main([*arguments, "--dry-run", "--json"]) == 0
    costs = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    seconds = sum(cost["methods"][cost["auto"]]["seconds"] for cost in costs)
    if seconds <= CHEAP and not COSTLY & {*arguments} and "--dry-run" not in arguments:
        assert main(arguments) == 0


def test_links_in_the_readme_exist():
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    for target in targets:
        assert target.startswith("https://") or (ROOT / target).exists(), target
