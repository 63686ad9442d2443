"""What the target has along functions he_i(g) <v, x> with v beside beta."""

from functools import lru_cache
from math import factorial
from typing import TYPE_CHECKING

from ..hermite import expansion, hermite_tensor
from ..hermite.expansion import ORDER as TARGET_ORDER
from ..problem import Target
from .kernel import ORDER
from .step import StepConstants

if TYPE_CHECKING:
    import numpy as np


def side_labels(target: Target, constants: StepConstants, phi: float) -> "tuple[np.ndarray, np.ndarray]":
    """(13,): E[f* he_i(g) <r, x>], r the part of u = C_1/|C_1| beside beta, of norm one; and (13, 13), the sum
    over orthonormal v perpendicular to both of E[f* he_i(g) <v, x>] E[f* he_j(g) <v, x>].

    t_i = E[f* he_i(g) x] = rho^i C_{i+1}[u, .., u, .]/sqrt(i!); beta has rho u in the space of f*, so that over all v
    perpendicular to beta the sum is <t_i, t_j> - rho^2 <t_i, u> <t_j, u>. Derived in docs/notes/spike_gains.md.
    """
    import numpy as np

    share, first, others = constants.alignment(phi), np.zeros(ORDER + 1), np.zeros((ORDER + 1, ORDER + 1))
    if constants.target[1] == 0:
        return first, others
    rows, slope = _tensors(target)
    scale = np.array([share ** (i / 2) * factorial(i) ** 0.5 for i in range(TARGET_ORDER)])
    vectors = scale[:, None] * rows
    along = vectors @ slope
    first[:TARGET_ORDER] = (1 - share) ** 0.5 * along
    others[:TARGET_ORDER, :TARGET_ORDER] = vectors @ vectors.T - np.outer(along, along)
    return first, others


def second_energy(target: Target) -> tuple[float, float]:
    """|C_2|^2 and tr C_2, C_2 = E[f* (x x^T - 1)]."""
    import numpy as np

    second = np.array(hermite_tensor(target, 2).tolist(), dtype=float)
    return float(np.sum(second**2)), float(np.trace(second))


@lru_cache(maxsize=64)
def _tensors(target: Target) -> "tuple[np.ndarray, np.ndarray]":
    """(10, k): C_{i+1}[u, .., u, .]/i!, i = 0 .. 9, component m being sum over |a| = i + 1 of h_a a_m u^(a - e_m); and
    u (k,).
    """
    import numpy as np

    series = expansion(target)
    kept = {key: value for key, value in series.terms.items() if not series.field.is_zero(value)}
    terms = {key: float(series.field.to_sympy(value)) for key, value in kept.items() if sum(key) <= TARGET_ORDER}
    slope = np.array([terms.get(tuple(int(i == j) for i in range(target.k)), 0.0) for j in range(target.k)])
    slope /= np.linalg.norm(slope)
    found = np.zeros((TARGET_ORDER, target.k))
    for key, value in terms.items():
        for m in (m for m in range(target.k) if key[m]):
            powers = np.array(key) - np.eye(target.k, dtype=int)[m]
            found[sum(key) - 1, m] += value * key[m] * float(np.prod(slope**powers))
    return found, slope
