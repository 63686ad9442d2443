"""The tables of docs/json.md, and whether a JSON object is as one of them says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "json.md"
Table = dict[str, tuple[str, bool]]  # key: (type, whether it is always there)
NO_NUMBER = ("inf", "-inf", "nan")


def read() -> dict[str, Table]:
    """Every table by the name of its section."""
    found: dict[str, Table] = {}
    for section in re.split(r"^#{2,3} ", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]:
        name, _, body = section.partition("\n")
        rows = [line.strip("| ").split(" | ") for line in body.splitlines() if line.startswith("| ")]
        if rows:
            assert rows[0] == ["key", "type", "there", "meaning"]
            assert name not in found
            found[name] = {key: (kind, there == "always") for key, kind, there, *_ in rows[1:]}
    return found


TABLES = read()


def faults(value: Any, name: str, where: str = "") -> Iterator[str]:
    """What of an object is not as the table `name` says."""
    if not isinstance(value, dict):
        yield f"{where} is no {name}"
        return
    table = TABLES[name]
    for key in value.keys() - table.keys():
        yield f"{where}{key} is not told of under {name}"
    for key, (kind, always) in table.items():
        if key in value:
            yield from _amiss(value[key], kind, f"{where}{key}")
        elif always:
            yield f"{where}{key} is always there, says {name}"


def _amiss(value: Any, kind: str, where: str) -> Iterator[str]:
    """What is amiss with a value in all of the alternatives of a type."""
    tries = [list(_unlike(value, each, where)) for each in kind.split(" or ")]
    if all(tries):
        yield from min(tries, key=len)


def _unlike(value: Any, kind: str, where: str) -> Iterator[str]:
    outer, _, inner = kind.partition(" of ")
    if kind.startswith("`"):
        yield from faults(value, kind.strip("`"), f"{where}.")
    elif inner and isinstance(value, {"list": list, "map": dict}[outer]):
        for each in value.values() if outer == "map" else value:
            yield from _unlike(each, inner, where)
    elif inner or not _is(value, kind):
        yield f"{where} = {value!r} is no {kind}"


def _is(value: Any, kind: str) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return {
        "number": whole or isinstance(value, float) or value in NO_NUMBER,
        "whole number": whole,
        "text": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "null": value is None,
        "list": isinstance(value, list),
        "object": isinstance(value, dict),
        "map": isinstance(value, dict),
    }[kind]
