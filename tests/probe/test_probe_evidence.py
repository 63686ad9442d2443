"""E-values: expectations at most one, exactly, and closed forms."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from checks.probe.evidence import joint_e_value, run_e_value, score, sign_e_value, weight


def signs(positive: int, n: int) -> np.ndarray:
    return np.where(np.arange(n) < positive, 1.0, -1.0)


@pytest.mark.parametrize("n", [1, 7, 32, 64])
@pytest.mark.parametrize("r", [0.0, 0.2, 0.5])
def test_the_expectation_is_at_most_one_where_half_or_fewer_are_positive(n, r):
    mean = sum(comb(n, k) * r**k * (1 - r) ** (n - k) * sign_e_value(signs(k, n)) for k in range(n + 1))
    assert mean <= 1 + 1e-12
    if r == 0.5:
        assert mean == pytest.approx(1, rel=1e-10)


@pytest.mark.parametrize(("positive", "n"), [(0, 5), (3, 5), (30, 32), (48, 48)])
def test_the_closed_form_is_the_integral(positive, n):
    value, _ = quad(lambda q: 2 * (2 * q) ** positive * (2 - 2 * q) ** (n - positive), 0.5, 1)
    assert sign_e_value(signs(positive, n)) == pytest.approx(value, rel=1e-7)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_more_positive_replicas_are_more_evidence(pair):
    positive, n = pair
    assert sign_e_value(signs(positive + 1, n)) > sign_e_value(signs(positive, n))


def test_what_is_no_number_is_no_evidence():
    values = signs(20, 20)
    values[0] = np.nan
    assert sign_e_value(values) == sign_e_value(signs(19, 20))
    assert score({"x": np.full(12, np.nan)}) == -np.inf
    assert joint_e_value({}) == 0.0
    assert score({"x": np.array([])}) == score({}) == -np.inf


def test_overwhelming_evidence_stays_a_number():
    assert 1e290 < sign_e_value(signs(4000, 4000)) < np.inf


@pytest.mark.parametrize("n", [6, 12, 48])
def test_a_positive_score_is_rare_where_medians_are_not(n):
    """Exactly: the order statistic taken is positive for at least n - rank positive replicas."""
    needed = next(k for k in range(n + 1) if score({"x": signs(k, n)}) > 0)
    assert sum(comb(n, k) for k in range(needed, n + 1)) / 2**n <= 0.02
    assert sum(comb(n, k) for k in range(needed - 1, n + 1)) / 2**n > 0.02


def test_shares_of_confirmations_add_up_to_one():
    assert sum(weight(j) for j in range(1, 10**5)) == pytest.approx(1, abs=1e-5)


@given(st.lists(st.floats(0, 1e6), max_size=6))
def test_a_run_that_confirms_nothing_has_an_e_value_of_one_and_none_is_negative(values):
    assert run_e_value([]) == 1.0
    assert run_e_value(values) >= 0
    assert run_e_value([1.0] * len(values)) == pytest.approx(1.0)
