"""The report: one HTML file that needs nothing else, neither network nor scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ...catalogue import claims as shipped
from ...claim import Claim
from ...verdict import Status, Verdict
from .entry import Entry, gap
from .mathematics import mathematics
from .numbers import interval, number

_PAPER = re.compile(r"\barXiv (\d{4}\.\d{4,5})\b")
TEMPLATES = Path(__file__).parent / "templates"
MARKS = {Status.AGREE: "✓", Status.DISAGREE: "✗", Status.INCONCLUSIVE: "?", Status.POWERLESS: "∅"}


def render(verdicts: Sequence[Verdict], claims: Iterable[Claim] = ()) -> str:
    """The page for `verdicts`, in their order.

    claims: those of your own, beside the shipped ones, whose statements are to be shown. A verdict on a claim that is
    known neither here nor there is shown with what its record holds. The same verdicts give the same page.
    """
    known = {claim.id: claim for claim in (*shipped(), *claims)}
    entries = [Entry(verdict, known.get(verdict.claim)) for verdict in verdicts]
    counts = Counter(verdict.status for verdict in verdicts)
    style, script = (TEMPLATES.joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return _environment().get_template("page.html").render(
        entries=entries,
        counts=[(status, counts[status]) for status in Status if counts[status] or status is Status.AGREE],
        groups=sorted({verdict.group for verdict in verdicts}),
        papers=sorted({paper for entry in entries for paper in entry.papers}),
        foils=sum(len(entry.foils) for entry in entries),
        dead=sum(entry.dead for entry in entries),
        alpha=sum(verdict.alpha for verdict in verdicts),
        seconds=sum(verdict.seconds for verdict in verdicts),
        version=_version(),
        style=Markup(style),
        script=Markup(script),
        digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )  # fmt: skip


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    found.filters |= {
        "math": mathematics, "linked": linked, "num": number, "interval": interval, "percent": percent,
        "seconds": seconds, "gap": gap, "mark": lambda status: MARKS[status],
    }  # fmt: skip
    return found


def linked(text: str) -> Markup:
    """Prose with formulas, and links to the papers that it names."""
    link = r'<a href="https://arxiv.org/abs/\1" rel="noreferrer">arXiv \1</a>'
    return Markup(_PAPER.sub(link, str(mathematics(text))))


def percent(share: float) -> str:
    """Of a tolerance; beyond ten times it nobody counts."""
    return f"{100 * share:.0f} %" if isfinite(share) and share < 10 else "> 999 %"


def seconds(value: float) -> str:
    """Seconds, or minutes, or hours."""
    if value < 90:
        return f"{value:.1f} s"
    return f"{value / 60:.1f} min" if value < 5400 else f"{value / 3600:.1f} h"


def _version() -> str:
    try:
        return version("giantstep")
    except PackageNotFoundError:
        return "from source"
