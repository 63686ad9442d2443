"""How much of each Hermite degree of the target ridge regression holds."""

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import sympy

from ..hermite import expansion
from ..problem import Target

if TYPE_CHECKING:
    import numpy as np

HIGHEST = 10  # degrees followed: what `step_constants` keeps of the target


def learned_degrees(target: Target, linear_left: float, taken: "np.ndarray") -> tuple[float, ...]:
    """(R_0, .., R_10), R_j = E[f P_j f*]/E(P_j f*)^2 of f = F a on fresh x; math.nan where f* has no part P_j f*.

    A fresh residual is one on the batch over gamma m1, so E[(f* - f) P_j f*] = (1/n) (P_j f*)^T K^-1 y/m1: the energy,
    times linear_left = m2/m1 for j = 1, less what columns take, taken (13,): the parts j of Phi over m1. Derived in
    docs/notes/spike_gains.md.
    """
    shares = [
        math.nan if energy == 0 else (1 - linear_left) * (j == 1) + float(taken[j]) / energy
        for j, energy in enumerate(_energies(target))
    ]
    return tuple(shares)


@lru_cache(maxsize=256)
def _energies(target: Target) -> tuple[float, ...]:
    """E (P_j f*)^2, j = 0 .. 10, f* centred."""
    series = expansion(target)
    found = [float(sympy.N(series.field.to_sympy(series.energy(j)), 30)) for j in range(HIGHEST + 1)]
    return 0.0, *found[1:]
