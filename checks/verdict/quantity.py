"""What a component measures: each kind knows its interval, and how often that interval comes out too wide.

`data` maps names to arrays whose first axis runs over independent replicas. `miss(n, margin, alpha)` bounds
the probability that, with n replicas, an end of the level-alpha interval lies `margin` or more beyond the
truth. Staying within the margin is all that power needs: then |truth| <= bias gives AGREE, and
|truth| >= bias + margin gives DISAGREE. The bound rests on what the quantity declares about its spread; if
that is wrong the power is lost, never the level, since no interval uses it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from theory.problem import ProblemError

from .binomial import at_least, at_most
from .interval import (
    Interval,
    clopper_pearson,
    dkw_radius,
    empirical_bernstein,
    law_distance,
    law_interval,
    median_interval,
    median_rank,
    sample_median,
    sorted_samples,
)
from .linear import limit_weights, range_over_box, slope_weights

Data = Mapping[str, np.ndarray]


class Quantity(Protocol):
    """Calling it gives (estimate, interval at two-sided level alpha), both in the quantity's own unit."""

    def __call__(self, data: Data, alpha: float) -> tuple[float, Interval]: ...

    def miss(self, n: int, margin: float, alpha: float) -> float: ...


def _positive(name: str, value: float) -> None:
    if not value > 0:
        raise ProblemError(f"{name} must be positive, got {value}")


@dataclass(frozen=True, slots=True)
class Median:
    """The median of data[key].

    `spread` s > 0 declares tails no heavier than a Gaussian's at the margin: P(X <= median - margin) and
    P(X >= median + margin) are at most Phi(-margin / s).
    """

    key: str
    spread: float

    def __post_init__(self) -> None:
        _positive("spread", self.spread)

    def __call__(self, data: Data, alpha: float) -> tuple[float, Interval]:
        return sample_median(data[self.key]), median_interval(data[self.key], alpha)

    def miss(self, n: int, margin: float, alpha: float) -> float:
        """An end strays iff `rank` samples do (0 always do), and there are two ends."""
        from scipy.special import ndtr

        rank = median_rank(n, alpha)
        return min(1.0, 2 * at_least(rank, n, float(ndtr(-margin / self.spread))))


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of data[key], within [low, high]. `spread` declares a bound on the standard deviation."""

    key: str
    low: float
    high: float
    spread: float

    def __post_init__(self) -> None:
        _positive("high - low", self.high - self.low)
        _positive("spread", self.spread)

    def __call__(self, data: Data, alpha: float) -> tuple[float, Interval]:
        values = data[self.key]
        return float(np.mean(values)), empirical_bernstein(values, alpha, self.low, self.high)

    def miss(self, n: int, margin: float, alpha: float) -> float:
        """Bernstein on either side and a bound on the sample variance, each failing with exp(-t).

        arXiv 0907.3740, theorems 3 and 10. Outside those events the ends lie within a t + b sqrt(t) + c of
        the mean; t solves equality with the margin.
        """
        if n == 1:
            return 1.0
        width, cost = self.high - self.low, log(4 / alpha)
        a = width / (3 * n)
        b = 2 * width * sqrt(cost / (n * (n - 1))) + self.spread * sqrt(2 / n)
        c = self.spread * sqrt(2 * cost / n) + 7 * width * cost / (3 * (n - 1))
        if margin <= c:
            return 1.0
        root = 2 * (margin - c) / (b + sqrt(b * b + 4 * a * (margin - c)))
        return min(1.0, 3 * exp(-root * root))


@dataclass(frozen=True, slots=True)
class Frequency:
    """The probability of the event data[key] (booleans). `near`: the value of it that the plan supposes."""

    key: str
    near: float

    def __post_init__(self) -> None:
        if not 0 <= self.near <= 1:
            raise ProblemError(f"a probability lies in [0, 1], got near={self.near}")

    def __call__(self, data: Data, alpha: float) -> tuple[float, Interval]:
        values = sorted_samples(data[self.key])
        if not np.isin(values, (0.0, 1.0)).all():
            raise ProblemError(f"{self.key!r} must hold True and False only")
        successes = int(values.sum())
        return successes / values.size, clopper_pearson(successes, values.size, alpha)

    def miss(self, n: int, margin: float, alpha: float) -> float:
        """Exact: both ends increase with the count, so the counts that miss are two tails."""
        counts = range(n + 1)
        high = bisect_left(counts, self.near + margin, key=lambda k: clopper_pearson(k, n, alpha).hi)
        low = bisect_right(counts, self.near - margin, key=lambda k: clopper_pearson(k, n, alpha).lo) - 1
        return min(1.0, at_least(high, n, self.near) + at_most(low, n, self.near))


@dataclass(frozen=True, slots=True)
class Distance:
    """Kolmogorov distance from the law of data[key] to a continuous cdf, or to the law of data[reference]."""

    key: str
    reference: str | Callable[[np.ndarray], ArrayLike]

    def __call__(self, data: Data, alpha: float) -> tuple[float, Interval]:
        other = data[self.reference] if isinstance(self.reference, str) else self.reference
        return law_distance(data[self.key], other), law_interval(data[self.key], other, alpha)

    def miss(self, n: int, margin: float, alpha: float) -> float:
        """The interval's radius, plus what the empirical laws stray once more, must stay below the margin."""
        rows = 2 if isinstance(self.reference, str) else 1
        slack = margin / rows - dkw_radius(n, alpha / rows)
        return min(1.0, 2 * rows * exp(-2 * n * slack * slack)) if slack > 0 else 1.0


