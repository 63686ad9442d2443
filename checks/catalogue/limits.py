"""What claims share that hold runs beside a deterministic limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from theory import ProblemError, Setting

from ..claim import Plan


def changed(setting: Setting, **regime: Any) -> Setting:
    """The setting with these parts of its regime replaced."""
    return Setting(setting.target, setting.student, replace(setting.regime, **regime))


def points(plan: Plan) -> dict[str, Setting]:
    """The settings that are no rung of a ladder: those whose name has no "@"."""
    return {name: setting for name, setting in plan.settings.items() if "@" not in name}


def refusal(theory: Callable[[Setting], object], setting: Setting) -> str | None:
    """Why `theory` does not cover the setting, or None if it does."""
    try:
        theory(setting)
    except ProblemError as reason:
        return str(reason)
    return None
