"""Confidence intervals that keep their level at every sample size, in closed form.

Each function takes `alpha`, the total two-sided error, and spends half of it on either side. None of
them relies on asymptotic normality, so alpha may be as small as a budget over hundreds of checks makes it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from theory.problem import ProblemError

from .binomial import at_most


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval [lo, hi] in the unit of the quantity; an end may be infinite, never NaN."""

    lo: float
    hi: float

    def __post_init__(self) -> None:
        for name in ("lo", "hi"):
            object.__setattr__(self, name, float(getattr(self, name)))
        if not self.lo <= self.hi:
            raise ProblemError(f"an interval needs lo <= hi, got [{self.lo}, {self.hi}]")

    def __contains__(self, value: float) -> bool:
        return self.lo <= value <= self.hi

    def shifted(self, by: float) -> Interval:
        """The interval of (quantity + by), `by` finite."""
        return Interval(self.lo + by, self.hi + by)


EVERYTHING = Interval(-np.inf, np.inf)


def probability(name: str, value: float) -> float:
    """`value` as a float strictly between 0 and 1; anything else is a ProblemError that calls it `name`."""
    if not 0 < value < 1:
        raise ProblemError(f"{name} must lie strictly between 0 and 1, got {value}")
    return float(value)


def sorted_samples(samples: ArrayLike) -> np.ndarray:
    """The samples in increasing order, shape (n,); ProblemError on NaN, no samples, or several axes."""
    values = np.asarray(samples, dtype=float)
    if values.ndim != 1 or values.size == 0:
        raise ProblemError(f"samples must be one non-empty row of numbers, got shape {values.shape}")
    if np.isnan(values).any():
        raise ProblemError("samples hold NaN; write a censored run as inf and fix whatever made the NaN")
    return np.sort(values)


def median_rank(n: int, alpha: float) -> int:
    """The largest r with P(Binomial(n, 1/2) < r) <= alpha/2; 0 where n samples are too few for alpha.

    The r-th smallest of n samples exceeds a median only if fewer than r of them lie at or below it.
    """
    tail = probability("alpha", alpha) / 2
    return bisect_right(range((n + 1) // 2), tail, key=lambda k: at_most(k, n, 0.5))


def sample_median(samples: ArrayLike) -> float:
    """The lower sample median: one of the samples, hence defined when some of them are infinite."""
    values = sorted_samples(samples)
    return float(values[(values.size - 1) // 2])


def median_interval(samples: ArrayLike, alpha: float) -> Interval:
    """Order-statistic interval of the median of n independent samples, shape (n,), of any one law.

    Exact and distribution free: it misses a median with probability at most alpha, also with atoms.
    A censored run enters as +inf (or -inf), which is all an order statistic asks of it, provided that
    the horizon lies beyond every value to be told apart. Too few samples for alpha give (-inf, inf).
    """
    values = sorted_samples(samples)
    rank = median_rank(values.size, alpha)
    return Interval(float(values[rank - 1]), float(values[-rank])) if rank else EVERYTHING


def clopper_pearson(successes: int, trials: int, alpha: float) -> Interval:
    """Interval of a probability from `successes` in `trials` independent trials: binomial tails inverted."""
    from scipy.special import betainccinv, betaincinv

    tail = probability("alpha", alpha) / 2
    if not 0 <= successes <= trials or trials < 1:
        raise ProblemError(f"need 0 <= successes <= trials and a trial, got {successes} of {trials}")
    failures = trials - successes
    # The complemented inverse: 1 - alpha/2 would round to 1 at the levels a whole suite asks for.
    lo = betaincinv(successes, failures + 1, tail) if successes else 0.0
    hi = betainccinv(successes + 1, failures, tail) if failures else 1.0
    return Interval(float(lo), float(hi))


def empirical_bernstein(samples: ArrayLike, alpha: float, low: float, high: float) -> Interval:
    """Interval of the mean of n independent samples, shape (n,), that lie in [low, high].

    Maurer and Pontil, arXiv 0907.3740, theorem 4, once on each side at alpha/2. A sample outside the
    bounds is a ProblemError: the guarantee would be void. A single sample gives [low, high].
    """
    values = sorted_samples(samples)
    if not low < high:
        raise ProblemError(f"bounds must satisfy low < high, got [{low}, {high}]")
    if values[0] < low or values[-1] > high:
        raise ProblemError(f"samples reach [{values[0]}, {values[-1]}], outside the bounds [{low}, {high}]")
    n, cost = values.size, log(4 / probability("alpha", alpha))
    if n == 1:
        return Interval(low, high)
    radius = sqrt(2 * float(values.var(ddof=1)) * cost / n) + 7 * (high - low) * cost / (3 * (n - 1))
    mean = float(values.mean())
    return Interval(max(low, mean - radius), min(high, mean + radius))


def law_distance(samples: ArrayLike, reference: ArrayLike | Callable[[np.ndarray], ArrayLike]) -> float:
    """Largest gap between the empirical distribution function of `samples`, shape (n,), and `reference`.

    The reference is a second row of samples, shape (m,), or a continuous distribution function.
    """
    x = sorted_samples(samples)
    if callable(reference):
        cdf = np.asarray(reference(x), dtype=float)
        if cdf.shape != x.shape or not np.all((cdf >= 0) & (cdf <= 1)):
            raise ProblemError("a distribution function must return one value in [0, 1] for each sample")
        steps = np.arange(x.size + 1) / x.size
        return float(max(np.max(steps[1:] - cdf), np.max(cdf - steps[:-1])))
    y = sorted_samples(reference)
    both = np.concatenate([x, y])
    ours, theirs = (np.searchsorted(row, both, side="right") / row.size for row in (x, y))
    return float(np.max(np.abs(ours - theirs)))


def law_interval(
    samples: ArrayLike, reference: ArrayLike | Callable[[np.ndarray], ArrayLike], alpha: float
) -> Interval:
    """Interval of the Kolmogorov distance between the law of `samples` and the reference.

    Dvoretzky-Kiefer-Wolfowitz with Massart's constant: P(sup|F_n - F| > e) <= 2 exp(-2 n e^2). With a
    second sample each of the two bands takes alpha/2, and the triangle inequality adds their radii.
    """
    distance = law_distance(samples, reference)
    sizes = [np.size(samples)] if callable(reference) else [np.size(samples), np.size(reference)]
    radius = sum(dkw_radius(size, probability("alpha", alpha) / len(sizes)) for size in sizes)
    return Interval(max(0.0, distance - radius), min(1.0, distance + radius))


def dkw_radius(n: int, alpha: float) -> float:
    """The radius of the band around n samples' distribution function that fails with probability alpha."""
    return sqrt(log(2 / alpha) / (2 * n))
