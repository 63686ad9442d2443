"""How many samples per dimension optimal first-order methods need where no direction is seen at once."""

import math
from dataclasses import dataclass

import flint

from ..hermite import balls
from ..problem import ProblemError, Target
from .dependence import constant_directions
from .generative import generative_exponent
from .powers import Powers
from .threshold_finite import largest_of_finitely_many
from .threshold_link import largest_of_even_link
from .threshold_quadratic import largest_of_quadratic


@dataclass(frozen=True)
class ReuseThreshold:
    """alpha_c = n/d below which the uninformed fixed point of optimal first-order methods is stable.

    error: bounds |alpha - true|; proven if `certified`, else estimated from two quadratures. math.inf: no number of
    samples proportional to d is enough. Gradient descent at that alpha need not succeed.
    """

    alpha: float
    error: float
    certified: bool


def reuse_threshold(target: Target | str) -> ReuseThreshold:
    """1/alpha_c = the operator norm of S -> E[T(y) S T(y)], T(y) = E[u u^T - I | y] (arXiv 2405.15480).

    Computed for links that are even functions of one coordinate, for finitely many values, and for quadratic targets
    with one nonzero eigenvalue, equal ones, or a pair +-lambda; derived in docs/notes/reuse_staircase.md, item 9.
    Raises ProblemError for a constant, where E[u | y] != 0 (nothing has to be exceeded then), and elsewhere. Label
    noise is not included.
    """
    target = target if isinstance(target, Target) else Target(target)
    if target.noise:
        raise ProblemError("reuse_threshold knows labels without noise only")
    exponent = generative_exponent(target)
    if exponent == math.inf:
        raise ProblemError("the target is constant: there is nothing to learn")
    if exponent == 1:
        raise ProblemError("E[u | y] is not zero: finitely many steps reach a direction at any n of order d")
    if exponent > 2:
        return ReuseThreshold(math.inf, 0.0, True)
    with flint.ctx.workprec(balls.PRECISION):
        powers = Powers(target)
        if powers.finite is not None:
            return _of(*largest_of_finitely_many(powers.finite), True)
        constant = constant_directions(target, powers.first)
        if target.degree == 2:
            return _of(*largest_of_quadratic(powers.first, target.k - len(constant)))
        return _of(*largest_of_even_link(target), False)


def _of(norm: float, error: float, certified: bool) -> ReuseThreshold:
    """alpha = 1/norm, with the error that follows from that of the norm."""
    if error >= norm:
        raise ProblemError(f"the operator norm {norm:.3g} is not told from zero")
    return ReuseThreshold(1 / norm, error / (norm * (norm - error)) + 2**-50 / norm, certified)
