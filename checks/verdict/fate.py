"""How a wrong theory, or a wrong simulator, came to its status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from .component import ComponentRecord

Kind = Literal["theory", "simulator"]


@dataclass(frozen=True, slots=True)
class Fate:
    """The component that speaks most against a foil: what refuted it, or what came nearest to that.

    A wrong theory has its own prediction there and the claim's data, a wrong simulator the claim's prediction and
    data of its own.
    """

    name: str
    kind: Kind
    record: ComponentRecord

    def to_json(self) -> dict[str, Any]:
        """A dict of JSON types."""
        return {"name": self.name, "kind": self.kind, "record": self.record.to_json()}

    @classmethod
    def from_json(cls, fate: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`; KeyError, TypeError or ValueError where something is missing or malformed."""
        kind: Kind = "simulator" if fate["kind"] == "simulator" else "theory"
        if fate["kind"] != kind:
            raise ValueError(f"{fate['kind']!r} is no kind of foil")
        return cls(str(fate["name"]), kind, ComponentRecord.from_json(fate["record"]))
