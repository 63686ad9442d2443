"""Digests of the code that a result depends on: after a change nothing is answered from before it."""

from __future__ import annotations

import hashlib
import inspect
import platform
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from theory.problem import ProblemError

from .bytecode import code_texts

HOME = Path(__file__).resolve().parents[2]
OURS = tuple(HOME / name for name in ("theory", "sim", "checks"))
LIBRARIES = ("llvmlite", "numba", "numpy", "python-flint", "scipy", "sympy")  # those that results pass through


@cache
def our_code() -> str:
    """SHA-256 (hex) of our three packages, of Python, of the libraries below them, and of the kind of processor."""
    versions = [f"{name} {version(name)}" for name in LIBRARIES]
    found = hashlib.sha256(" ".join([sys.version, platform.machine(), *versions]).encode())
    for path in sorted(path for package in OURS for path in package.rglob("*.py")):
        found.update(f"\n{path.relative_to(HOME).as_posix()}\n".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


our_code()  # now: what is imported later than this is what stands in the files, unless they are edited meanwhile


def own_code(function: Callable[..., Any]) -> str | None:
    """SHA-256 (hex) of the module of a function of somebody else's, see `_digest`; None for one of ours.

    Raises ProblemError for what other processes could not import by its name.
    """
    name = getattr(function, "__qualname__", repr(function))
    home = sys.modules.get(getattr(function, "__module__", ""))
    if not inspect.isfunction(function) or getattr(home, name, None) is not function:
        raise ProblemError(f"{name} is no function at the top of a module: other processes could not import it")
    file = Path(getattr(home, "__file__", None) or "")
    if not file.is_file():
        raise ProblemError(f"{name} stands in no file: put it in a module, so that other processes can import it")
    return None if _is_ours(file) else _digest(file, function.__module__)


def file_digest(kind: type) -> str | None:
    """SHA-256 (hex) of the module in which a class of somebody else's stands, see `_digest`; None for one of ours.

    Raises ProblemError where it stands in none.
    """
    file = Path(getattr(sys.modules.get(kind.__module__), "__file__", None) or "")
    if not file.is_file():
        raise ProblemError(f"{kind.__qualname__} stands in no file: put it in a module, so that it can be found again")
    return None if _is_ours(file) else _digest(file, kind.__module__)


def _digest(file: Path, module: str) -> str:
    """SHA-256 (hex) of a module's file, and of what was imported from it: one that was edited and not imported again
    does not hold what would be run."""
    found = hashlib.sha256(file.read_bytes())
    for text in code_texts(vars(sys.modules[module]), module):
        found.update(text.encode())
    return found.hexdigest()


def _is_ours(file: Path) -> bool:
    return any(file.resolve().is_relative_to(package) for package in OURS)
