"""Importing the packages costs next to nothing; their names are all there: at run time, in dir, for type checkers."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

PACKAGES = ("theory", "sim", "checks")
HEAVY = ("sympy", "flint", "numba", "scipy", "matplotlib", "hypothesis", "xarray", "rich", "click", "pytest")


def loaded_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_loads_nothing_heavy(package: str) -> None:
    assert not loaded_after(f"import {package}").intersection(HEAVY)


def test_the_statement_of_a_problem_loads_no_more_than_it_needs() -> None:
    assert not loaded_after("from theory import Target, ProblemError").intersection({"scipy", "numba", "matplotlib"})


def seen_by_type_checkers(package: str) -> set[str]:
    """The names imported under `if TYPE_CHECKING` at the top of a package."""
    tree = ast.parse(Path(str(import_module(package).__file__)).read_text())
    blocks = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name for node in imports for alias in node.names}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_is_where_people_and_type_checkers_look(package: str) -> None:
    module = import_module(package)
    assert seen_by_type_checkers(package) == set(module.__all__)
    assert dir(module) == sorted(module.__all__)
    for name in module.__all__:
        assert getattr(module, name).__name__ == name
        assert getattr(module, name).__module__.split(".")[0] == package


@pytest.mark.parametrize("package", PACKAGES)
def test_no_submodule_can_hide_a_name(package: str) -> None:
    module = import_module(package)
    assert not {found.name for found in iter_modules(module.__path__)}.intersection(module.__all__)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_wrong_name_is_refused(package: str) -> None:
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        _ = import_module(package).nothing


def test_submodules_of_theory_need_no_import_of_their_own() -> None:
    code = "import theory; print(theory.problem.ProblemError.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "ProblemError\n"
