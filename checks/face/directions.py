"""A run seen along the directions theory names: cosines with intervals, beside the prediction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import sympy

from theory import Prediction, ProblemError, Setting, one_step_exponent, predict
from theory.symmetry import direction_name

from ..verdict import median_interval, sample_median
from .lines import finite

LEVEL = 0.05


class Cell(NamedTuple):
    """A median over replicas with its 95 % interval (infinite where the replicas are too few)."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Summary:
    """directions: orthogonal basis of R^k, columns; names: the same as linear forms.

    learned_at[i]: the step at which theory has direction i learned, None for never; None altogether where theory has no
    statement on exponents. exponents[i]: e in cosine ~ d^e after the last step, None without a statement.
    notes: what the prediction rests on, or why there is none.
    """

    run: Any
    directions: np.ndarray
    names: tuple[str, ...]
    learned_at: tuple[int | None, ...] | None
    exponents: tuple[float | None, ...]
    notes: tuple[str, ...]

    def cosines(self, index: int) -> np.ndarray:
        """Cosine of every neuron with direction `index`, shape (replicas, len(at), p)."""
        v = self.directions[:, index]
        return self.run.cosines @ (v / np.linalg.norm(v))

    def sizes(self, index: int) -> np.ndarray:
        """The root mean square cosine over neurons, shape (replicas, len(at)); infinite where a run diverged."""
        sizes = np.sqrt(np.mean(self.cosines(index) ** 2, axis=-1))
        return np.where(np.isnan(sizes), np.inf, sizes)  # it counts as large, and is not dropped

    def cells(self, index: int) -> list[Cell]:
        """The median over replicas of `sizes` at each step."""
        return [cell(column) for column in self.sizes(index).T]

    def rows(self) -> Iterator[tuple[str, str, list[Cell]]]:
        """(direction, what theory says of it, its cells)."""
        for index, name in enumerate(self.names):
            yield name, self._said(index), self.cells(index)

    def _said(self, index: int) -> str:
        if self.learned_at is None:
            exponent = self.exponents[index]
            return "-" if exponent is None else f"d^({exponent:g}) at the end"
        step = self.learned_at[index]
        return "d^(-1/2)" if step is None else f"Theta(1) from step {step}"

    def to_json(self) -> dict[str, Any]:
        """The JSON object that `giantstep simulate --json` prints."""
        run = self.run
        return {
            "schema": 1,
            "setting": run.setting.to_json(),
            "method": run.method,
            "why": run.why,
            "replicas": len(run.alpha),
            "at": list(run.at),
            "notes": list(self.notes),
            "predicted": self.learned_at is not None,
            "directions": [
                {
                    "direction": name,
                    "learned_at": None if self.learned_at is None else self.learned_at[index],
                    "exponent": self.exponents[index],
                    "cosine": [[finite(value) for value in cell] for cell in self.cells(index)],
                }
                for index, name in enumerate(self.names)
            ],
        }


def summarise(run: Any, prediction: Prediction | None = None) -> Summary:
    """A Summary of a run that recorded cosines, beside `prediction`, by default that of theory; where theory has none
    the directions are the coordinate axes."""
    k = run.setting.target.k
    try:
        prediction = prediction or predict(run.setting)
    except ProblemError as reason:
        names, axes = tuple(f"z{i + 1}" for i in range(k)), [[int(i == j) for j in range(k)] for i in range(k)]
        return Summary(run, np.eye(k), names, None, *_after_one_step(run.setting, axes, (f"no staircase: {reason}",)))
    stairs = prediction.student_staircase
    basis = _complete([list(stairs.subspaces[-1][:, j]) for j in range(stairs.subspaces[-1].cols)], k)
    names = tuple(direction_name(list(column)) for column in basis)
    floats = np.array([[float(value) for value in column] for column in basis]).T
    steps = range(len(stairs.subspaces))
    exponents = [[prediction.overlap_exponent(column, t) for t in steps] for column in basis]
    if exponents[0][0] is None:
        return Summary(run, floats, names, None, *_after_one_step(run.setting, basis, prediction.notes))
    learned_at = tuple(next((t for t in steps if row[t] == 0), None) for row in exponents)
    last = [prediction.overlap_exponent(column, run.setting.regime.steps) for column in basis]
    batches = "fresh batches" if prediction.reuse_staircase is None else "one batch"
    notes = (f"theory: {batches}, n of order d, eta of order p", *prediction.notes)
    return Summary(run, floats, names, learned_at, tuple(None if e is None else float(e) for e in last), notes)


def _after_one_step(
    setting: Setting, basis: Sequence[Sequence[Any]], notes: tuple[str, ...]
) -> tuple[tuple[float | None, ...], tuple[str, ...]]:
    """Exponents along every direction where n and eta grow otherwise, and what they rest on."""
    if setting.regime.steps != 1 or not isinstance(setting.regime.n, str):
        return (None,) * len(basis), notes  # theory's d grows with n in proportion to a power of it
    try:
        exponents = tuple(float(one_step_exponent(setting, direction)) for direction in basis)
    except ProblemError as reason:
        return (None,) * len(basis), (*notes, f"no exponents: {reason}")
    return exponents, ("theory: exponents of one step from f = 0 at this n and eta", *notes)


def _complete(columns: list[list[sympy.Expr]], k: int) -> list[list[sympy.Expr]]:
    """An orthogonal basis of R^k that begins with the given orthogonal columns."""
    done = [sympy.Matrix(column) for column in columns]
    for axis in range(k):
        rest = sympy.Matrix([int(i == axis) for i in range(k)])
        for other in done:
            rest -= other * (rest.dot(other) / other.dot(other))
        rest = rest.applyfunc(lambda x: sympy.nsimplify(x, tolerance=1e-12) if x.is_Float else sympy.expand(x))
        if len(done) < k and any(abs(float(value)) > 1e-9 for value in rest):
            done.append(rest)
    return [list(column) for column in done]


def cell(values: np.ndarray) -> Cell:
    """The median of independent numbers with its 95 % interval."""
    interval = median_interval(values, LEVEL)
    return Cell(float(sample_median(values)), interval.lo, interval.hi)
