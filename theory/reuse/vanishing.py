"""Proofs that E[H_l(u) | y] = 0: no function of the label correlates with a Hermite polynomial of order l."""

import sympy

from ..hermite.forms import canonical
from ..problem import Target
from ..problem.functions import hermite_polynomial
from .growth import has_moment
from .powers import Powers


def vanishes(target: Target, powers: Powers, order: int) -> bool:
    """Whether E[F(y) H_order(u)] = 0 is proven for every F (docs/notes/reuse_staircase.md, item 8).

    Three proofs: f* is even and the order odd; f* has finitely many values and all their coefficients vanish exactly;
    f* - c is a power of |He_{order-1}(x)| exp(-x^2/2), x one coordinate.
    """
    if order % 2 and _even(target):
        return True
    return has_moment(powers, order) is False or _is_power_of_hermite_function(target, order)


def _even(target: Target) -> bool:
    mirrored = target.expr.subs({z: -z for z in target.symbols}, simultaneous=True)
    return sympy.expand(canonical(mirrored) - canonical(target.expr)) == 0


def _is_power_of_hermite_function(target: Target, order: int) -> bool:
    """f* = c + C |He_{l-1}(x) exp(-x^2/2)|^r with r > 0, C constant between the zeros of He_{l-1}.

    It is so iff f' He_{l-1} = -r He_l (f - c), as (He_{l-1} phi)' = -He_l phi.
    """
    used = [z for z in target.symbols if target.expr.has(z)]
    if len(used) != 1 or order < 2:
        return False
    x, expr = used[0], canonical(target.expr)
    if expr.has(sympy.Abs, sympy.sign):
        return False
    rest = expr - expr.as_independent(x, as_Add=True)[0]
    lower, upper = hermite_polynomial(order - 1, x), hermite_polynomial(order, x)
    rate = sympy.simplify(-rest.diff(x) * lower / (upper * rest))
    return bool(not rate.free_symbols and rate.is_positive)
