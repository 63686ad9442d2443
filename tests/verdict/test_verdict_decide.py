"""The interval rule says what its table says."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.verdict import Decision, Interval, Status, combine, decide

AGREE, DISAGREE, INCONCLUSIVE = Status.AGREE, Status.DISAGREE, Status.INCONCLUSIVE

# Eighths are exact in binary, so that ends meet edges exactly as often as they lie off them.
eighths = st.integers(-40, 40).map(lambda i: i / 8)
intervals = st.tuples(eighths | st.just(-inf), eighths | st.just(inf)).map(lambda pair: Interval(min(pair), max(pair)))
margins = st.integers(1, 16).map(lambda i: i / 8)
biases = st.integers(0, 16).map(lambda i: i / 8)


@pytest.mark.parametrize(
    ("lo", "hi", "early", "late"),
    [  # margin 1, bias 0.5
        (-0.2, 0.3, Decision(AGREE), Decision(AGREE)),
        (-1.4, 1.4, Decision(AGREE), Decision(AGREE)),
        (0.6, 1.4, Decision(AGREE, True), Decision(AGREE, True)),
        (-1.4, -0.6, Decision(AGREE, True), Decision(AGREE, True)),
        (0.5, 1.4, Decision(AGREE), Decision(AGREE)),
        (0.6, 1.5, Decision(INCONCLUSIVE), Decision(DISAGREE)),
        (-9.0, -0.6, Decision(INCONCLUSIVE), Decision(DISAGREE)),
        (1.5, 2.0, Decision(DISAGREE), Decision(DISAGREE)),
        (-inf, -1.5, Decision(DISAGREE), Decision(DISAGREE)),
        (inf, inf, Decision(DISAGREE), Decision(DISAGREE)),
        (0.5, 1.5, Decision(INCONCLUSIVE), Decision(INCONCLUSIVE)),
        (-inf, inf, Decision(INCONCLUSIVE), Decision(INCONCLUSIVE)),
    ],
)
def test_table(lo: float, hi: float, early: Decision, late: Decision) -> None:
    assert decide(Interval(lo, hi), 1.0, 0.5, final=False) == early
    assert decide(Interval(lo, hi), 1.0, 0.5, final=True) == late


@given(intervals, margins, biases, st.booleans(), eighths)
def test_no_wrong_verdict_while_the_interval_covers(
    interval: Interval, margin: float, bias: float, final: bool, truth: float
) -> None:
    """Whatever the truth in it, the interval never denies it: this is all that the level rests on."""
    status = decide(interval, margin, bias, final).status
    assert status in (AGREE, DISAGREE, INCONCLUSIVE)
    if truth in interval and abs(truth) >= bias + margin:
        assert status is not AGREE
    if truth in interval and abs(truth) <= bias:
        assert status is not DISAGREE


@given(intervals, margins, biases, eighths)
def test_an_interval_within_the_margin_of_the_truth_decides(
    interval: Interval, margin: float, bias: float, truth: float
) -> None:
    """What power rests on: covering, with both ends less than the margin away, leaves nothing open."""
    if truth in interval and truth - interval.lo < margin and interval.hi - truth < margin:
        status = decide(interval, margin, bias, final=True).status
        if abs(truth) <= bias:
            assert status is AGREE
        if abs(truth) >= bias + margin:
            assert status is DISAGREE


@given(intervals, intervals, margins, biases, st.booleans())
def test_narrowing_and_waiting_are_consistent(
    wide: Interval, other: Interval, margin: float, bias: float, final: bool
) -> None:
    early, late = (decide(wide, margin, bias, final=last).status for last in (False, True))
    assert early in (late, INCONCLUSIVE)
    lo, hi = max(wide.lo, other.lo), min(wide.hi, other.hi)
    if lo <= hi and early is not INCONCLUSIVE:
        assert decide(Interval(lo, hi), margin, bias, final).status is early


@given(intervals, margins, biases, st.booleans(), st.integers(-5, 5))
def test_sign_and_unit_do_not_matter(interval: Interval, margin: float, bias: float, final: bool, power: int) -> None:
    unit = 2.0**power
    mirrored = Interval(-unit * interval.hi, -unit * interval.lo)
    assert decide(mirrored, unit * margin, unit * bias, final) == decide(interval, margin, bias, final)


@pytest.mark.parametrize(
    ("statuses", "whole"),
    [
        ([AGREE, AGREE], AGREE),
        ([AGREE, INCONCLUSIVE], INCONCLUSIVE),
        ([INCONCLUSIVE, DISAGREE, AGREE], DISAGREE),
        ([], INCONCLUSIVE),
    ],
)
def test_combine(statuses: list[Status], whole: Status) -> None:
    assert combine(statuses) is whole
