"""Every verb prints JSON as docs/json.md says, and nothing else."""

import json
import re
import shlex
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from json_tables import PAGE, TABLES, faults

from checks.face import lines
from checks.face.cli import VERBS
from theory import Regime, Setting, Student, Target

SMALL = "-d 16 -p 2 --replicas 3"
SPIKED = 'simulate "z1 + He2(z1)/2" -d 32 -n 64 -p 16 --replicas 3 --no-store --ridge 0.01'
FORECAST = 'predict "z1 + He2(z1)/2" --phi 0.5 --psi 0.6'
# A command, and the tables of the lines it prints: the last for the last line, the first for all others.
LINES = {
    "predict z1+z1*z2": ["predict"],
    "predict tanh(z1)": ["predict"],
    "predict z1**2 --bias uniform": ["predict"],
    "predict 1e300*z1**2 -p 2 --second-layer 1,-1": ["predict"],
    "predict z1+z1*z2 --reuse -n 4d -p 2 --second-layer 1,-1": ["predict"],
    f"{FORECAST} --rate-exponent 0.3": ["predict"],
    f"{FORECAST} --rate-exponent 0.3 --ridge 0.01": ["predict"],
    f"{FORECAST} --rate-exponent 0.5 --ridge 0.01": ["predict"],
    f"simulate z1+z1*z2 {SMALL}": ["run"],
    f"simulate z1+z1*z2 {SMALL} --second-layer 1,-1": ["run"],
    f"simulate z1 {SMALL} --dry-run": ["cost"],
    "simulate z1 -p 2 --replicas 3 --steps 1 --sweep d --values 8,16 --no-store": ["run", "exponents"],
    f"simulate z1 {SMALL} --ridge 0.1 --no-store": ["curve"],
    "simulate 1e308*z1 -d 8 -p 2 --replicas 2 --ridge 1 --no-store": ["curve"],
    f"{SPIKED} --rate-exponent 0.3": ["spiked"],
    f"{SPIKED} --sweep rate-exponent --values 0..0.4:3": ["spiked", "gains"],
    "claims": ["claims"],
    "verify exactness/descent --smoke": ["verify"],
    "verify giant-step/one-direction --smoke": ["verify"],  # an exponent
    "probe": ["conjecture"],
    "probe probe_toys:FewTerms --tasks 60 --out found.json": ["probe"],
    "replay found.json": ["replay"],
    "store kept.sqlite": ["store"],
    "report kept.sqlite": ["report"],
    "plot --list": ["kind"],
    "plot exponents sweep.jsonl --out exponents.svg": ["plot"],
    "completion bash": ["completion"],
}


def strict(line: str) -> Any:
    """JSON without the NaN and Infinity that Python adds to it."""
    return json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


@pytest.fixture
def there(run, tmp_path, monkeypatch) -> Path:
    """A folder with what some commands read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "probe")
    return tmp_path


def prepare(run: Any, command: str) -> None:
    """What a command reads is written by others."""
    if "kept.sqlite" in command:
        assert run("verify", "exactness/descent", "--smoke", "--store", "kept.sqlite").returncode == 0
    if command.startswith("replay"):
        assert run("probe", "probe_toys:FewTerms", "--tasks", "60", "--out", "found.json").returncode == 1
    if "sweep.jsonl" in command:
        sweep = "simulate z1 -p 2 --replicas 8 --steps 1 --sweep d --values 8,16 --no-store --json"
        Path("sweep.jsonl").write_text(run(*sweep.split()).stdout)


@pytest.mark.parametrize("command", [command for command in LINES if command.split()[0] in VERBS])
def test_a_verb_prints_what_its_table_says(run, there, command):
    prepare(run, command)
    result = run(*shlex.split(command), "--json")
    assert result.returncode in (0, 1)
    printed = [strict(line) for line in result.stdout.splitlines()]
    assert printed
    first, last = LINES[command][0], LINES[command][-1]
    for number, line in enumerate(printed, 1):
        assert list(faults(line, last if number == len(printed) else first)) == []


def test_a_setting_of_another_teacher_is_as_its_table_says():
    regime = Regime(d=8, n=16, eta=1, teacher="dense")
    assert list(faults(Setting(Target("z1"), Student("relu", 2), regime).to_json(), "setting")) == []


def test_numbers_that_json_has_not_are_text_wherever_they_stand():
    record = {"a": inf, "b": [1.5, (-inf, {"c": np.float64("nan")})], "d": None, "e": True, "f": 3}
    assert strict(lines.line(record)) == {"a": "inf", "b": [1.5, ["-inf", {"c": "nan"}]], "d": None, "e": True, "f": 3}


def test_every_verb_has_a_section_and_every_table_is_used():
    assert set(VERBS) <= set(TABLES) | {"simulate"}
    assert {command.split()[0] for command in LINES} >= set(VERBS)
    named = set(re.findall(r"`(\w+)`", "".join(kind for table in TABLES.values() for kind, _ in table.values())))
    tables = {table for tables in LINES.values() for table in tables}
    assert named | tables == set(TABLES)


def test_names_in_the_text_are_tables_too():
    (simulate,) = re.findall(r"^## simulate\n(.*?)\n###", PAGE.read_text(encoding="utf-8"), re.S | re.M)
    names = set(re.findall(r"`(\w+)`", simulate))
    assert names == {table for command, used in LINES.items() if command.startswith("simulate") for table in used}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"name": "a"}, "status is always there, says foil"),
        ({"name": "a", "status": "b", "more": 1}, "more is not told of under foil"),
        ({"name": 1, "status": "b"}, "name = 1 is no text"),
        ([], " is no foil"),
    ],
)
def test_what_is_not_as_told_is_found(value, told):
    assert list(faults(value, "foil")) == [told]
