"""JSON as every verb prints it: one object a line, with text where JSON has no number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any

import click


def finite(value: float) -> float | str:
    """`value` as JSON has it: infinities and NaN become the text that float() reads back."""
    return value if isfinite(value) else str(float(value))


def line(record: Mapping[str, Any]) -> str:
    """An object on one line; floats that JSON has not are text, wherever they stand."""
    return json.dumps(_plain(record), allow_nan=False)


def print_line(record: Mapping[str, Any]) -> None:
    """To stdout."""
    click.echo(line(record))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return finite(value) if isinstance(value, float) else value
