"""Figures of one step with a growing rate: the spectrum of its features, and what the loss falls by along the rate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from theory import ProblemError

from .canvas import BAND, GUIDE, LEARNED, REST, canvas
from .spikes_errors import Errors, GainCurves
from .spikes_spectrum import Spectrum

KINDS = ("train_loss", "test_error")
STRONG = 0.3  # kappa beyond which the crossover, of first order in kappa^2, is dotted


def spectrum_figure(spectrum: Spectrum, path: Path) -> None:
    """Written to `path`. Raises ProblemError where every run diverged."""
    with canvas(path, figsize=(5.2, 3.2)) as axes:
        draw_spectrum(axes[0, 0], spectrum)


def draw_spectrum(axes: Any, spectrum: Spectrum) -> None:
    """On given axes: a histogram over all replicas, the bulk and its edge, strokes for what is seen beyond it and
    triangles for the spikes predicted there."""
    density, edges = spectrum.histogram()
    values, limit = spectrum.bulk()
    top = 1.25 * max(limit.max(), density[1:].max())
    axes.stairs(density, edges, fill=True, color=LEARNED, alpha=0.35, label="after the step")
    axes.plot(values, limit, color=GUIDE, linewidth=1.0, label="bulk, theory")
    axes.axvline(spectrum.edge, color=GUIDE, linestyle=":", linewidth=0.9, label="its edge")
    after = spectrum.run.arrays["values"][:, 1]
    beyond = after[np.isfinite(after) & (after > spectrum.edge)]
    axes.vlines(beyond, 0, 0.05 * top, color=LEARNED, linewidth=0.8, label="singular values beyond")
    spikes = spectrum.predicted(1)
    if spikes:
        axes.plot(spikes, [0.1 * top] * len(spikes), "v", color=REST, markersize=5, label="spikes, theory")
    axes.set_ylim(0, top)
    axes.set_xlim(0, 1.06 * max([edges[-1], *spikes]))
    axes.set_xlabel("singular value of the features")
    axes.set_ylabel("density (share of n)")
    axes.legend(frameon=False, fontsize=7)


def gains_figure(found: Sequence[Errors], curves: GainCurves, path: Path) -> None:
    """Training loss and test error side by side, written to `path`. Raises ProblemError where every run diverged."""
    with canvas(path, columns=len(KINDS), figsize=(3.7 * len(KINDS), 3.3)) as axes:
        for each, name in zip(axes[0], KINDS, strict=True):
            draw_gains(each, found, curves, name)


def draw_gains(axes: Any, found: Sequence[Errors], curves: GainCurves, name: str = "test_error") -> None:
    """On given axes: one error over what it was before the step, against the rate exponent: medians with bands, the
    crossover at these sizes as a line (dotted beyond kappa = STRONG), plateaus of the limit as dashes, from threshold
    to threshold. name: of ERRORS."""
    step = found[0].run.step
    alphas = np.array([each.run.step.rate_exponent for each in found])
    values = [each.run.ratios(name) for each in found]
    low, middle, high = np.array([np.quantile(v, (BAND[0], 0.5, BAND[1]), method="lower") for v in values]).T
    if not np.isfinite(middle).any():
        raise ProblemError("every run diverged, so there is nothing to draw; a smaller prefactor may help")
    axes.fill_between(alphas, low, high, color=LEARNED, alpha=0.2, linewidth=0)
    axes.plot(alphas, middle, "o", color=LEARNED, markersize=3, label="gradient step")
    curve = curves.errors[name] / curves.before[name]
    for style, shown in (("-", np.abs(curves.kappa) <= STRONG), (":", np.abs(curves.kappa) >= _last(curves))):
        label = f"theory, n = {step.n}" if style == "-" else "_"
        axes.plot(curves.exponents[shown], curve[shown], style, color=REST, linewidth=1.1, label=label)
    for number, (first, last, gains) in enumerate(curves.steps):
        level = 1 - getattr(gains, name) / getattr(gains.before, name)
        label = "_" if number else "plateaus, n to infinity"
        axes.plot([first, last], [level, level], "--", color=GUIDE, linewidth=0.9, label=label)
    rate = "eta" if step.prefactor == 1 else f"(eta / {step.prefactor:g})"
    axes.set_xlabel(f"log {rate} / log n")
    axes.set_ylabel(f"{name.replace('_', ' ')} / before the step")
    axes.legend(frameon=False, fontsize=7)


def _last(curves: GainCurves) -> float:
    """The largest kappa that is not beyond STRONG: where the dots begin."""
    sizes = np.abs(curves.kappa)
    return float(sizes[sizes <= STRONG].max(initial=0.0))
