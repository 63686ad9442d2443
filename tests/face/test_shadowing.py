"""A folder of the user's may hold its own sim/ and checks.py."""

import os

import pytest
from commands import process


@pytest.fixture
def busy_folder(tmp_path):
    (tmp_path / "sim").mkdir()
    (tmp_path / "sim" / "__init__.py").write_text("raise RuntimeError('not ours')\n")
    (tmp_path / "checks.py").write_text("raise RuntimeError('not ours')\n")
    return tmp_path


def test_the_command_works_from_such_a_folder(busy_folder):
    result = process("predict", "z1", cwd=busy_folder)
    assert result.returncode == 0
    assert "leap index" in result.stdout


@pytest.mark.parametrize("hidden", ["sim", "checks.py"])
def test_where_it_hides_ours_one_line_names_it(busy_folder, hidden):
    other = busy_folder / ("checks.py" if hidden == "sim" else "sim/__init__.py")
    other.unlink()
    if hidden != "sim":
        (busy_folder / "sim").rmdir()
    result = process("predict", "z1", cwd=busy_folder, env={**os.environ, "PYTHONPATH": str(busy_folder)})
    assert result.returncode == 2
    assert str(busy_folder / hidden) in result.stderr
    assert result.stderr.count("\n") == 1
