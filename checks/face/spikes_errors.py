"""Errors of ridge regression before and after one step with a growing rate, beside what theory says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theory import ProblemError, SpikeErrors, SpikeGains, spike_errors

from .directions import finite
from .spikes_forecast import ERRORS, Step, plateaus
from .spikes_run import SpikeRun
from .spikes_spectrum import shown
from .terminal import table

CURVE = 31  # rate exponents at which the crossover is drawn


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
        measured: dict[str, Any] = {"before": {}, "after": {}, "gain": {}}
        for name in ERRORS:
            for when, value in zip(measured, self.run.errors(name), strict=True):
                measured[when][name] = [finite(part) for part in value]
        return {"errors": measured, "predicted": self._said(), "note": self.note}

    def _said(self) -> dict[str, Any] | None:
        if self.theory is None:
            return None
        before, after = ({name: getattr(each, name) for name in ERRORS} for each in (self.theory.before, self.theory))
        limit = None if self.plateau is None else {name: getattr(self.plateau, name) + 0.0 for name in ERRORS}
        return {"before": before, "after": after, "limit_of_gain": limit}

    def table(self) -> Any:
        """One row an error."""
        rows = []
        for name in ERRORS:
            told = ["-"] * 3
            if self.theory is not None:
                before, after = getattr(self.theory.before, name), getattr(self.theory, name)
                told = [f"{value:.4g}" for value in (before, after, before - after)]
            cells = [(shown(value), text) for value, text in zip(self.run.errors(name), told, strict=True)]
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


def predicted(step: Step, rate_exponent: float) -> SpikeErrors:
    """At another rate. Raises ProblemError as `spike_errors` does."""
    sizes = {**step.sizes, "rate_exponent": rate_exponent}
    return spike_errors(step.target, step.activation, ridge=step.ridge, **sizes)


def crossover(step: Step, low: float, high: float) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """(rate exponents, errors there by name); NaN where theory refuses."""
    exponents = np.linspace(low, high, CURVE)
    found = {name: np.full(CURVE, np.nan) for name in ERRORS}
    for i, alpha in enumerate(exponents.tolist()):
        try:
            errors = predicted(step, alpha)
        except ProblemError:
            continue
        for name in ERRORS:
            found[name][i] = getattr(errors, name)
    return exponents, found
