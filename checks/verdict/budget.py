"""The error budget of a whole run, its shares, and how one share is spent over stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

from theory.problem import ProblemError

from .interval import probability

ALPHA, BETA = 1e-4, 1e-2  # of a run for which nothing else is asked
GROWTH = 4  # each stage has this many times the samples of the one before: half the standard error


class Share(NamedTuple):
    """What one claim may spend: alpha on a false DISAGREE or AGREE, beta on not deciding as it should."""

    alpha: float
    beta: float


@dataclass(frozen=True, slots=True)
class Budget:
    """Probabilities, for all claims of a run together, of any wrong verdict and of any missing one."""

    alpha_suite: float = ALPHA
    beta_suite: float = BETA

    def __post_init__(self) -> None:
        probability("alpha_suite", self.alpha_suite)
        probability("beta_suite", self.beta_suite)

    def share(self, weights: Mapping[str, float]) -> dict[str, Share]:
        """Split both errors in proportion to positive finite weights, one an id.

        A Bonferroni split: it holds however dependent the claims are, and claims do share seeds.
        """
        total = sum(weights.values())
        if not weights or not isfinite(total) or min(weights.values()) <= 0:
            raise ProblemError(f"a budget needs weights, all positive and finite, got {dict(weights)}")
        return {
            name: Share(self.alpha_suite * weight / total, self.beta_suite * weight / total)
            for name, weight in weights.items()
        }


def beta_beside(alpha: float, usual: float = BETA) -> float:
    """The beta of a run for which only alpha is given: the usual one, or 10 alpha where that is more, up to 0.9.

    A claim's alpha has to be below its part of beta, which it shares with its wrong simulators: what is planned has at
    most the power 1 - alpha.
    """
    return max(usual, min(10 * alpha, 0.9))


def sample_sizes(n0: int, stages: int) -> tuple[int, ...]:
    """Samples in hand at each stage: n0, 4 n0, 16 n0, ..."""
    if n0 < 1 or stages < 1:
        raise ProblemError(f"need n0 >= 1 samples and stages >= 1, got {n0} and {stages}")
    return tuple(n0 * GROWTH**stage for stage in range(stages))


def spend(alpha: float, stages: int) -> tuple[float, ...]:
    """The part of alpha that each stage may use, in proportion to its sample size; they sum to alpha.

    A stage given the fraction f needs about z^2 ~ 2 log(2 / (alpha f)) times the samples that one standard
    deviation asks for, so f costs n_s log(1/f) extra. Minimising the sum of that over the stages under
    sum f = 1 gives f proportional to n_s when a decision is equally likely at each, and the last stage,
    where the plan promises a decision, pays hardly anything: its fraction is above 3/4.
    """
    sizes = sample_sizes(1, stages)
    return tuple(probability("alpha", alpha) * size / sum(sizes) for size in sizes)
