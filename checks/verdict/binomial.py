"""The two tails of a binomial count, each accurate however small it is."""

from __future__ import annotations


def at_most(k: int, n: int, p: float) -> float:
    """P(Binomial(n, p) <= k), for any integer k."""
    from scipy.special import betaincc

    if 0 <= k < n:
        return float(betaincc(k + 1, n - k, p))
    return float(k >= n)


def at_least(k: int, n: int, p: float) -> float:
    """P(Binomial(n, p) >= k), for any integer k."""
    from scipy.special import betainc

    if 0 < k <= n:
        return float(betainc(k, n - k + 1, p))
    return float(k <= 0)
