"""The page on figures: every command and every block of Python runs as printed."""

import re
import shlex
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from checks.face import kinds
from checks.face.cli import main
from sim.drawing.save import COLUMNS

GUIDE = (Path(__file__).parents[2] / "docs" / "figures_guide.md").read_text()
COMMANDS = [line for block in re.findall(r"^```\n(.*?)^```", GUIDE, re.S | re.M) for line in block.splitlines()]


def test_every_command_runs_and_writes_what_it_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for line in COMMANDS:
        command, _, redirected = line.partition(" > ")
        assert command.startswith("giantstep ")
        assert main(shlex.split(command)[1:]) == 0, line
        out = capsys.readouterr().out
        if redirected:
            Path(redirected).write_text(out)
        (named,) = [redirected] if redirected else re.findall(r"--out (\S+)", line)
        assert Path(named).stat().st_size > 0


def test_the_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plt, "show", pytest.fail)
    plt.switch_backend("Agg")
    (block,) = re.findall(r"^```python\n(.*?)^```", GUIDE, re.S | re.M)
    try:
        exec(compile(block, "figures_guide.md", "exec"), {})
    finally:
        plt.close("all")
    assert {path.name for path in tmp_path.iterdir()} == {"both.pdf", "both.csv", "both.nc"}


def test_it_names_every_kind_and_every_column():
    drawn = {shlex.split(line)[2] for line in COMMANDS if line.startswith("giantstep plot")}
    assert drawn == set(kinds.KINDS) - {"phase"}  # measuring its points takes long
    assert all(f"| `{name}` |" in GUIDE for name in kinds.KINDS)
    assert all(f"`{name}`" in GUIDE for name in COLUMNS)
