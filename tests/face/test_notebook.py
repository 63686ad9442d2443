"""What notebooks show of results: formulas and small tables, every word escaped."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from checks.verdict import ComponentRecord, Interval, Status, Verdict
from theory import Regime, Setting, Student, Target, predict, staircase

SHORT = 4000  # characters


class Table(HTMLParser):
    """The cells of a table, row by row, and its caption; complains of a tag left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.caption, self.rows, self.open = "", [[]], []
        self.feed(text)
        assert not self.open
        self.rows = [row for row in self.rows if row]

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag in {"table", "caption", "thead", "tbody", "tr", "th", "td"}
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1] == "caption":
            self.caption += data
        else:
            self.rows[-1].append(data)


def test_a_target_is_a_formula() -> None:
    assert Target("z1 + z1*z2/2")._repr_latex_() == r"$\displaystyle f^*(z) = \frac{z_{1} z_{2}}{2} + z_{1}$"
    assert Target("z1", noise=0.5)._repr_latex_() == r"$\displaystyle f^*(z) = z_{1},\quad y = f^*(z) + 0.5\,\xi$"
    many = Target({(i, j): 1 for i in range(8) for j in range(8)})
    assert many._repr_latex_() == r"$\displaystyle f^*(z) = \text{64 terms of degree 14}$"


def test_a_staircase_shows_what_each_step_adds() -> None:
    table = Table(staircase("z1 + z1*z2 + He2(z3)")._repr_html_())
    assert table.rows[1:] == [["0", "0", "-"], ["1", "1", "z1"], ["2", "2", "z2"]]
    assert table.caption.startswith("staircase, stuck: f* is unchanged by")


def test_a_prediction_shows_its_main_facts_and_is_small() -> None:
    setting = Setting(Target("z1 + z1*z2"), Student("relu", 4), Regime(d=64, n="2*d", eta="p", steps=2))
    text = predict(setting)._repr_html_()
    facts = dict(Table(text).rows)
    assert facts["leap index"] == "1"
    assert facts["staircase of this student"] == "0 -> 1 -> 2 (complete)"
    assert facts["learned after 2 steps"] == "z1, z2"
    assert facts["error floor, kappa = 1"] == "0"
    assert len(text) < SHORT


@pytest.fixture
def verdict() -> Verdict:
    record = ComponentRecord(
        "<b>slope</b>", Status.AGREE, 0.51, Interval(0.5, 0.52), 0.5, 0.05, 0.01, 1e-5, Interval(0.505, 0.515)
    )
    return Verdict(
        "mine/<script>", "mine", Status.AGREE, 0.51, Interval(0.5, 0.52), 0.5, 0.05, 0.01, 1e-5, 0.99, 100, (64,), 7,
        1.0, (), (record,), (("off by one", Status.DISAGREE), ("doubled", Status.AGREE)), "giantstep verify mine",
    )  # fmt: skip


def test_a_verdict_shows_its_components_and_escapes_names(verdict: Verdict) -> None:
    text = verdict._repr_html_()
    table = Table(text)
    assert "<script" not in text
    assert "<b>" not in text
    assert table.rows[1] == ["<b>slope</b>", "AGREE", "0.51 [0.5, 0.52]", "0.5", "0.05", "0.01"]
    told = "mine/<script>: AGREE; 1 of 2 wrong theories and simulators refuted, alpha = 1e-05, 100 replicas, seed 7"
    assert table.caption == told


def test_long_words_are_cut(verdict: Verdict) -> None:
    assert len(replace(verdict, claim="x" * 10**5)._repr_html_()) < SHORT
