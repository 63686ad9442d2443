"""Plans invert both ways, and promise no more power than there is."""

import re
from collections.abc import Callable
from math import inf, pi, sqrt

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import binom, kstwo, norm
from sympy import Rational

from checks.verdict import (
    Combination,
    Component,
    DesignError,
    Distance,
    Exact,
    Exponent,
    Frequency,
    Interval,
    Mean,
    Median,
    Quantity,
    clopper_pearson,
    empirical_bernstein,
    first_stage,
    limit,
    median_interval,
    planned_power,
    require_power,
    samples_needed,
    smallest_discrepancy,
)
from theory.problem import ProblemError

QUANTITIES = [
    Median("x", 1.3),
    Mean("x", -1.0, 2.0, 0.4),
    Frequency("x", 0.5),
    Frequency("x", 0.02),
    Frequency("x", 1.0),
    Distance("x", "y"),
    Distance("x", lambda x: x),
    Combination((("x", 1.0), ("y", -3.0)), 0.8),
    Exponent(((32, "x"), (128, "y"), (256, "z")), 0.5),
    limit({64: "x", 128: "y", 256: "z"}, 0.5, 0.3),
]
ROUNDING = 1e-10  # of binomial sums over some hundred outcomes


def named(quantity: object) -> str:
    """The same in every process: functions are shown without their address."""
    return re.sub(" at 0x[0-9a-f]+", "", str(quantity))


@pytest.mark.parametrize("quantity", QUANTITIES, ids=named)
@pytest.mark.parametrize(("alpha", "beta"), [(0.05, 0.2), (1e-7, 1e-5)])
def test_plan_inverts_both_ways(quantity: Quantity, alpha: float, beta: float) -> None:
    for discrepancy in (0.3, 0.07):
        n = samples_needed(quantity, discrepancy, alpha, beta)
        assert smallest_discrepancy(quantity, n, alpha, beta) <= discrepancy * (1 + 1e-11)
        assert n == 1 or smallest_discrepancy(quantity, n - 1, alpha, beta) > discrepancy
    for n in (50, 3000):
        seen = smallest_discrepancy(quantity, n, alpha, beta)
        if seen < inf:
            assert quantity.miss(n, seen, alpha) <= beta < quantity.miss(n, seen * (1 - 1e-11), alpha)
            # The count saws by one sample's worth, so what is needed may be found a little before n.
            needed = samples_needed(quantity, seen, alpha, beta)
            assert quantity.miss(needed, seen, alpha) <= beta < quantity.miss(needed - 1, seen, alpha)


@pytest.mark.parametrize("quantity", QUANTITIES, ids=named)
def test_more_samples_and_more_margin_help(quantity: Quantity) -> None:
    margins = [0.02 * 1.5**j for j in range(12)]
    misses = [quantity.miss(400, margin, 1e-3) for margin in margins]
    assert misses == sorted(misses, reverse=True)
    assert all(0 <= miss <= 1 for miss in misses)
    assert quantity.miss(6400, 0.2, 1e-3) <= quantity.miss(400, 0.2, 1e-3)
    assert quantity.miss(400, 0.2, 1e-3) <= quantity.miss(400, 0.2, 1e-6)


@pytest.mark.parametrize("n", [12, 60, 300])
@pytest.mark.parametrize("margin", [0.1, 0.4, 1.0])
def test_median_plan_is_the_binomial_sum(n: int, margin: float) -> None:
    """The ends are read off median_interval itself; Gaussian samples of spread 2 around 0."""
    interval = median_interval(np.arange(1, n + 1), 0.01)
    if interval.lo == -inf:
        assert Median("x", 2.0).miss(n, margin, 0.01) == 1
    else:
        strays = 2 * binom.sf(interval.lo - 1, n, norm.cdf(-margin / 2))
        assert Median("x", 2.0).miss(n, margin, 0.01) == pytest.approx(min(1.0, strays), rel=1e-9)


