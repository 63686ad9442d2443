"""Realised coverage of every interval, exact wherever the law is a finite sum."""

from collections.abc import Callable
from fractions import Fraction
from math import comb, inf, log, nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rates import assert_rate_at_most
from scipy.special import expit
from scipy.stats import binom, ks_2samp, kstest, kstwo

from checks.verdict import (
    Interval,
    clopper_pearson,
    empirical_bernstein,
    law_distance,
    law_interval,
    median_interval,
    sample_median,
)
from theory.problem import ProblemError

ALPHAS = (0.3, 0.05, 1e-3, 1e-7)
# A binomial sum of scipy.stats carries a relative error of about 1e-13 an outcome; this covers all of them.
ROUNDING = 1e-10

samples = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=60)
alphas = st.floats(1e-9, 0.9)
rows = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=60)  # scipy warns at one sample against one


@pytest.mark.parametrize("n", [1, 2, 3, 8, 25, 60, 151])
@pytest.mark.parametrize("alpha", ALPHAS)
def test_median_coverage_is_exact_and_could_not_be_tighter(n: int, alpha: float) -> None:
    """With samples 1..n in order, a median has k samples below it with probability C(n, k) / 2^n."""
    interval = median_interval(np.arange(1, n + 1), alpha)
    missed = sum(Fraction(comb(n, k), 2**n) for k in range(n + 1) if k + 0.5 not in interval)
    assert missed <= Fraction(alpha)
    inner = [k for k in range(n + 1) if interval.lo + 1 < k + 0.5 < interval.hi - 1]
    if interval.lo > -inf:
        assert 1 - sum(Fraction(comb(n, k), 2**n) for k in inner) > Fraction(alpha)
    else:
        assert Fraction(2, 2**n) > Fraction(alpha)


@pytest.mark.parametrize(("p", "medians"), [(0.5, (0, 1)), (0.6, (1,)), (0.2, (0,))])
@pytest.mark.parametrize("alpha", ALPHAS)
def test_median_covers_with_atoms(p: float, medians: tuple[int, ...], alpha: float) -> None:
    """On {0, 1} every sample is tied with another; each of the medians is covered all the same."""
    n = 40
    for median in medians:
        covered = sum(
            binom.pmf(k, n, p)
            for k in range(n + 1)
            if median in median_interval(np.repeat([0.0, 1.0], [n - k, k]), alpha)
        )
        assert covered >= 1 - alpha - ROUNDING


def test_median_keeps_censored_runs() -> None:
    """Dropping the censored half of a sample would move the interval; keeping it gives an infinite end."""
    times = np.concatenate([np.arange(1.0, 31.0), np.full(30, inf)])
    interval = median_interval(times, 0.05)
    assert 20 < interval.lo < 30
    assert interval.hi == inf
    assert median_interval(np.full(60, inf), 0.05) == Interval(inf, inf)
    assert sample_median(times) == 30
    assert sample_median([-inf, inf]) == -inf


@pytest.mark.parametrize("n", [1, 2, 7, 40, 200])
@pytest.mark.parametrize("alpha", ALPHAS)
def test_clopper_pearson_coverage(n: int, alpha: float) -> None:
    """Each side misses with at most alpha/2 at every p, just beside every end (the worst cases) included."""
    ends = [clopper_pearson(k, n, alpha) for k in range(n + 1)]
    lows, highs = np.array([e.lo for e in ends]), np.array([e.hi for e in ends])
    edges = np.concatenate([lows, highs])
    grid = np.clip(np.concatenate([np.linspace(0, 1, 101), edges * (1 - 1e-9), edges * (1 + 1e-9)]), 0, 1)
    law = binom.pmf(np.arange(n + 1), n, grid[:, None])
    assert np.max(np.sum(law * (highs < grid[:, None]), axis=1)) <= alpha / 2 + ROUNDING
    assert np.max(np.sum(law * (lows > grid[:, None]), axis=1)) <= alpha / 2 + ROUNDING


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (10, 10), (700, 1000)])
@pytest.mark.parametrize("alpha", [0.05, 1e-7, 1e-20])
def test_clopper_pearson_solves_its_equations(k: int, n: int, alpha: float) -> None:
    """P(K >= k) = alpha/2 at the lower end and P(K <= k) = alpha/2 at the upper, also where 1 - alpha is 1.

    The tails move by up to n^2 / (1 - end) relative rounding errors of an end: 1e-7 is far above that.
    """
    interval = clopper_pearson(k, n, alpha)
    if k:
        assert binom.sf(k - 1, n, interval.lo) == pytest.approx(alpha / 2, rel=1e-7)
    if k < n:
        assert binom.cdf(k, n, interval.hi) == pytest.approx(alpha / 2, rel=1e-7)


@pytest.mark.parametrize("n", [2, 10, 100, 400])
@pytest.mark.parametrize("alpha", ALPHAS)
def test_empirical_bernstein_coverage(n: int, alpha: float) -> None:
    """Exact over all outcomes of n coin flips worth -1 or 3, for a grid of biased coins."""
    for p in (1e-3, 0.02, 0.1, 0.5, 0.93):
        missed = sum(
            binom.pmf(k, n, p)
            for k in range(n + 1)
            if -1 + 4 * p not in empirical_bernstein(np.repeat([-1.0, 3.0], [n - k, k]), alpha, -1, 3)
        )
        assert missed <= alpha + ROUNDING


