"""What a check can see before it has seen anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from theory.problem import ProblemError

from .budget import GROWTH, sample_sizes, spend
from .component import Component
from .quantity import Quantity

LARGEST = 2**40  # samples; nobody simulates more, so a plan that asks for more has no solution


class DesignError(ProblemError):
    """A check that could not do its job even if all went well; raised before anything is simulated."""


def smallest_discrepancy(quantity: Quantity, n: int, alpha: float, beta: float) -> float:
    """The margin that n samples keep with probability 1 - beta (relative accuracy 1e-12); inf if none."""
    lo, hi = 0.0, 1.0
    while quantity.miss(n, hi, alpha) > beta:
        lo, hi = hi, 2 * hi
        if hi > 1e300:
            return float("inf")
    while hi - lo > 1e-12 * hi:
        middle = (lo + hi) / 2
        lo, hi = (lo, middle) if quantity.miss(n, middle, alpha) <= beta else (middle, hi)
    return hi


def samples_needed(quantity: Quantity, discrepancy: float, alpha: float, beta: float) -> int:
    """An n that sees `discrepancy` with probability 1 - beta while n - 1 does not.

    Counts are whole numbers, so the miss probability saws as it falls: this n need not be the very first.
    """
    return _first(lambda n: quantity.miss(n, discrepancy, alpha) <= beta)


def first_stage(components: Sequence[Component], *, stages: int, alpha: float, beta: float) -> int:
    """An n0 for which `planned_power` reaches 1 - beta, while n0 - 1 would not.

    Raises DesignError where none does, at once where it is for the sake of alpha, which bounds the power by 1 - alpha.
    """
    if alpha >= beta:
        raise DesignError(
            f"alpha = {alpha:.3g} must be below beta = {beta:.3g}, or not even {LARGEST} samples are enough: make "
            "alpha smaller against beta"
        )
    return _first(lambda n0: planned_power(components, n0=n0, stages=stages, alpha=alpha) >= 1 - beta)


def planned_power(components: Sequence[Component], *, n0: int, stages: int, alpha: float) -> float:
    """A lower bound for the probability that a claim is decided as it should be by its last stage.

    If every |discrepancy| <= bias the outcome is AGREE, if one is >= bias + margin it is DISAGREE, unless an
    end of an interval strays a margin at the last stage (the sum of the misses) or an interval at some
    stage fails to cover (alpha). A wrong prediction 2 bias + margin away is rejected by the same event.
    """
    n, share = sample_sizes(n0, stages)[-1], spend(alpha / len(components), stages)[-1]
    missed = sum(component.interval.miss(n, component.margin, share) for component in components)
    return max(0.0, 1 - alpha - missed)


def require_power(components: Sequence[Component], *, n0: int, stages: int, alpha: float, beta: float) -> float:
    """The planned power, or a DesignError that says what would be enough."""
    power = planned_power(components, n0=n0, stages=stages, alpha=alpha)
    if power < 1 - beta:
        enough = first_stage(components, stages=stages, alpha=alpha, beta=beta)
        raise DesignError(
            f"planned power {power:.6g} is below 1 - {beta:.3g}: {stages} stages from n0 = {n0} samples "
            f"cannot see the margins; n0 = {enough} could, or a wider margin"
        )
    return power


def _first(enough: Callable[[int], bool]) -> int:
    """n with enough(n) and not enough(n - 1), by doubling and bisection."""
    lo, hi = 0, 1
    while not enough(hi):
        lo, hi = hi, GROWTH * hi
        if hi > LARGEST:
            raise DesignError(f"not even {lo} samples are enough: widen the margin, or make alpha smaller against beta")
    while hi - lo > 1:
        middle = (lo + hi) // 2
        lo, hi = (lo, middle) if enough(middle) else (middle, hi)
    return hi
