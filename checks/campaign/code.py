"""A digest of the code that a result depends on: after a change nothing is answered from before it."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parents[2]
OURS = tuple(HOME / name for name in ("theory", "sim", "checks"))
LIBRARIES = ("numba", "numpy", "scipy", "sympy")  # those that results pass through


def code_of(function: Callable[..., Any]) -> str:
    """SHA-256 (hex) of our three packages, the versions of the libraries below them, and the function's own file."""
    file = Path(inspect.getsourcefile(inspect.unwrap(function)) or "").resolve()
    return _digest(None if any(file.is_relative_to(package) for package in OURS) else file)


@cache
def _digest(file: Path | None) -> str:
    found = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in LIBRARIES).encode())
    for path in _sources():
        found.update(f"\n{path.relative_to(HOME).as_posix()}\n".encode())
        found.update(path.read_bytes())
    if file is not None:
        found.update(file.read_bytes())
    return found.hexdigest()


def _sources() -> Iterable[Path]:
    return sorted(path for package in OURS for path in package.rglob("*.py"))
