"""The README promises nothing that is not so."""

import json
import re
import shlex
from pathlib import Path

import checks
from checks.face.cli import main
from checks.face.report import HEADS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_the_table_of_verdicts_lists_every_claim_and_its_foils():
    rows = [line.strip("| ").split(" | ") for line in README.splitlines() if line.startswith("| ")]
    assert tuple(rows[0]) == HEADS
    assert [row[0] for row in rows[2:]] == [claim.id for claim in checks.claims()]
    for row, claim in zip(rows[2:], checks.claims(), strict=True):
        count = len(claim.foils(claim.plan("quick"))) + len(claim.mutants)
        assert row[HEADS.index("foils refuted")] == f"{count} of {count}"


def test_files_it_points_to_exist():
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target


def test_its_predictions_run(capsys):
    commands = [line.split("#")[0] for line in README.splitlines() if line.startswith("giantstep predict")]
    assert len(commands) >= 2
    for command in commands:
        assert main([*shlex.split(command)[1:], "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["schema"] == 1
