"""Each quantity returns the estimate and the interval it is named after, at the level it was given."""

from math import exp, inf, isnan, log, sqrt

import numpy as np
import pytest

from checks.verdict import (
    Combination,
    Distance,
    Exact,
    Exponent,
    Frequency,
    Interval,
    Mean,
    Median,
    clopper_pearson,
    empirical_bernstein,
    law_interval,
    limit,
    median_interval,
)

ALPHA = 0.03
RNG = np.random.default_rng(11)  # any data do: what is asserted holds for all
DATA = {"x": RNG.random(200), "y": RNG.random(200) + 1, "hit": RNG.random(200) < 0.3}
HALF = {key: median_interval(DATA[key], ALPHA / 2) for key in "xy"}  # each of two medians has half of alpha
MEDIANS = {key: float(np.sort(DATA[key])[99]) for key in "xy"}


def test_quantities_of_one_row() -> None:
    assert Median("x", 1.0)(DATA, ALPHA) == (MEDIANS["x"], median_interval(DATA["x"], ALPHA))
    mean, interval = Mean("x", 0.0, 2.0, 0.3)(DATA, ALPHA)
    assert mean == pytest.approx(sum(DATA["x"]) / 200, rel=1e-12)
    assert interval == empirical_bernstein(DATA["x"], ALPHA, 0, 2)
    hits = int(sum(DATA["hit"]))
    assert Frequency("hit", 0.5)(DATA, ALPHA) == (hits / 200, clopper_pearson(hits, 200, ALPHA))
    assert Exact("x")(DATA, ALPHA) == (MEDIANS["x"], Interval(min(DATA["x"]), max(DATA["x"])))


def test_distance_between_laws() -> None:
    assert Distance("x", "y")(DATA, ALPHA) == (1.0, law_interval(DATA["x"], DATA["y"], ALPHA))
    assert Distance("x", lambda x: x)(DATA, ALPHA)[1] == law_interval(DATA["x"], lambda x: x, ALPHA)


def test_distance_plan_of_two_samples() -> None:
    """Two bands at alpha/2 each, and two empirical laws that each stray with beta/2: margins add up."""
    n, beta = 500, 1e-3
    margin = 2 * sqrt(log(4 / ALPHA) / (2 * n)) + 2 * sqrt(log(4 / beta) / (2 * n))
    assert Distance("x", "y").miss(n, margin, ALPHA) == pytest.approx(beta, rel=1e-9)


def test_combinations_split_alpha_over_medians() -> None:
    estimate, interval = Combination((("x", 1.0), ("y", -3.0)), 1.0)(DATA, ALPHA)
    assert estimate == pytest.approx(MEDIANS["x"] - 3 * MEDIANS["y"], rel=1e-12)
    expected = (HALF["x"].lo - 3 * HALF["y"].hi, HALF["x"].hi - 3 * HALF["y"].lo)
    assert (interval.lo, interval.hi) == pytest.approx(expected, rel=1e-12)
    _, at_infinity = limit({50: "x", 100: "y"}, 1, 1.0)(DATA, ALPHA)
    expected = (2 * HALF["y"].lo - HALF["x"].hi, 2 * HALF["y"].hi - HALF["x"].lo)
    assert (at_infinity.lo, at_infinity.hi) == pytest.approx(expected, rel=1e-12)


def test_exponent_is_the_slope_of_log_medians() -> None:
    times = {"x": np.exp(DATA["x"]), "y": np.exp(DATA["y"])}
    slope, interval = Exponent(((1.0, "x"), (exp(2), "y")), 1.0)(times, ALPHA)
    assert slope == pytest.approx((MEDIANS["y"] - MEDIANS["x"]) / 2, rel=1e-9)
    expected = ((HALF["y"].lo - HALF["x"].hi) / 2, (HALF["y"].hi - HALF["x"].lo) / 2)
    assert (interval.lo, interval.hi) == pytest.approx(expected, rel=1e-9)


def test_samples_that_are_not_positive_count_as_small() -> None:
    """A few leave the slope as it is; where the median may be one of them, nothing bounds it from that side."""
    times = {"x": np.exp(DATA["x"]), "y": np.exp(DATA["y"])}
    slope = Exponent(((1.0, "x"), (exp(2), "y")), 1.0)
    low = np.argsort(times["y"])[:5]
    few, half = times["y"].copy(), times["y"].copy()
    few[low], half[: len(half) // 2] = -3.0, 0.0
    assert slope(times | {"y": few}, ALPHA) == slope(times, ALPHA)
    assert slope(times | {"y": half}, ALPHA)[1].lo == -inf
    assert slope(times | {"y": 0.0 * half}, ALPHA)[1] == Interval(-inf, inf)


def test_a_weight_of_zero_ignores_even_a_censored_row() -> None:
    data = DATA | {"z": np.full(200, inf)}
    quantity = Combination((("x", 1.0), ("z", 0.0)), 1.0)
    assert quantity(data, ALPHA) == (MEDIANS["x"], HALF["x"])


def test_censored_dimensions_give_no_number_and_no_bound() -> None:
    """With most runs censored at both dimensions the slope is inf - inf: said so, and never a verdict."""
    slope, interval = Exponent(((1.0, "x"), (2.0, "y")), 1.0)(dict.fromkeys("xy", np.full(50, inf)), ALPHA)
    assert isnan(slope)
    assert interval == Interval(-inf, inf)
