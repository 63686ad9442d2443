"""The registry of claims."""

from __future__ import annotations

from functools import cache

from ..claim import Claim


@cache
def claims() -> tuple[Claim, ...]:
    """Every claim giantstep ships, in the order in which they are verified."""
    from .exactness import chain, conditioned, descent, dice
    from .giant_step import (
        gradient,
        limit_law,
        links,
        necessity,
        one_direction,
        one_step,
        parity,
        preprocessing,
        staircase,
        stuck,
        trajectory,
    )
    from .readout import equivalent, floors, linear_floor, preprocessed, random_features
    from .reuse import escape, gradient_flow, hidden, mean_bias, reachable, same_samples
    from .reuse import trajectory as reused
    from .spikes import alignment, gains, maximal_rate, spectrum, two_steps
    from .spikes import gradient as rank_one
    from .spikes import staircase as rate_staircase

    first_step = (gradient, one_step, one_direction, necessity, limit_law, preprocessing, links)
    readouts = (random_features, equivalent, floors, linear_floor, preprocessed)
    later_steps = (staircase, stuck, parity, trajectory)
    reuse = (reachable, hidden, reused, escape, same_samples, gradient_flow, mean_bias)
    growing_rate = (rank_one, spectrum, alignment, gains, rate_staircase, maximal_rate, two_steps)
    exact = (descent, conditioned, dice, chain)
    modules = (*exact, *first_step, *later_steps, *readouts, *reuse, *growing_rate)
    return tuple(module.CLAIM for module in modules)
