"""One confidence interval, three answers."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from .interval import Interval


class Status(StrEnum):
    """What a claim can come to; POWERLESS is an AGREE that a planted wrong theory also survived."""

    AGREE = "AGREE"
    DISAGREE = "DISAGREE"
    INCONCLUSIVE = "INCONCLUSIVE"
    POWERLESS = "POWERLESS"


class Decision(NamedTuple):
    """A status, and whether an AGREE has resolved a bias within its allowance (zero allowance included)."""

    status: Status
    resolved_bias: bool = False


def decide(discrepancy: Interval, margin: float, bias: float, final: bool) -> Decision:
    """Judge the interval of (simulated - predicted) against the allowance `bias` and the `margin` beyond it.

    AGREE: inside the open (-(bias + margin), bias + margin), an equivalence test. DISAGREE: misses
    [-bias, bias] and is not inside the region of AGREE; while more stages may come (`final` false) it
    must miss that region too. INCONCLUSIVE otherwise. All in the unit of the quantity.
    """
    edge = bias + margin
    off_allowance = discrepancy.lo > bias or discrepancy.hi < -bias
    if -edge < discrepancy.lo and discrepancy.hi < edge:
        return Decision(Status.AGREE, resolved_bias=off_allowance)
    beyond_doubt = discrepancy.lo >= edge or discrepancy.hi <= -edge
    if beyond_doubt or (final and off_allowance):
        return Decision(Status.DISAGREE)
    return Decision(Status.INCONCLUSIVE)


def combine(statuses: Iterable[Status]) -> Status:
    """AGREE if all agree, DISAGREE if any disagrees, INCONCLUSIVE otherwise."""
    seen = set(statuses)
    if Status.DISAGREE in seen:
        return Status.DISAGREE
    return Status.AGREE if seen == {Status.AGREE} else Status.INCONCLUSIVE
