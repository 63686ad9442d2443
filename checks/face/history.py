"""What each claim came to last: one line of JSON a verdict, in the user's data folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import platformdirs

from ..verdict import Verdict


def _file() -> Path:
    return Path(platformdirs.user_data_dir("giantstep", appauthor=False)) / "verdicts.jsonl"


def remember(verdict: Verdict) -> None:
    """Append a verdict; where the folder cannot be written, say so and go on: nothing computed is lost by it."""
    try:
        _file().parent.mkdir(parents=True, exist_ok=True)
        with _file().open("a") as store:
            store.write(json.dumps(verdict.to_json()) + "\n")
    except OSError as error:
        print(f"giantstep: the verdict is not kept for `giantstep claims`: {error}", file=sys.stderr)


def last_verdicts() -> dict[str, str]:
    """{claim id: status of its latest verdict}; lines that cannot be read are passed over."""
    try:
        lines: Iterable[str] = _file().read_text().splitlines()
    except OSError:
        return {}
    result: dict[str, str] = {}
    for line in lines:
        try:
            record = json.loads(line)
            result[str(record["claim"])] = str(record["status"])
        except (ValueError, KeyError, TypeError):
            continue
    return result
