"""Canonical JSON: the same statement always gives the same bytes, hence the same identity."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from .errors import ProblemError

SCHEMA = 1


def canonical(value: Mapping[str, Any]) -> str:
    """`value` as compact JSON with sorted keys; NaN and infinity are refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def identity(value: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON of `value`."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def fields(value: Any, kind: str, allowed: set[str], required: set[str]) -> dict[str, Any]:
    """`value` as a dict that holds every `required` and no other than an `allowed` key."""
    if not isinstance(value, Mapping):
        raise ProblemError(f"{kind}: expected a JSON object, got {type(value).__name__}")
    if unknown := sorted(set(value) - allowed):
        raise ProblemError(f"{kind}: unknown field {unknown[0]!r}; known: {', '.join(sorted(allowed))}")
    if missing := sorted(required - set(value)):
        raise ProblemError(f"{kind}: field {missing[0]!r} is missing")
    return dict(value)
