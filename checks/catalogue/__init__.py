"""The registry of claims."""

from __future__ import annotations

from functools import cache

from ..claim import Claim


@cache
def claims() -> tuple[Claim, ...]:
    """Every claim giantstep ships, in the order in which they are verified."""
    from .exactness import chain, conditioned, descent, dice
    from .giant_step import gradient, one_direction, one_step, parity, staircase, stuck

    modules = (descent, conditioned, dice, chain, gradient, one_step, one_direction, staircase, stuck, parity)
    return tuple(module.CLAIM for module in modules)
