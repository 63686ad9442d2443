"""How a verdict looks in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from theory.notebook import html_table

from .decide import Status

if TYPE_CHECKING:
    from .verdict import Verdict


def verdict_html(verdict: Verdict) -> str:
    """Its components with their intervals, the fate of its foils, and how to see it again."""
    rows = [
        (
            record.name,
            str(record.status),
            f"{record.estimate:.4g} [{record.interval.lo:.4g}, {record.interval.hi:.4g}]",
            f"{record.prediction:.4g}",
            f"{record.margin:.4g}",
            f"{record.bias:.4g}",
        )
        for record in verdict.components
    ]
    dead = sum(status is Status.DISAGREE for _, status in verdict.foils)
    caption = (
        f"{verdict.claim}: {verdict.status}; {dead} of {len(verdict.foils)} wrong theories and simulators refuted, "
        f"alpha = {verdict.alpha:.3g}, {verdict.n} replicas, seed {verdict.seed}"
    )
    return html_table(caption, ("", "status", "estimate [interval]", "prediction", "margin", "bias"), rows)
