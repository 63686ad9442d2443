"""What ridge regression gains by one step, along the exponent of its rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.drawing import legend, pen
from sim.drawing.place import place
from sim.drawing.style import BAND, GUIDE, LEARNED, REST
from theory import ProblemError

from ..spikes_errors import Errors, GainCurves

KINDS = ("train_loss", "test_error")
STRONG = 0.3  # kappa beyond which the crossover, of first order in kappa^2, is dotted


def gains(found: Sequence[Errors], curves: GainCurves, kinds: Sequence[str] = KINDS, *, ax: Any = None) -> Any:
    """One error over what it was before the step against the rate exponent, a panel for each of `kinds` (of ERRORS).

    Medians over replicas with bands from 10 to 90 %, the crossover at these sizes as a line (dotted beyond kappa =
    STRONG), plateaus of the limit as dashes, from threshold to threshold. Raises ProblemError where every run diverged.
    """
    with place(ax, (3.4 * len(kinds), 2.7), columns=len(kinds)) as (home, axes):
        for each, name in zip(axes[0], kinds, strict=True):
            _panel(each, found, curves, name)
        if len(kinds) == 1:
            legend.above(axes[0, 0])
            return home
        legend.shared(home, axes[0, 0], "upper")
    return home


def _panel(axes: Any, found: Sequence[Errors], curves: GainCurves, name: str) -> None:
    step = found[0].run.step
    alphas = np.array([each.run.step.rate_exponent for each in found])
    values = [each.run.ratios(name) for each in found]
    low, middle, high = np.array([np.quantile(v, (BAND[0], 0.5, BAND[1]), method="lower") for v in values]).T
    if not np.isfinite(middle).any():
        raise ProblemError("every run diverged, so there is nothing to draw; a smaller prefactor may help")
    pen.band(axes, f"gradient step, quantiles {BAND[0]:g} to {BAND[1]:g}", alphas, low, high, LEARNED)
    pen.points(axes, "gradient step", alphas, middle, color=LEARNED, label="gradient step")
    curve = curves.errors[name] / curves.before[name]
    for style, shown in (("-", np.abs(curves.kappa) <= STRONG), (":", np.abs(curves.kappa) >= _last(curves))):
        label = rf"theory, $n={step.n}$" if style == "-" else "_"
        told = f"theory, n = {step.n}" if style == "-" else f"theory beyond kappa = {STRONG:g}"
        pen.line(axes, told, curves.exponents[shown], curve[shown], style, color=REST, label=label)
    for number, (first, last, found_there) in enumerate(curves.steps):
        level = 1 - getattr(found_there, name) / getattr(found_there.before, name)
        label = "_" if number else r"plateaus, $n\to\infty$"
        told = f"plateau {number + 1}, n to infinity"
        pen.line(axes, told, [first, last], [level, level], "--", color=GUIDE, linewidth=0.9, label=label)
    rate = r"\eta" if step.prefactor == 1 else rf"(\eta/{step.prefactor:g})"
    axes.set_xlabel(rf"$\log\,{rate}\,/\,\log n$")
    axes.set_ylabel(f"{name.replace('_', ' ')} / before the step")


def _last(curves: GainCurves) -> float:
    """The largest kappa that is not beyond STRONG: where the dots begin."""
    sizes = np.abs(curves.kappa)
    return float(sizes[sizes <= STRONG].max(initial=0.0))
