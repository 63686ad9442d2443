"""A confirmed counterexample, as a file that anybody can replay."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import sympy

from theory.problem import ProblemError, Setting
from theory.problem.serial import fields

SCHEMA = 1


@dataclass(frozen=True)
class Counterexample:
    """conjecture: its id, or module:Class. seed: of the data that confirmed it."""

    conjecture: str
    setting: Setting
    seed: int

    def to_json(self) -> dict[str, Any]:
        """As in the file; "target" is for the reader, the setting holds it."""
        return {
            "schema": SCHEMA,
            "conjecture": self.conjecture,
            "target": sympy.sstr(self.setting.target.expr),
            "setting": self.setting.to_json(),
            "seed": self.seed,
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """What `to_json` wrote. Raises ProblemError for anything else."""
        names = {"schema", "conjecture", "target", "setting", "seed"}
        found = fields(value, "counterexample", names, names - {"target"})
        if found["schema"] != SCHEMA:
            raise ProblemError(f"counterexample: schema {found['schema']!r} is not known; this version reads {SCHEMA}")
        if not isinstance(found["conjecture"], str):
            raise ProblemError("counterexample: conjecture is the id of one, as text")
        if not isinstance(found["seed"], int) or isinstance(found["seed"], bool) or found["seed"] < 0:
            raise ProblemError("counterexample: seed is a whole number, 0 or more")
        return cls(found["conjecture"], Setting.from_json(found["setting"]), found["seed"])

    @classmethod
    def read(cls, path: Path) -> Self:
        """From a file. Raises ProblemError where it cannot be read or holds something else."""
        try:
            return cls.from_json(json.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise ProblemError(f"{path}: {error.strerror}") from None
        except RecursionError:
            raise ProblemError(f"{path} is nested too deeply to be a counterexample") from None
        except ValueError as error:
            if isinstance(error, ProblemError):
                raise
            raise ProblemError(f"{path} is no JSON file: {error}") from None

    def write(self, path: Path) -> None:
        """To a file. Raises ProblemError where that is not possible."""
        try:
            path.write_text(json.dumps(self.to_json(), indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise ProblemError(f"{path} cannot be written: {error.strerror}") from None
