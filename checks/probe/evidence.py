"""Evidence against a median of at most 0, from signs: an e-value, and how it adds up over confirmations.

An e-value is nonnegative with expectation at most 1 under the conjecture, so that it exceeds 1/alpha with probability
at most alpha (Markov). Derived in docs/notes/probing.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, lgamma, log, pi

import numpy as np
from scipy.special import betainc

LARGEST = 690.0  # of the logarithm of an e-value; a smaller number than the true one is an e-value, too


def sign_e_value(excess: np.ndarray) -> float:
    """E-value against "P(excess > 0) <= 1/2": 2 int_(1/2)^1 (2 q)^K (2 - 2 q)^(n - K) dq, K of n being positive.

    excess (n,), independent. NaN counts as no evidence, as does 0.
    """
    n = len(excess)
    positive = int(np.count_nonzero(excess > 0))
    tail = float(betainc(n - positive + 1, positive + 1, 0.5))  # P(Beta(K + 1, n - K + 1) >= 1/2)
    if tail == 0.0:
        return 0.0
    log_beta = lgamma(positive + 1) + lgamma(n - positive + 1) - lgamma(n + 2)
    return exp(min((n + 1) * log(2.0) + log_beta + log(tail), LARGEST))


def joint_e_value(excesses: Mapping[str, np.ndarray]) -> float:
    """Of several quantities that may depend on each other: the mean of theirs."""
    return float(np.mean([sign_e_value(values) for values in excesses.values()])) if excesses else 0.0


def score(excesses: Mapping[str, np.ndarray]) -> float:
    """How strongly the worst quantity speaks against the conjecture: a lower confidence bound on its median excess.

    The order statistic that the median falls below with probability at most 2 % (for 12 replicas the third); only
    for the search, whose winners are confirmed on other data.
    """
    bounds = []
    for values in excesses.values():
        ranked = np.sort(np.where(np.isnan(values), -np.inf, values))
        bounds.append(ranked[_rank(len(ranked))] if len(ranked) else -np.inf)
    return float(max(bounds, default=-np.inf))


def _rank(n: int) -> int:
    """The largest r with P(Bin(n, 1/2) <= r) <= 2 %, at least 0."""
    rank, mass = 0, 0.5**n
    term = mass
    while rank < n:
        term *= (n - rank) / (rank + 1)
        if mass + term > 0.02:
            break
        mass, rank = mass + term, rank + 1
    return rank


def weight(number: int) -> float:
    """6 / (pi^2 j^2) for the j-th confirmation of a run, j from 1: shares of the error rate that add up to it."""
    return 6 / (pi * number) ** 2


def run_e_value(e_values: Sequence[float]) -> float:
    """The e-value of a run: its confirmations weighted by their shares, and what was not spent as it is.

    Expectation at most 1 under the conjecture whatever was chosen for confirmation, and when; runs on other seeds
    multiply.
    """
    spent = [weight(j) for j in range(1, len(e_values) + 1)]
    return 1.0 - sum(spent) + sum(w * e for w, e in zip(spent, e_values, strict=True))
