"""Errors of the ridge-trained second layer after every step, beside the floors theory gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np

from theory import ProblemError, Setting, predict

from .directions import Cell, cell
from .lines import finite
from .terminal import console, heading, table


@dataclass(frozen=True)
class ErrorCurve:
    """Test errors (replicas, T + 1) of one setting, with what they were made by.

    floors[(t, kappa)]: of what this student knows after t steps. ridge: the penalty; seed: of the runs.
    """

    setting: Setting
    test_error: np.ndarray
    floors: dict[tuple[int, int], float]
    ridge: float
    seed: int

    @property
    def kappa(self) -> float:
        """log n / log d."""
        return log(self.setting.n) / log(self.setting.regime.d)

    @property
    def width(self) -> float:
        """log p / log d."""
        return log(self.setting.student.p) / log(self.setting.regime.d)

    def cells(self) -> list[Cell]:
        """The median over replicas after each step, with its 95 % interval."""
        sizes = np.where(np.isnan(self.test_error), np.inf, self.test_error)
        return [cell(column) for column in sizes.T]

    def floor(self, step: int, kappa: float) -> float | None:
        """The floor after `step` steps for n, p >= d^kappa; None where theory has no statement."""
        if not self.floors:
            return None
        last, highest = (max(column) for column in zip(*self.floors, strict=True))
        step, degree = min(step, last), int(kappa + 1e-9)
        if degree > highest and self.floors[step, highest] == 0:
            return 0.0
        return self.floors.get((step, degree))

    def to_json(self) -> dict[str, Any]:
        """The JSON object that `giantstep simulate --ridge --json` prints."""
        smallest = min(self.kappa, self.width)
        return {
            "schema": 1,
            "setting": self.setting.to_json(),
            "seed": self.seed,
            "replicas": len(self.test_error),
            "ridge": self.ridge,
            "kappa": self.kappa,
            "test_error": [[finite(value) for value in cell] for cell in self.cells()],
            "floors": [self.floor(t, smallest) for t in range(self.test_error.shape[1])],
            "replica_errors": [[finite(value) for value in row] for row in self.test_error.tolist()],
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any], known: dict[tuple[int, int], float] | None = None) -> ErrorCurve:
        """What `to_json` wrote. known: the floors, None to ask theory. Raises ProblemError for another object."""
        missing = [name for name in ("setting", "replica_errors", "ridge", "seed") if name not in record]
        if missing or not isinstance(record["replica_errors"], list):
            raise ProblemError("no line of giantstep simulate --ridge --json: setting, replica_errors, ridge and seed")
        setting = Setting.from_json(record["setting"])
        values = np.array([[float(value) for value in row] for row in record["replica_errors"]])
        known = floors(setting) if known is None else known
        return cls(setting, values, known, float(record["ridge"]), int(record["seed"]))


def floors(setting: Setting) -> dict[tuple[int, int], float]:
    """What theory.predict has of them; empty outside its domain."""
    try:
        return {key: float(value) for key, value in predict(setting).floors.items()}
    except ProblemError:
        return {}


def print_curve(curve: ErrorCurve) -> None:
    """One setting as a table."""
    setting, smallest = curve.setting, min(curve.kappa, curve.width)
    rows = []
    for step, value in enumerate(curve.cells()):
        floor = curve.floor(step, smallest)
        shown = f"{value.estimate:.4f} [{value.low:.4f}, {value.high:.4f}]"
        rows.append((str(step), shown, "-" if floor is None else f"{floor:.4g}"))
    out = console()
    size = (
        f"d = {setting.regime.d}, n = {setting.n} = d^{curve.kappa:.3g}, p = {setting.student.p} = d^{curve.width:.3g}"
    )
    out.print(heading(f"{size}, {len(curve.test_error)} replicas"))
    out.print(table(("step", "test error", "floor"), rows))


def explain_curves() -> None:
    """What the numbers are, after all tables."""
    out = console()
    out.print(heading("test error E (f* - f)^2 of a second layer fitted to n fresh samples: median [95 % interval]"))
    out.print(heading("floor: ||P_{U*_t, > kappa} f*||^2, kappa the smaller of log n / log d and log p / log d"))
