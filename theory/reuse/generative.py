"""The generative exponent: what the information exponent becomes when labels may be transformed."""

import math

import flint

from ..hermite import balls
from ..hermite.expansion import ORDER
from ..problem import ProblemError, Target
from .climb import reuse_staircase
from .dependence import constant_directions
from .growth import has_moment
from .powers import Powers
from .vanishing import vanishes


def generative_exponent(target: Target | str) -> int | float:
    """The smallest l >= 1 with E[F(y) H_l(u)] != 0 for some function F of the label (arXiv 2403.05529).

    u: all teacher coordinates, none of them learned (as in `leap_index`, which has F(y) = y). math.inf for a constant.
    Exact for polynomials, where it is 1 or 2 (docs/notes/reuse_staircase.md, items 5 and 7). Others: a moment of a
    power of y that is proven not to vanish is an upper bound, and every lower order must vanish by a proof.
    Raises ProblemError, with the order in question, where neither is found.
    """
    target = target if isinstance(target, Target) else Target(target)
    with flint.ctx.workprec(balls.PRECISION):
        powers = Powers(target)
        if len(constant_directions(target, powers.first)) == target.k:
            return math.inf
        if target.terms is not None:
            return _of_polynomial(target)
        if powers.finite is not None and len(powers.finite.values) == 1:
            return math.inf
        return _of_other(target, powers)


def _of_polynomial(target: Target) -> int:
    first = reuse_staircase(target)
    if len(first.subspaces) > 1:
        return 1
    if not first.certified:
        raise ProblemError(f"it is 1 or 2, but E[u | y] is neither seen nor proven to vanish: {first.why_stuck}")
    return 2


def _of_other(target: Target, powers: Powers) -> int:
    for order in range(1, ORDER + 1):
        seen = has_moment(powers, order)
        if seen and all(series.certified for series in powers.known):
            return order
        if seen:
            raise ProblemError(f"E[F(y) H_{order}(u)] is not zero in numbers, but their error is only estimated")
        if not _proven_zero(target, powers, order):
            raise ProblemError(
                f"E[F(y) H_{order}(u)]: no power of y up to {len(powers.known)} shows it, nothing proves that it is 0"
            )
    raise ProblemError(f"E[F(y) H_l(u)] = 0 for all orders l up to {ORDER}; higher ones are not looked at")


def _proven_zero(target: Target, powers: Powers, order: int) -> bool:
    if vanishes(target, powers, order):
        return True
    if order > 1:
        return False
    first = reuse_staircase(target)
    return len(first.subspaces) == 1 and first.certified