@pytest.mark.parametrize("p", [0.0, 0.03, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("margin", [0.05, 0.2, 0.6])
def test_frequency_plan_is_the_binomial_sum(p: float, margin: float) -> None:
    n, alpha = 60, 0.02
    ends = [clopper_pearson(k, n, alpha) for k in range(n + 1)]
    strays = sum(binom.pmf(k, n, p) for k, end in enumerate(ends) if end.hi >= p + margin or end.lo <= p - margin)
    assert Frequency("x", p).miss(n, margin, alpha) == pytest.approx(strays, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("p", [0.01, 0.1, 0.5])
def test_mean_plan_bounds_what_happens(p: float) -> None:
    """Exact over the outcomes of n biased coins, at every margin; and the bound is not vacuous."""
    n, alpha = 300, 0.02
    quantity = Mean("x", 0.0, 1.0, sqrt(p * (1 - p)))
    ends = [empirical_bernstein(np.repeat([0.0, 1.0], [n - k, k]), alpha, 0, 1) for k in range(n + 1)]
    for margin in np.linspace(0.02, 0.9, 45):
        strays = sum(binom.pmf(k, n, p) for k, end in enumerate(ends) if end.hi >= p + margin or end.lo <= p - margin)
        assert strays <= quantity.miss(n, margin, alpha) + ROUNDING
    assert smallest_discrepancy(quantity, n, alpha, 0.05) < 0.4


@pytest.mark.parametrize("n", [50, 400])
def test_distance_plan_bounds_what_happens(n: int) -> None:
    """Under equal laws the upper end exceeds the margin iff the distance exceeds margin - radius."""
    quantity, alpha = Distance("x", lambda x: x), 0.01
    radius = sqrt(np.log(2 / alpha) / (2 * n))
    for margin in radius * np.linspace(1.05, 3, 20):
        assert kstwo.sf(margin - radius, n) <= quantity.miss(n, margin, alpha)


def test_a_combination_misses_only_if_a_median_does() -> None:
    """3 = |1| + |-2| units of margin, two medians at half of alpha each."""
    whole = Combination((("x", 1.0), ("y", -2.0)), 0.7).miss(500, 0.9, 0.02)
    assert whole == pytest.approx(2 * Median("x", 0.7).miss(500, 0.3, 0.01), rel=1e-12)
    # Slope over two rungs of log 4: weights -1/log 4 and 1/log 4.
    slope = Exponent(((1, "x"), (4, "y")), 0.7).miss(500, 0.5, 0.02)
    assert slope == pytest.approx(2 * Median("x", 0.7).miss(500, 0.25 * np.log(4), 0.01), rel=1e-9)
    assert Exact("x").miss(1, 1e-9, 1e-9) == 0


def test_median_plan_meets_the_rule_of_thumb() -> None:
    """(z_{alpha/2} + z_{beta/2}) standard errors, that of a Gaussian median being s sqrt(pi / 2n).

    At n = 10^6 rounding both ranks to whole numbers moves the sum of ten standard errors (each half of
    sqrt(n) ranks) by less than 2 / 4000, and curvature by (10 / sqrt n)^2: together below 1e-3.
    """
    n, alpha, beta = 10**6, 1e-6, 1e-4
    rule = -(ndtri(alpha / 2) + ndtri(beta / 2)) * sqrt(pi / (2 * n))
    assert smallest_discrepancy(Median("x", 1.0), n, alpha, beta) == pytest.approx(rule, rel=1e-3)


def test_planned_power_is_that_of_the_last_stage() -> None:
    """Two components have alpha / 2 each, of which the second of two stages spends 4/5 on 4 n0 samples."""
    median, hit = Median("x", 1.0), Frequency("hit", 0.5)
    components = [Component("one", 0.0, 0.5, 0.1, median), Component("two", 0.5, 0.2, 0.0, hit)]
    missed = median.miss(400, 0.5, 0.01 / 2 * 4 / 5) + hit.miss(400, 0.2, 0.01 / 2 * 4 / 5)
    power = planned_power(components, n0=100, stages=2, alpha=0.01)
    assert power == pytest.approx(1 - 0.01 - missed, rel=1e-12)


def test_first_stage_is_just_enough() -> None:
    components = [
        Component("one", 0.0, 0.3, 0.1, Median("x", 1.0)),
        Component("two", 0.5, 0.2, 0.0, Frequency("hit", 0.5)),
    ]
    design = {"stages": 3, "alpha": 1e-5}
    n0 = first_stage(components, beta=1e-3, **design)
    power = planned_power(components, n0=n0, **design)
    assert planned_power(components, n0=n0 - 1, **design) < 1 - 1e-3 <= power
    assert require_power(components, n0=n0, beta=1e-3, **design) == power
    with pytest.raises(DesignError, match=f"n0 = {n0} could"):
        require_power(components, n0=n0 // 2, beta=1e-3, **design)


def test_exact_numbers_become_floats() -> None:
    """Predictions come out of sympy; records and JSON hold plain floats."""
    component = Component("third", Rational(1, 3), Rational(1, 10), 0, Exact("x"))
    assert (component.prediction, component.margin, component.bias) == (1 / 3, 0.1, 0.0)
    assert {type(value) for value in (component.prediction, component.margin, component.bias)} == {float}
    assert type(Interval(np.float32(0), Rational(1, 2)).hi) is float


def test_impossible_designs_are_named() -> None:
    component = Component("one", 0.0, 0.3, 0.1, Median("x", 1.0))
    with pytest.raises(DesignError, match="make alpha smaller against beta"):
        first_stage([component], stages=1, alpha=1e-3, beta=1e-4)
    with pytest.raises(DesignError, match="widen the margin"):
        samples_needed(Median("x", 1.0), 1e-9, 1e-6, 1e-4)
    assert smallest_discrepancy(Median("x", 1.0), 5, 1e-6, 1e-4) == inf


def test_spreads_of_several_rungs_share_the_margin_in_proportion() -> None:
    """Equal spreads plan as one does; a rung ten times as quiet leaves almost all of the margin to the other."""
    ladder = ((1, "x"), (2.0, "y"))
    one, two = Exponent(ladder, 0.5), Exponent(ladder, (0.5, 0.5))
    assert two.miss(400, 0.3, 0.01) == one.miss(400, 0.3, 0.01)
    assert Exponent(ladder, (0.5, 0.05)).miss(400, 0.165, 0.01) == pytest.approx(one.miss(400, 0.3, 0.01), rel=1e-9)
    with pytest.raises(ProblemError, match="3 spreads for 2 terms"):
        Exponent(ladder, (0.5, 0.5, 0.5))


@pytest.mark.parametrize(
    "bad",
    [
        lambda: Median("x", 0.0),
        lambda: Mean("x", 1.0, 1.0, 0.1),
        lambda: Mean("x", 0.0, 1.0, -1.0),
        lambda: Frequency("x", 1.2),
        lambda: Combination((), 1.0),
        lambda: Combination((("x", 0.0),), 1.0),
        lambda: Exponent(((32, "x"),), 1.0),
        lambda: Exponent(((32, "x"), (64, "y")), 0.0),
        lambda: Frequency("x", 0.5)({"x": np.array([0.5])}, 0.1),
        lambda: Component("c", 0.0, 0.0, 0.1, Exact("x")),
        lambda: Component("c", 0.0, 0.1, -0.1, Exact("x")),
        lambda: Component("c", inf, 0.1, 0.1, Exact("x")),
    ],
)
def test_bad_declarations_are_refused(bad: Callable[[], object]) -> None:
    with pytest.raises(ProblemError):
        bad()
