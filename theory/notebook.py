"""How results look in a notebook: small tables, every word in them escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import sympy

if TYPE_CHECKING:
    from .prediction import Prediction
    from .stairs import Staircase

LONGEST = 160  # characters in a cell


def html_table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """An HTML table of text; the first cell of a row is its heading. Long cells are cut."""
    top = "".join(f'<th scope="col">{_cell(head)}</th>' for head in heads)
    body = "".join(
        f'<tr><th scope="row">{_cell(first)}</th>{"".join(f"<td>{_cell(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return f"<table><caption>{_cell(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    text = str(value)
    return escape(text if len(text) <= LONGEST else text[: LONGEST - 3] + "...")


def staircase_html(stairs: Staircase) -> str:
    """Level by level: the dimension, and what is new."""
    end = "complete" if stairs.complete else f"stuck: {stairs.why_stuck}"
    caption = f"staircase, {end}{'' if stairs.certified else ' (not proven)'}"
    dimensions = stairs.dimensions
    known = (0, *dimensions)
    rows = [(t, n, directions(stairs.subspaces[t], known[t])) for t, n in enumerate(dimensions)]
    return html_table(caption, ("t", "dimension", "new directions"), rows)


def prediction_html(prediction: Prediction) -> str:
    """The main facts; everything is in `to_json`."""
    student, regime = prediction.setting.student, prediction.setting.regime
    full, own = prediction.target_staircase, prediction.student_staircase
    rows: list[tuple[object, object]] = [
        ("student", f"{student.activation.name}, p = {student.p}"),
        ("regime", f"n = {regime.n}, eta = {regime.eta}, {regime.steps} steps, batch {regime.batch}"),
        ("leap index", prediction.leap_index),
        ("staircase of the target", _climb(full)),
        ("staircase of this student", _climb(own)),
        (f"learned after {regime.steps} steps", directions(prediction.subspace, 0)),
    ]
    last = max((t for t, _ in prediction.floors), default=0)
    rows += [(f"error floor, kappa = {kappa}", f) for (t, kappa), f in prediction.floors.items() if t == last]
    rows += [("note", note) for note in prediction.notes]
    return html_table(f"prediction for {sympy.sstr(prediction.setting.target.expr)}", ("quantity", "value"), rows)


def directions(basis: Any, first: int) -> str:
    """The columns of a basis from number `first` on, as linear forms."""
    from .symmetry import direction_name

    return ", ".join(direction_name(list(basis[:, j])) for j in range(first, basis.cols)) or "-"


def _climb(stairs: Staircase) -> str:
    end = "complete" if stairs.complete else f"stuck: {stairs.why_stuck}"
    return f"{' -> '.join(map(str, stairs.dimensions))} ({end})"
