"""Targets with a known mass at every degree outside U: where the floor at kappa1 != kappa2 is looked for."""

from collections.abc import Sequence
from typing import NamedTuple

import sympy

from ..hermite.terms import Terms
from ..problem import ProblemError, Target
from ..problem.functions import MAX_HERMITE, hermite_polynomial
from ..problem.scalars import integer

MAX_LEARNED = 4


class Planted(NamedTuple):
    """target: f*. subspace: U, a k x (k - 1) matrix."""

    target: Target
    subspace: sympy.ImmutableMatrix


def planted_masses(degrees: Sequence[int] = (1, 2, 3), learned: int = 1) -> Planted:
    """f* with one unit of energy at each of `degrees` in the coordinate y outside U, and U = U*_m, m = `learned`.

    With m = learned, y = z_{m+1}: f* = z1 + z1 z2 + ... + z1..zm + (z1..zm) y [degree 1] + sum He_j(y) / sqrt(j!)
    [degrees j >= 2]. Its staircase is U*_t = span(e1..et) for t <= m, so that m steps of n = Theta(d) fresh samples
    at eta = Theta(p) learn U and nothing of y (the term of degree 1 opens y only in step m + 1), and
    error_floor(f*, kappa, U) is exactly the number of `degrees` above kappa. m = 0: random features.

    It serves the question whether the floor at n = d^kappa1 samples and p = d^kappa2 neurons depends on
    min(kappa1, kappa2) only, symmetrically (arXiv 2305.18270, Conjecture 3, proven at kappa1 = kappa2 = 1): learn U
    with m steps at n = Theta(d), then fit the second layer at (kappa1, kappa2) over a grid; the test error must pass
    3, 2, 1, 0 as the smaller of the two crosses 1, 2, 3. The second layer needs a student whose Hermite coefficients
    at `degrees` do not vanish (relu without bias has c_3 = 0). Derived in docs/notes/floors.md.
    Raises ProblemError unless degrees are different whole numbers from 1 to 20 and learned is one from 0 to 4.
    """
    m = integer(learned, "learned", low=0, high=MAX_LEARNED)
    orders = sorted(integer(j, "a degree", low=1, high=MAX_HERMITE) for j in degrees)
    if not orders or len(set(orders)) < len(orders):
        raise ProblemError(f"degrees = {tuple(degrees)}: give different whole numbers, at least one")
    terms: dict[tuple[int, ...], sympy.Expr] = {
        (*[1] * t, *[0] * (m + 1 - t)): sympy.Integer(1) for t in range(1, m + 1)
    }
    for j in orders:
        terms = _plus(terms, {(1,) * (m + 1): sympy.Integer(1)} if j == 1 else _hermite(j, m))
    return Planted(Target(terms, k=m + 1), sympy.ImmutableMatrix(sympy.eye(m + 1)[:, :m]))


def _hermite(order: int, m: int) -> Terms:
    """He_order(z_{m+1}) / sqrt(order!), of energy one."""
    y = sympy.Symbol("y")
    poly = sympy.Poly(hermite_polynomial(order, y), y)
    return {(*[0] * m, power): c / sympy.sqrt(sympy.factorial(order)) for (power,), c in poly.terms()}


def _plus(first: Terms, second: Terms) -> Terms:
    return {
        key: first.get(key, sympy.Integer(0)) + second.get(key, sympy.Integer(0))
        for key in first.keys() | second.keys()
    }
