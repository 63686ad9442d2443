"""The README's table of claims is that of the registry."""

from pathlib import Path

import checks
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
