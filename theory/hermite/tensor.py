"""Hermite tensors C_m = E[f* H_m(z)] = E[grad^m f*], symmetric, unnormalised."""

from itertools import product
from math import factorial, prod

import sympy

from ..problem import ProblemError, Target
from .expansion import ORDER, expansion

MAX_ENTRIES = 10**6


def hermite_tensor(target: Target | str, order: int) -> sympy.ImmutableDenseNDimArray:
    """C_order, shape (k,) * order, so that f* = sum_m <C_m, H_m(z)> / m! and E f*^2 = sum_m ||C_m||_F^2 / m!.

    Exact sympy numbers for a polynomial; otherwise Floats with errors below 1e-15 of the largest entry where
    bounds are proven (see `expansion`). Raises ProblemError for a negative order, an order above 10 of a
    target that is no polynomial, and a tensor of more than a million entries.
    """
    target = Target(target) if not isinstance(target, Target) else target
    if isinstance(order, bool) or not isinstance(order, int) or order < 0:
        raise ProblemError(f"order = {order!r} is not a whole number of at least 0")
    if target.degree is None and order > ORDER:
        raise ProblemError(f"order = {order}: tensors of a target that is no polynomial go up to order {ORDER}")
    if target.k**order > MAX_ENTRIES:
        raise ProblemError(f"C_{order} would have {target.k}^{order} entries; at most {MAX_ENTRIES}")
    series = expansion(target)
    entries = []
    for indices in product(range(target.k), repeat=order):
        key = tuple(indices.count(i) for i in range(target.k))
        value = series.terms.get(key)
        scale = prod(factorial(e) for e in key)
        entries.append(sympy.Integer(0) if value is None else series.field.to_sympy(value) * scale)
    if order == 0:
        return sympy.ImmutableDenseNDimArray(entries[0])
    return sympy.ImmutableDenseNDimArray(entries, (target.k,) * order)
