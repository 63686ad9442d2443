"""Statistics add up exactly, in any order."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.campaign import Moments, Samples
from checks.verdict import sample_median
from theory import ProblemError

finite = st.floats(allow_nan=False, allow_infinity=False)
values = st.lists(finite, max_size=12)


@given(values, values, values)
def test_addition_is_associative_commutative_and_the_whole_is_its_parts(one, two, three):
    for kind in (Moments, Samples):
        a, b, c = kind.of(one), kind.of(two), kind.of(three)
        assert (a + b) + c == a + (b + c) == c + (b + a) == kind.of([*three, *one, *two])


@given(st.lists(finite, min_size=1, max_size=12))
def test_mean_is_the_exact_mean_rounded_once(numbers):
    exact = sum(map(Fraction, numbers)) / len(numbers)
    assert Moments.of(numbers).mean == float(exact)


@given(st.lists(st.floats(-1e100, 1e100), min_size=2, max_size=12))
def test_variance_is_the_exact_variance_rounded_once(numbers):
    exact = [Fraction(number) for number in numbers]
    mean = sum(exact) / len(exact)
    variance = sum((number - mean) ** 2 for number in exact) / (len(exact) - 1)
    assert Moments.of(numbers).variance == float(variance)


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=12))
def test_median_is_the_one_that_verdicts_use(numbers):
    assert Samples.of(numbers).median == sample_median(numbers)


def test_small_and_large_numbers_do_not_swallow_each_other():
    assert Moments.of([1e300, 5e-324, -1e300]).total == Moments.of([5e-324]).total == 1


def test_nothing_has_no_mean_and_one_no_variance():
    assert all(map(math.isnan, [Moments().mean, Moments().standard_error, Moments.of([1.0]).variance]))
    assert math.isnan(Samples.of([]).median)
    assert len(Samples.of(np.ones((2, 3)))) == Moments.of(np.ones((2, 3))).count == 6


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_cannot_be_added_is_refused(bad):
    with pytest.raises(ProblemError, match="finite"):
        Moments.of([1.0, bad])


def test_a_sample_that_is_no_number_is_refused_and_a_censored_one_sorts_last():
    with pytest.raises(ProblemError, match="NaN"):
        Samples.of([math.nan])
    assert Samples.of([math.inf, 1.0]).values.tolist() == [1.0, math.inf]
