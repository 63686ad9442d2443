"""Errors of ridge regression before and after one step with a growing rate, beside what theory says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theory import ProblemError, SpikeErrors, SpikeGains, spike_errors

from .lines import finite
from .spikes_forecast import ERRORS, Step, plateaus, representable
from .spikes_run import SpikeRun
from .spikes_spectrum import shown
from .terminal import table

CURVE = 25  # rate exponents at which the crossover is drawn


@dataclass(frozen=True)
class Errors:
    """theory: at these sizes, None where it refuses, and `note` says why. plateau: gains in the limit of the regime,
    None at a threshold."""

    run: SpikeRun
    theory: SpikeErrors | None
    plateau: SpikeGains | None
    note: str | None

    def to_json(self) -> dict[str, Any]:
        """The fields "errors", [median, low, high] each, and "predicted"."""
        measured: dict[str, dict[str, Any]] = {}
        for name in ERRORS:
            for what, value in self.run.errors(name).items():
                measured.setdefault(what, {})[name] = [finite(part) for part in value]
        each = {name: [[finite(v) for v in pair] for pair in self.run.arrays[name].tolist()] for name in ERRORS}
        return {"errors": measured, "replica_errors": each, "predicted": self._said(), "note": self.note}

    def _said(self) -> dict[str, Any] | None:
        if self.theory is None:
            return None
        limit = None if self.plateau is None else _errors(self.plateau)
        kappa = {"kappa": self.theory.kappa, "tau": self.theory.tau}
        return {"before": _errors(self.theory.before), "after": _errors(self.theory), "limit_of_gain": limit, **kappa}

    def table(self) -> Any:
        """One row an error."""
        rows = []
        for name in ERRORS:
            told = ["-"] * 3
            if self.theory is not None:
                before, after = getattr(self.theory.before, name), getattr(self.theory, name)
                told = [f"{value:.4g}" for value in (before, after, before - after)]
            found = self.run.errors(name)
            measured = [shown(found[what]) for what in ("before", "after", "gain")]
            cells = zip(measured, told, strict=True)
            rows.append((name.replace("_", " "), *(text for pair in cells for text in pair)))
        heads = ("ridge on n fresh samples", "before", "theory", "after", "theory", "gain", "theory")
        return table(heads, rows)


def errors_of(run: SpikeRun) -> Errors:
    """With the prediction, where there is one."""
    step, alpha = run.step, run.step.rate_exponent
    try:
        plateau = [gains for low, high, gains in plateaus(step, 0.0, 0.5) if low < alpha < high]
        return Errors(run, predicted(step, alpha), plateau[0] if plateau else None, None)
    except ProblemError as reason:
        return Errors(run, None, None, f"no errors predicted: {reason}")


@representable()
def predicted(step: Step, rate_exponent: float) -> SpikeErrors:
    """At another rate. Raises ProblemError as `spike_errors` does."""
    sizes = {**step.sizes, "rate_exponent": rate_exponent}
    return spike_errors(step.target, step.activation, ridge=step.ridge, **sizes)


@dataclass(frozen=True)
class GainCurves:
    """Along the rate exponents (M,): errors by name (M,) and kappa (M,), NaN where theory refuses, for
    the sizes of a step; before: by name; steps: its plateaus, as `plateaus` has them."""

    exponents: np.ndarray
    kappa: np.ndarray
    errors: dict[str, np.ndarray]
    before: dict[str, float]
    steps: list[tuple[float, float, SpikeGains]]

    def to_json(self) -> dict[str, Any]:
        """What ends the JSON of a sweep."""
        curve = {name: [finite(value) for value in values.tolist()] for name, values in self.errors.items()}
        kappa = [finite(value) for value in self.kappa.tolist()]
        levels = [{"from": low, "to": high, "gain": _errors(gains)} for low, high, gains in self.steps]
        exponents = {"rate_exponents": self.exponents.tolist(), "kappa": kappa}
        before = {name: finite(value) for name, value in self.before.items()}
        return {"crossover": {**exponents, **curve}, "before": before, "plateaus": levels}


def curves_of(step: Step, low: float, high: float, points: int = CURVE) -> GainCurves:
    """At so many rate exponents between two."""
    exponents, kappa = np.linspace(low, high, points), np.full(points, np.nan)
    found, before = {name: np.full(points, np.nan) for name in ERRORS}, dict.fromkeys(ERRORS, np.nan)
    for i, alpha in enumerate(exponents.tolist()):
        try:
            errors = predicted(step, alpha)
        except ProblemError:
            continue
        before, kappa[i] = _errors(errors.before), errors.kappa
        for name, value in _errors(errors).items():
            found[name][i] = value
    try:
        steps = plateaus(step, low, high)
    except ProblemError:
        steps = []
    return GainCurves(exponents, kappa, found, before, steps)


def _errors(record: Any) -> dict[str, float]:
    """ERRORS of any record, without -0.0."""
    return {name: float(getattr(record, name)) + 0.0 for name in ERRORS}
