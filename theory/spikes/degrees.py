"""How much of each Hermite degree of the target ridge regression holds."""

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import sympy

from ..hermite import expansion
from ..problem import Target
from ..ridge import RandomFeatureErrors
from .captured import Captured

if TYPE_CHECKING:
    import numpy as np

HIGHEST = 10  # degrees followed: what `step_constants` keeps of the target


def learned_degrees(
    target: Target, bulk: RandomFeatureErrors, found: Captured, start: "np.ndarray | float" = 0.0
) -> tuple[float, ...]:
    """(R_0, .., R_10), R_j = E[f P_j f*]/E(P_j f*)^2 of f = F a on fresh x; math.nan where f* has no part P_j f*.

    A fresh residual is one on the batch over gamma m1, so E[(f* - f) P_j f*] is (1/n) (P_j f*)^T K^-1 y/m1: before the
    columns m(j)/m1 of the energy, m(1) = m2 and else m1, and less by part j of Phi over m1. start (13,): the parts over
    m1 that F has before any step at finite d, which are not counted. Derived in docs/notes/spike_gains.md.
    """
    rises = found.parts / bulk.m1 - start
    baseline = 1 - bulk.m2 / bulk.m1
    shares = [
        math.nan if energy == 0 else (baseline if j == 1 else 0.0) + float(rises[j]) / energy
        for j, energy in enumerate(_energies(target))
    ]
    return tuple(shares)


@lru_cache(maxsize=256)
def _energies(target: Target) -> tuple[float, ...]:
    """E (P_j f*)^2, j = 0 .. 10, f* centred."""
    series = expansion(target)
    found = [float(sympy.N(series.field.to_sympy(series.energy(j)), 30)) for j in range(HIGHEST + 1)]
    return 0.0, *found[1:]
