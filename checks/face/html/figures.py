"""The figures of a report, as SVG that takes its colours and its type from the page around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from itertools import groupby
from math import ceil, floor, isfinite, log10
from textwrap import fill
from typing import Any, NamedTuple

from markupsafe import Markup

from ...verdict import ComponentRecord, Interval, Status
from .numbers import interval, number
from .slopes import Ladder

WIDTH = 4.6  # inches: on a phone, text is then about as large as on paper
EDGE = 1.6  # where the axis of discrepancies ends, in tolerances
COLOURS = {  # what matplotlib is told: what the page makes of it
    "#010101": "var(--ink)", "#020202": "var(--muted)", "#030303": "var(--rule)", "#040404": "var(--region)",
    "#050505": "var(--allowance)", "#060606": "var(--measured)", "#070707": "var(--bad)", "#080808": "var(--card)",
}  # fmt: skip
INK, MUTED, RULE, REGION, ALLOWANCE, MEASURED, BAD, CARD = COLOURS
STYLE = {
    "svg.fonttype": "none", "font.size": 8, "text.color": INK, "axes.edgecolor": RULE, "axes.labelcolor": MUTED,
    "xtick.color": MUTED, "ytick.color": MUTED, "axes.linewidth": 0.6, "axes.spines.top": False,
    "axes.spines.right": False, "path.simplify": True, "text.parse_math": False,
}  # fmt: skip


def discrepancies(records: Sequence[ComponentRecord], title: str, name: str) -> Markup:
    """Measured - predicted of every component in units of its tolerance bias + margin, which AGREE must stay within.

    A thin line is the interval that decides, a thick one that at 95 %, a dot the estimate; the darker band is the
    allowance for finite size; on the right, in the component's own unit, the interval and the prediction. An end beyond
    the axis is an arrow. title: the text alternative; name: unique in a page.
    """
    rows = list(_rows(records))
    height = 0.29 * rows[-1].bottom + 0.5
    with _svg(title, name, (WIDTH, height)) as (figure, made):
        axes = figure.add_axes((0.02, 0.36 / height, 0.96, 1 - 0.38 / height))
        axes.axvspan(-1, 1, color=REGION, linewidth=0)
        for row in rows:
            axes.text(row.left, row.top, row.label, va="top", fontsize=8.5, linespacing=1.05, weight=row.weight)
            if row.record is not None:
                ends, predicted = interval(row.record.interval, 3), number(row.record.prediction, 3)
                axes.text(
                    EDGE, row.top + 0.04, f"{ends} for {predicted}", va="top", ha="right", fontsize=7, color=MUTED
                )
                _bar(axes, row.record, row.bottom - 0.42)
        axes.set(xlim=(-EDGE, EDGE), ylim=(rows[-1].bottom + 0.1, 0), yticks=[], xticks=[-1, 0, 1])
        axes.set_xticklabels(["\N{MINUS SIGN} tolerance", "predicted", "+ tolerance"])
        axes.spines["left"].set_visible(False)
        axes.tick_params(length=2, width=0.6)
    return made()


class _Row(NamedTuple):
    """A component, or the heading of several; left in tolerances, top and bottom in lines."""

    left: float
    label: str
    record: ComponentRecord | None
    top: float
    bottom: float

    @property
    def weight(self) -> int:
        return 400 if self.record else 700


def _rows(records: Sequence[ComponentRecord]) -> Iterator[_Row]:
    """Components one below the other; neighbours whose names begin alike, up to a colon, share a heading."""
    bottom = 0.0
    for head, members in groupby(records, key=lambda record: record.name.partition(": ")[0]):
        group = list(members)
        if together := len(group) > 1 and all(": " in record.name for record in group):
            label = _fill(head, 64)
            yield _Row(-EDGE, label, None, bottom + 0.15, bottom := bottom + 1.1 + 0.55 * label.count("\n"))
        for record in group:
            label = _fill(record.name.partition(": ")[2] if together else record.name, 46)
            yield _Row(
                -EDGE + 0.07 * together, label, record, bottom, bottom := bottom + 1.2 + 0.55 * label.count("\n")
            )


def _bar(axes: Any, record: ComponentRecord, middle: float) -> None:
    tolerance = record.bias + record.margin
    share = record.bias / tolerance
    axes.fill_between([-share, share], middle - 0.22, middle + 0.22, color=ALLOWANCE, linewidth=0)
    axes.plot([0, 0], [middle - 0.27, middle + 0.27], color=INK, linewidth=0.9)
    colour = MEASURED if record.status is Status.AGREE else BAD
    for ends, width in ((record.interval, 1.0), (record.interval_95, 3.2)):
        lo, hi = ((end - record.prediction) / tolerance for end in (ends.lo, ends.hi))
        axes.plot(_clipped(lo, hi), [middle, middle], color=colour, linewidth=width, solid_capstyle="butt")
    for end, side in ((record.interval.lo, -1), (record.interval.hi, 1)):
        _end(axes, (end - record.prediction) / tolerance, middle, side, colour)
    estimate = (record.estimate - record.prediction) / tolerance
    if abs(estimate) < EDGE:
        axes.plot([estimate], [middle], "o", color=colour, markersize=4.6, markeredgecolor=CARD, markeredgewidth=0.8)


def _end(axes: Any, end: float, middle: float, side: int, colour: str) -> None:
    """A cap, or beyond the axis an arrow."""
    if abs(end) < EDGE:
        axes.plot([end, end], [middle - 0.14, middle + 0.14], color=colour, linewidth=1)
    else:
        marker = ">" if end > 0 else "<"
        axes.plot([0.985 * EDGE * (1 if end > 0 else -1)], [middle], marker, color=colour, markersize=4)


def _clipped(lo: float, hi: float) -> list[float]:
    return [min(max(end, -EDGE), EDGE) for end in (lo, hi)]


def ladders(found: Sequence[Ladder], title: str, name: str) -> Markup:
    """Medians against size on logarithmic axes, a panel for each series; dashed, the slope that theory predicts."""
    columns = 2 if len(found) <= 6 else 3
    rows = -(-len(found) // columns)
    with _svg(title, name, (WIDTH, (1.55 if columns == 2 else 1.35) * rows)) as (figure, made):
        panels = figure.subplots(rows, columns, squeeze=False).ravel()
        for panel, ladder in zip(panels, found, strict=False):
            _panel(panel, ladder, 33 if columns == 2 else 21)
        for panel in panels[len(found) :]:
            panel.set_axis_off()
        figure.tight_layout(pad=0.3, h_pad=0.9, w_pad=1.0)
    return made()


def _panel(axes: Any, ladder: Ladder, width: int) -> None:
    rungs = [rung for rung in ladder.rungs if rung.median > 0 and isfinite(rung.median)]
    axes.set(xscale="log", yscale="log")
    axes.set_title(_fill(ladder.name, width), fontsize=7.5, loc="left", color=INK)
    if rungs:
        x, y = [rung.x for rung in rungs], [rung.median for rung in rungs]
        ends = [_positive(rung.interval, rung.median) for rung in rungs]
        below, above = ([abs(end[i] - m) for end, m in zip(ends, y, strict=True)] for i in (0, 1))
        for part in ladder.stretches:
            start = next((r for r in rungs if r.x == part.low), None)
            if start is not None:
                axes.plot(
                    [part.low, part.high], [start.median, start.median * (part.high / part.low) ** part.predicted],
                    "--", color=INK, linewidth=0.8,
                )  # fmt: skip
        axes.errorbar(x, y, (below, above), fmt="o", color=MEASURED, markersize=3, linewidth=1, capsize=1.5)
        room = 1.6 if max(y) > 3 * min(y) else 3.0
        limits = min(end[0] for end in ends) / room, max(end[1] for end in ends) * room
        ticks = _ticks(*limits)
        axes.set_ylim(*limits)
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=7)
    axes.set_xticks([r.x for r in ladder.rungs], [f"{r.x:g}" for r in ladder.rungs], fontsize=7)
    axes.minorticks_off()
    axes.tick_params(length=2, width=0.6)


def _ticks(low: float, high: float) -> list[float]:
    """Two to five round numbers on a logarithmic axis."""
    decades = range(floor(log10(low)), ceil(log10(high)) + 1)
    for digits in ((1,), (1, 3), (1, 2, 5)):
        found = [digit * 10.0**power for power in decades for digit in digits if low <= digit * 10.0**power <= high]
        if len(found) >= 2:
            break
    return found[:: -(-len(found) // 5)] if found else []


def _positive(ends: Interval, median: float) -> tuple[float, float]:
    """Its ends where they can be drawn on a logarithmic axis."""
    lo = ends.lo if ends.lo > 0 and isfinite(ends.lo) else median / 10
    return lo, ends.hi if isfinite(ends.hi) else median * 10


def _fill(text: str, width: int) -> str:
    """In lines of this many characters; none ends within "d = 64"."""
    return fill(text.replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"), width)


@contextmanager
def _svg(title: str, name: str, size: tuple[float, float]) -> Iterator[tuple[Any, Any]]:
    """A figure of this size in inches, and what to call afterwards for its SVG."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE | {"svg.hashsalt": name}):
        figure = Figure(figsize=size)
        FigureCanvasSVG(figure)
        figure.patch.set_visible(False)
        drawn = StringIO()

        def made() -> Markup:
            return _for_a_page(drawn.getvalue(), title, name)

        yield figure, made
        for axes in figure.axes:
            axes.patch.set_visible(False)
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})


def _for_a_page(svg: str, title: str, name: str) -> Markup:
    """Inline SVG: ids of its own, the page's colours and type, a text alternative. Text in it is escaped already."""
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r'id="([^"]+)"', rf'id="{name}-\1"', body)
    body = re.sub(r'((?:xlink:)?href="|url\()#', rf"\1#{name}-", body).replace("xlink:href", "href")
    body = re.sub(r"font-family:[^;\"]*;? ?|(font: [\d.]+px)[^;\"]*", r"\1", body)
    for told, made in COLOURS.items():
        body = body.replace(told, made)
    body = re.sub(r"\s*\n\s*", "\n", body)
    box = re.search(r'viewBox="([^"]+)"', svg)
    head = Markup('<svg role="img" viewBox="{}" aria-labelledby="{}-title"><title id="{}-title">{}</title>')
    return head.format(box.group(1) if box else "", name, name, title) + Markup(body)
