"""Singular values of the features before and after one step, beside bulk, edge and spikes as theory has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theory import ProblemError, SpikeSpectrum, bulk_density, spike_spectrum

from .directions import Cell, cell
from .lines import finite
from .spikes_forecast import representable
from .spikes_run import SpikeRun, large
from .terminal import table

BINS = 40  # of the histogram, from 0 to the edge
FAR = 10  # edges that the histogram spans at most
POINTS = 160  # of the density of the bulk
LEAST = 3  # singular values listed


@dataclass(frozen=True)
class Spectrum:
    """run: with values. theory: None where it refuses, and `note` says why. edge: of the bulk after the step, or of the
    initial features too, where theory refuses."""

    run: SpikeRun
    theory: SpikeSpectrum | None
    edge: float
    initial_edge: float
    note: str | None

    @property
    def listed(self) -> int:
        """How many singular values are told: the predicted outliers and one more."""
        outliers = () if self.theory is None else max(self.theory.outliers, self.theory.initial_outliers, key=len)
        return min(max(LEAST, len(outliers) + 1), self.run.arrays["values"].shape[2])

    def measured(self, step: int) -> list[Cell]:
        """Medians of the largest ones, before (0) or after (1)."""
        return [cell(large(column)) for column in self.run.arrays["values"][:, step, : self.listed].T]

    def predicted(self, step: int) -> list[float]:
        """The outliers before (0) or after (1)."""
        if self.theory is None:
            return []
        return list(self.theory.outliers if step else self.theory.initial_outliers)

    def histogram(self, step: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """(density (M,), edges (M + 1,)) of the singular values of all replicas up to `FAR` edges, as a share of n."""
        values = self.run.arrays["values"][:, step].ravel()
        values, width = values[np.isfinite(values)], self.edge / BINS
        if not values.size:
            raise ProblemError("every run diverged, so there is no spectrum to show; a smaller prefactor may help")
        edges = width * np.arange(min(int(values.max() / width) + 2, FAR * BINS + 1))
        counts = np.histogram(values, edges)[0]
        return counts / (width * self.run.step.n * self.run.replicas), edges

    def bulk(self) -> tuple[np.ndarray, np.ndarray]:
        """(singular values, their limit density as a share of n), of the initial features up to their edge."""
        step = self.run.step
        root, ratios = step.width**0.5, {"phi": step.phi, "psi": step.psi}
        points = self.initial_edge / root * (np.arange(POINTS) + 0.5) / POINTS
        found = bulk_density(step.activation, points, **ratios)
        return found.values * root, found.density / root

    def to_json(self) -> dict[str, Any]:
        """The field "spectrum": the numbers of table and figure."""
        density, edges = self.histogram()
        values, limit = self.bulk()
        measured = {
            name: [[finite(value) for value in each] for each in self.measured(step)]
            for step, name in enumerate(("before", "after"))
        }
        return {
            "singular_values": measured,
            "regime": None if self.theory is None else self.theory.regime,
            "edge": self.edge,
            "initial_edge": self.initial_edge,
            "outliers": None if self.theory is None else self.predicted(1),
            "initial_outliers": None if self.theory is None else self.predicted(0),
            "histogram": {"edges": edges.tolist(), "density": density.tolist()},
            "bulk": {"values": values.tolist(), "density": limit.tolist()},
            "note": self.note,
        }

    def table(self) -> Any:
        """Of the largest singular values."""
        rows = []
        for i in range(self.listed):
            cells = [(shown(self.measured(step)[i]), self._said(step, i)) for step in (0, 1)]
            rows.append((str(i + 1), *(text for pair in cells for text in pair)))
        heads = ("singular value", "before the step", "theory", "after", "theory")
        return table(heads, rows)

    def _said(self, step: int, index: int) -> str:
        outliers = self.predicted(step)
        if index < len(outliers):
            return f"{outliers[index]:.2f}"
        if step and self.theory is None:
            return "-"
        return f"edge {self.edge if step else self.initial_edge:.2f}"


def spectrum_of(run: SpikeRun) -> Spectrum:
    """With the prediction, where there is one."""
    step = run.step
    initial = bulk_density(step.activation, [1.0], phi=step.phi, psi=step.psi).edge * step.width**0.5
    try:
        with representable():
            theory = spike_spectrum(step.target, step.activation, **step.sizes)
    except ProblemError as reason:
        return Spectrum(run, None, initial, initial, f"no spikes predicted: {reason}")
    return Spectrum(run, theory, theory.edge, initial, None)


def shown(value: Cell) -> str:
    """A median, with its interval where there are replicas enough for one."""
    if not np.isfinite([value.low, value.high]).all():
        return f"{value.estimate:.4g}"
    return f"{value.estimate:.4g} [{value.low:.4g}, {value.high:.4g}]"
