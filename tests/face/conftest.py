"""What these tests run must not write into the data folder of whoever runs them."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from checks.face.cli import main


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))


@pytest.fixture
def run(capsys) -> Callable[..., SimpleNamespace]:
    """The command in this process, which takes seconds less than one of its own: what it says and its exit code."""

    def call(*arguments: str) -> SimpleNamespace:
        capsys.readouterr()
        code = main(arguments)
        out, err = capsys.readouterr()
        return SimpleNamespace(returncode=code, stdout=out, stderr=err)

    return call