@dataclass(frozen=True, slots=True)
class Combination:
    """sum_j c_j median(data[key_j]), from one median interval a key at alpha over the number of keys.

    `terms`: pairs (key, c_j). `spread`: as for Median, that of the widest key, or of each key in turn.
    """

    terms: tuple[tuple[str, float], ...]
    spread: float | tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.spreads) != len(self.terms):
            raise ProblemError(f"{len(self.spreads)} spreads for {len(self.terms)} terms")
        _positive("spread", min(self.spreads, default=1.0))
        if not any(weight for _, weight in self.terms):
            raise ProblemError("a combination needs a term with a weight other than 0")

    @property
    def spreads(self) -> tuple[float, ...]:
        """One a key."""
        return self.spread if isinstance(self.spread, tuple) else (self.spread,) * len(self.terms)

    def __call__(self, data: Data, alpha: float) -> tuple[float, Interval]:
        share = alpha / len(self.terms)
        box = [median_interval(data[key], share) for key, _ in self.terms]
        # inf - inf, where most runs at several dimensions are censored, is honestly no number.
        with np.errstate(invalid="ignore"):
            estimate = sum(c * np.float64(sample_median(data[key])) for key, c in self.terms if c)
        return float(estimate), range_over_box([weight for _, weight in self.terms], box)

    def miss(self, n: int, margin: float, alpha: float) -> float:
        """Key j may stray by margin s_j / sum |c_i| s_i, all of them as often; a union bound over keys."""
        total, terms = sum(abs(c) * s for (_, c), s in zip(self.terms, self.spreads, strict=True)), len(self.terms)
        return min(1.0, terms * Median("", total).miss(n, margin, alpha / terms))


def limit(ladder: Mapping[int, str], order: float, spread: float) -> Combination:
    """The median extrapolated to infinite dimension through v + C d^(-order); `ladder` maps d to its key."""
    weights = limit_weights(tuple(ladder), order)
    return Combination(tuple(zip(ladder.values(), map(float, weights), strict=True)), spread)


class Rung(NamedTuple):
    """The median of one key of an exponent, at x."""

    x: float
    median: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Exponent:
    """Least-squares slope of log median against log x, with `ladder` the pairs (x, key), x increasing.

    The medians are to be positive. A single sample need not be: it counts as smaller than all that are, which is all
    that an order statistic asks of it. A censored one is inf. `spread`: as for Combination, of logarithms.
    """

    ladder: tuple[tuple[float, str], ...]
    spread: float | tuple[float, ...]

    def _combination(self) -> Combination:
        weights = slope_weights([log(x) for x, _ in self.ladder])
        keys = [key for _, key in self.ladder]
        return Combination(tuple(zip(keys, map(float, weights), strict=True)), self.spread)

    def __post_init__(self) -> None:
        self._combination()

    def __call__(self, data: Data, alpha: float) -> tuple[float, Interval]:
        with np.errstate(divide="ignore"):
            logarithms = {key: np.log(np.maximum(data[key], 0.0)) for _, key in self.ladder}
        return self._combination()(logarithms, alpha)

    def rungs(self, data: Data, alpha: float) -> tuple[Rung, ...]:
        """The medians, with the intervals that the slope rests on: they hold together at `alpha`."""
        share = alpha / len(self.ladder)
        return tuple(Rung(x, sample_median(data[key]), median_interval(data[key], share)) for x, key in self.ladder)

    def miss(self, n: int, margin: float, alpha: float) -> float:
        """That of the combination of log medians."""
        return self._combination().miss(n, margin, alpha)


@dataclass(frozen=True, slots=True)
class Exact:
    """Every entry of data[key], with no chance in it: the interval is their range, at any alpha."""

    key: str

    def __call__(self, data: Data, alpha: float) -> tuple[float, Interval]:
        values = sorted_samples(data[self.key])
        return sample_median(values), Interval(float(values[0]), float(values[-1]))

    def miss(self, n: int, margin: float, alpha: float) -> float:
        """The range is the truth itself."""
        return 0.0
