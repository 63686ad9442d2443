"""Exact judgement of an observed rate, with the error of the judgement itself stated.

Written with scipy.stats, which shares no line with the intervals under test.
"""

from scipy.stats import binom

# A right program fails one such assertion with at most this probability: all those of this folder
# together (fewer than 50) stay below 1e-6.
ERROR = 2e-8


def assert_rate_at_most(rate: float, count: int, trials: int) -> None:
    """`count` events in `trials` are compatible with a probability <= rate: exact one-sided binomial test."""
    tail = binom.sf(count - 1, trials, rate)
    assert tail >= ERROR, f"{count} of {trials} where at most {rate:.3g} each was promised (p = {tail:.2g})"


def assert_rate_at_least(rate: float, count: int, trials: int) -> None:
    """`count` events in `trials` are compatible with a probability >= rate."""
    assert_rate_at_most(1 - rate, trials - count, trials)
