"""What is shared and spent adds up, and is spent where it does most good."""

from collections.abc import Callable
from math import inf, log, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.verdict import Budget, sample_sizes, spend
from theory.problem import ProblemError

weights = st.dictionaries(st.text(max_size=3), st.floats(1e-3, 1e3), min_size=1, max_size=20)


@given(weights, st.floats(1e-9, 0.5), st.floats(1e-9, 0.5))
def test_shares_add_up_in_proportion(split: dict[str, float], alpha: float, beta: float) -> None:
    """Sums and ratios hold to rounding: 20 terms of relative error 1e-16 each."""
    shares = Budget(alpha, beta).share(split)
    assert list(shares) == list(split)
    assert sum(share.alpha for share in shares.values()) == pytest.approx(alpha, rel=1e-13)
    assert sum(share.beta for share in shares.values()) == pytest.approx(beta, rel=1e-13)
    for name, share in shares.items():
        assert share.alpha * sum(split.values()) == pytest.approx(alpha * split[name], rel=1e-13)


@given(st.floats(1e-12, 0.5), st.integers(1, 6))
def test_stages_spend_exactly_alpha_and_most_of_it_last(alpha: float, stages: int) -> None:
    parts = spend(alpha, stages)
    assert sum(parts) == pytest.approx(alpha, rel=1e-13)
    assert len(parts) == stages
    assert parts[-1] > 0.75 * alpha
    assert list(parts) == sorted(parts)


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=3))
def test_no_other_spending_costs_less(other: list[float]) -> None:
    """The stated cost, sum of n_s log(1/f_s), against any other split (1e-9: rounding of six logarithms)."""
    sizes, fractions = sample_sizes(1, 3), [part / 0.01 for part in spend(0.01, 3)]
    rival = [part / sum(other) for part in other]

    def cost(split: list[float]) -> float:
        return sum(size * log(1 / part) for size, part in zip(sizes, split, strict=True))

    assert cost(fractions) <= cost(rival) + 1e-9


def test_sizes_grow_by_four() -> None:
    assert sample_sizes(7, 3) == (7, 28, 112)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: Budget(alpha_suite=0),
        lambda: Budget(beta_suite=1),
        lambda: Budget(alpha_suite=nan),
        lambda: Budget().share({}),
        lambda: Budget().share({"a": 1, "b": 0}),
        lambda: Budget().share({"a": 1, "b": -1}),
        lambda: Budget().share({"a": inf}),
        lambda: Budget().share({"a": nan, "b": 1}),
        lambda: spend(0.1, 0),
        lambda: spend(1.5, 2),
        lambda: sample_sizes(0, 1),
    ],
)
def test_bad_budgets_are_refused(bad: Callable[[], object]) -> None:
    with pytest.raises(ProblemError):
        bad()
