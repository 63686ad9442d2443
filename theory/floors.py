"""Error floors: what no second layer can fit once the first has learned U."""

import math
from typing import Any

import sympy

from .frame import Directions, expansion_with, frame, read_subspace, subspace_vectors
from .problem import ProblemError, Target
from .problem.scalars import finite


def error_floor(target: Target | str, kappa: float = 1, subspace: Directions = None) -> sympy.Expr:
    """||P_{U,>kappa} f*||^2: the energy of f* above degree kappa in the coordinates outside U (arXiv
    2305.18270).

    kappa: n = d^kappa samples and p = d^kappa neurons fit degrees up to floor(kappa); 0 is bounded width and
    gives E Var(f* | P_U z). subspace: k x m matrix, sequence of vectors, or None for {0}, the floor of random
    features. Exact. Raises ProblemError for a negative or non-finite kappa and for a target that is no
    polynomial.
    """
    target = target if isinstance(target, Target) else Target(target)
    degree = math.floor(finite(kappa, "kappa", low=0))
    if target.terms is None:
        raise ProblemError("an exact error floor needs a polynomial target")
    columns = read_subspace(subspace, target.k)
    series = expansion_with(target, [value for column in columns for value in column])
    view = frame(series, subspace_vectors(series.field, columns, target.k))
    total: Any = series.field.from_sympy(sympy.Integer(0))
    for order, energy in view.energies().items():
        if order > degree:
            total = total + energy
    return series.field.to_sympy(total)