def test_empirical_bernstein_is_the_published_bound() -> None:
    """arXiv 0907.3740, theorem 4, delta = alpha/2 on each side, worked out for 500 zeros and 500 ones."""
    interval = empirical_bernstein(np.repeat([0.0, 1.0], 500), 0.1, 0, 1)
    radius = sqrt(2 * (250 / 999) * log(40) / 1000) + 7 * log(40) / (3 * 999)
    assert (interval.lo, interval.hi) == pytest.approx((0.5 - radius, 0.5 + radius), rel=1e-12)
    assert empirical_bernstein([0.2], 0.1, 0, 1) == Interval(0, 1)


@pytest.mark.parametrize("n", [5, 50, 500])
@pytest.mark.parametrize("alpha", [0.05, 1e-3, 1e-7])
def test_law_interval_against_a_cdf(n: int, alpha: float) -> None:
    """Under the null the law of the distance is known: the lower end leaves 0 at most at rate alpha."""
    radius = 1 - law_interval(np.zeros(n), lambda x: x, alpha).lo  # these samples are at distance 1
    level = kstwo.sf(radius, n)
    assert level <= alpha
    assert level > alpha / 3 or n < 500 or alpha < 1e-3  # Massart's constant cannot be improved


def test_law_interval_of_two_samples() -> None:
    """Uniform laws a quarter apart have distance 1/4; coverage over 2000 pairs of samples."""
    rng = np.random.default_rng(20)
    alpha, trials = 0.2, 2000
    missed = 0
    for x, y in zip(rng.random((trials, 60)), rng.random((trials, 90)) + 0.25, strict=True):
        missed += 0.25 not in law_interval(x, y, alpha)
    assert_rate_at_most(alpha, missed, trials)
    width = law_interval([0.0] * 60, [1.0] * 90, alpha)
    assert width.lo == pytest.approx(1 - sqrt(log(20) / 120) - sqrt(log(20) / 180), rel=1e-12)


@given(rows, rows)
def test_law_distance_agrees_with_scipy(x: list[float], y: list[float]) -> None:
    """Same statistic, ties included; both are differences of fractions, so rounding stays below 1e-12."""
    assert law_distance(x, y) == pytest.approx(ks_2samp(x, y, method="asymp").statistic, abs=1e-12)

    def cdf(values: np.ndarray) -> np.ndarray:
        return 0.5 + np.arctan(values) / np.pi

    assert law_distance(x, cdf) == pytest.approx(kstest(x, cdf, method="exact").statistic, abs=1e-12)


@given(samples, alphas, alphas)
def test_less_error_means_a_wider_interval(values: list[float], one: float, other: float) -> None:
    """The interval at the smaller alpha contains the interval at the larger, for each kind."""
    less, more = sorted((one, other))
    hits = sum(value > 0 for value in values)
    for interval in (
        lambda alpha: median_interval(values, alpha),
        lambda alpha: empirical_bernstein(values, alpha, -1e3, 1e3),
        lambda alpha: clopper_pearson(hits, len(values), alpha),
        lambda alpha: law_interval(values, expit, alpha),
        lambda alpha: law_interval(values, [0.0, 1.0], alpha),
    ):
        wide, narrow = interval(less), interval(more)
        assert wide.lo <= narrow.lo
        assert narrow.hi <= wide.hi


@given(samples, alphas, st.integers(-5, 5), st.integers(-1000, 1000))
def test_equivariance(values: list[float], alpha: float, power: int, shift: int) -> None:
    """Intervals follow a change of unit exactly (powers of two), and a shift up to rounding."""
    scale, data = 2.0**power, np.array(values)
    median = median_interval(data, alpha)
    assert median_interval(scale * data, alpha) == Interval(scale * median.lo, scale * median.hi)
    assert median_interval(data + shift, alpha) == Interval(median.lo + shift, median.hi + shift)
    flipped = median_interval(-data, alpha)
    assert (-flipped.hi, -flipped.lo) == (median.lo, median.hi)
    mean = empirical_bernstein(data, alpha, -1e3, 1e3)
    scaled = empirical_bernstein(scale * data, alpha, -1e3 * scale, 1e3 * scale)
    assert (scaled.lo, scaled.hi) == pytest.approx((scale * mean.lo, scale * mean.hi), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: median_interval([1.0, nan], 0.1),
        lambda: median_interval([], 0.1),
        lambda: median_interval([[1.0]], 0.1),
        lambda: median_interval([1.0], 0.0),
        lambda: median_interval([1.0], 1.0),
        lambda: median_interval([1.0], nan),
        lambda: clopper_pearson(3, 2, 0.1),
        lambda: clopper_pearson(0, 0, 0.1),
        lambda: empirical_bernstein([0.5, 1.1], 0.1, 0, 1),
        lambda: empirical_bernstein([-0.1], 0.1, 0, 1),
        lambda: empirical_bernstein([nan], 0.1, 0, 1),
        lambda: empirical_bernstein([0.0], 0.1, 0, 0),
        lambda: law_interval([nan], lambda x: x, 0.1),
        lambda: law_interval([2.0], lambda x: x, 0.1),
        lambda: Interval(1.0, 0.0),
        lambda: Interval(nan, 0.0),
    ],
)
def test_bad_input_is_one_clear_error(bad: Callable[[], object]) -> None:
    with pytest.raises(ProblemError):
        bad()
