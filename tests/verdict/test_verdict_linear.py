"""Slopes and limits over a ladder of dimensions."""

from collections.abc import Callable
from itertools import product
from math import inf, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.verdict import Interval, limit_weights, slope_interval, slope_weights
from theory.problem import ProblemError

EVERYTHING = Interval(-inf, inf)
ends = st.tuples(st.floats(-10, 10), st.floats(0, 5)).map(lambda pair: Interval(pair[0], pair[0] + pair[1]))


@given(st.lists(ends, min_size=2, max_size=5))
def test_slopes_are_exactly_those_of_the_corners(box: list[Interval]) -> None:
    """A linear function on a box is extreme at corners; polyfit fits each of them independently.

    All numbers are below 15 and abscissae one apart, so double rounding stays far below 1e-9.
    """
    x = np.arange(len(box), dtype=float)
    slopes = [np.polyfit(x, corner, 1)[0] for corner in product(*((side.lo, side.hi) for side in box))]
    overall, local = slope_interval(x, box)
    assert (overall.lo, overall.hi) == pytest.approx((min(slopes), max(slopes)), abs=1e-9)
    assert len(local) == len(box) - 1
    for rung, below, above in zip(local, box, box[1:], strict=False):
        assert (rung.lo, rung.hi) == pytest.approx((above.lo - below.hi, above.hi - below.lo), abs=1e-9)


def test_a_power_law_has_its_slope() -> None:
    x = [log(d) for d in (64, 256, 512, 4096)]
    overall, local = slope_interval(x, [Interval(1.5 * value, 1.5 * value) for value in x])
    assert (overall.lo, overall.hi) == pytest.approx((1.5, 1.5), rel=1e-12)
    assert [rung.lo for rung in local] == pytest.approx([1.5] * 3, rel=1e-12)


def test_censored_medians_leave_a_slope_open() -> None:
    """An upper end beyond the horizon bounds the slope on one side; a censored median bounds nothing."""
    box = [Interval(0, 1), Interval(1, 2), Interval(2, inf)]
    overall, local = slope_interval([0, 1, 2], box)
    assert overall == Interval(0.5, inf)
    assert local == (Interval(0, 2), Interval(0, inf))
    assert slope_interval([0, 1, 2], [*box[:2], Interval(inf, inf)]).overall == EVERYTHING
    # The middle of three has weight 0 in the overall slope: whatever it is, it does not matter there.
    box[1] = Interval(inf, inf)
    assert slope_interval([0, 1, 2], [Interval(0, 0), box[1], Interval(2, 2)]).overall == Interval(1, 1)


@given(st.floats(-5, 5), st.floats(-5, 5), st.sampled_from([0.5, 1.0, 2.0]), st.integers(2, 6))
def test_limit_is_exact_for_the_declared_order(value: float, slope: float, order: float, rungs: int) -> None:
    """v + C d^-q gives back v. Weights reach about 10 and values 10: rounding stays below 1e-11."""
    dims = [32 * 2**j for j in range(rungs)]
    weights = limit_weights(dims, order)
    assert weights @ np.array([value + slope * d**-order for d in dims]) == pytest.approx(value, abs=1e-11)


def test_limit_with_two_dimensions_is_richardson() -> None:
    assert limit_weights([50, 100], 1) == pytest.approx([-1, 2], rel=1e-12)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: slope_weights([1.0]),
        lambda: slope_weights([1.0, 1.0]),
        lambda: slope_weights([1.0, inf]),
        lambda: limit_weights([1, 2], 0),
    ],
)
def test_bad_ladders_are_refused(bad: Callable[[], object]) -> None:
    with pytest.raises(ProblemError):
        bad()
