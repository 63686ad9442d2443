"""The door of the command `giantstep` and of its pytest plugin.

It opens only if the three packages found are the ones installed together. `theory`, `sim` and `checks` are plain
names, and a folder `sim/` or a file `checks.py` on the import path can hide ours. This module therefore lives outside
`checks` and looks before anything there is imported.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent


def shadow() -> str | None:
    """One line that names what hides `sim` or `checks`; None when all three packages share one parent folder."""
    for name in ("sim", "checks"):
        spec = find_spec(name)
        places = [] if spec is None else [*(spec.submodule_search_locations or []), spec.origin or ""]
        if not places:
            return f"the package {name!r} is not installed beside {HOME / 'theory'}; reinstall giantstep"
        found = Path(places[0]).resolve()
        if found.parent != HOME:
            return f"{found} hides giantstep's package {name!r}; take its folder off PYTHONPATH or rename it"
    return None


def main() -> None:
    """Run the command line, or say in one line what is in its way (exit code 2)."""
    if reason := shadow():
        print(f"giantstep: {reason}", file=sys.stderr)
        sys.exit(2)
    sys.exit(import_module("checks.face.cli").main())


def pytest_addoption(pluginmanager: Any) -> None:
    """Hand pytest the plugin, if nothing hides it: see pytest_configure."""
    if not shadow():
        plugin = import_module("checks.plugin")
        if not pluginmanager.is_registered(plugin):  # as it is after `pytest -p checks.plugin`
            pluginmanager.register(plugin, "checks.plugin")


def pytest_configure() -> None:
    """Stop pytest in one line where something hides what the plugin needs."""
    if reason := shadow():
        raise import_module("pytest").UsageError(f"giantstep: {reason}")
