"""How many spikes a growing rate leaves above the bulk, and how large they are to leading order."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..problem import Activation, ProblemError, Target
from ..problem.scalars import finite, integer
from .kernel import spread, step_strengths
from .step import StepConstants, step_constants

if TYPE_CHECKING:
    import numpy as np

MOST = 10  # spikes: Hermite coefficients kept
CRITICAL = 1e-9  # exponents closer than this to a threshold are at it


def spike_threshold(order: int) -> Fraction:
    """(k - 1)/(2k): from this rate exponent on, spike k outgrows the bulk."""
    order = integer(order, "order", low=1)
    return Fraction(order - 1, 2 * order)


def spike_regime(rate_exponent: float) -> int:
    """l with (l - 1)/(2l) < alpha < l/(2l + 2): spikes 1, .., l outgrow the bulk at rate C n^alpha (arXiv 2310.07891).

    Those with c_k = 0 are missing. Raises ProblemError outside 0 < alpha < 5/11 (l = 10 is the last kept; at 1/2 all
    are of one size), and at a threshold, where C decides.
    """
    alpha = finite(rate_exponent, "rate_exponent")
    last = spike_threshold(MOST + 1)
    if not -CRITICAL < alpha < last + CRITICAL:
        raise ProblemError(
            f"rate_exponent = {alpha:g} does not lie between 0 and {last}: at most {MOST} spikes are kept"
        )
    for order in range(1, MOST + 2):
        threshold = spike_threshold(order)
        if abs(alpha - threshold) <= CRITICAL:
            raise ProblemError(
                f"rate_exponent = {threshold} is the threshold of spike {order}, where the prefactor decides; "
                "move it off (0, 1/4, 1/3, 3/8, ..)"
            )
        if alpha < threshold:
            return order - 1
    return MOST


@dataclass(frozen=True)
class SpikeSize:
    """Singular value of spike k by itself, to leading order: `size` at the sizes given, growing as n^exponent.

    exponent: k alpha - (k - 1)/2 + 1/2; that of the bulk is 1/2. outgrows: exponent > 1/2. size is 0 and exponent -inf
    where c_k = 0.
    """

    order: int
    size: float
    exponent: float
    outgrows: bool


def spike_sizes(
    target: Target | str,
    activation: Activation | str,
    *,
    n: int,
    d: int,
    width: int,
    rate_exponent: float,
    prefactor: float,
    scaling: str = "mean-field",
) -> tuple[SpikeSize, ...]:
    """Spikes k = 1 .. l + 1, l the regime: s_k = sqrt(n N) |c_k| kappa^k d_k, kappa = C n^alpha c_1 sqrt(B/N).

    d_k^2 is the Schur complement of the moments of p_k(g) among p_1, .., p_k, times that of a^k among a, .., a^k,
    orders with c_j = 0 left out; p_k(g) = E_z(g + sqrt(r) z)^k, r = tau^2/kappa^2. At r = 0: d_k = 1, 3, 6, 30.
    Derived in docs/notes/spikes.md; leading order means that spikes are far apart, which at common n they are not
    (`spike_spectrum` does without). Raises ProblemError as `spike_spectrum` does.
    """
    constants = step_constants(Target(target), Activation(activation), scaling)
    top = spike_regime(rate_exponent) + 1
    n, d, width = sizes(n, d, width)
    kappa, _tau = step_strengths(constants, d / n, width, finite(prefactor, "prefactor", low=0) * n**rate_exponent)
    return tuple(_size(constants, k, n, d, width, rate_exponent, abs(kappa)) for k in range(1, min(top, MOST) + 1))


def sizes(n: Any, d: Any, width: Any) -> tuple[int, int, int]:
    """The three numbers checked."""
    return integer(n, "n", low=2), integer(d, "d", low=1), integer(width, "width", low=1)


def _size(
    constants: StepConstants, order: int, n: int, d: int, width: int, rate_exponent: float, kappa: float
) -> SpikeSize:
    if constants.sigma[order] == 0:
        return SpikeSize(order, 0.0, -math.inf, False)
    orders = [k for k in range(1, order + 1) if constants.sigma[k] != 0]
    shape = spike_shape(orders, spread(constants, d / n))
    size = math.sqrt(n * width) * abs(constants.sigma[order]) * kappa**order * shape
    exponent = order * rate_exponent - (order - 1) / 2 + 1 / 2
    return SpikeSize(order, size, exponent, rate_exponent > spike_threshold(order))


def spike_shape(orders: list[int], r: float) -> float:
    """d_k of the last of `orders`, the others being there too."""
    return math.sqrt(_schur(column_moments(orders, r)) * _schur(column_moments(orders, 0.0)))


def column_moments(orders: list[int], r: float) -> "np.ndarray":
    """E[p_j p_k] over `orders`, p_k(g) = E_z (g + sqrt(r) z)^k."""
    import numpy as np

    columns = [column(k, r) for k in orders]
    products = [[np.polynomial.polynomial.polymul(a, b) for b in columns] for a in columns]
    return np.array([[sum(c * moment(i) for i, c in enumerate(p)) for p in line] for line in products])


def column(order: int, r: float) -> list[float]:
    """Coefficients of p_k(g) = sum_j binom(k, j) E[z^j] r^(j/2) g^(k - j), constant first."""
    return [math.comb(order, j) * moment(j) * r ** (j / 2) for j in range(order, -1, -1)]


def moment(order: int) -> int:
    """E g^order, g ~ N(0, 1)."""
    return 0 if order % 2 else math.prod(range(1, order, 2))


def _schur(gram: "np.ndarray") -> float:
    import numpy as np

    return float(gram[-1, -1] - gram[-1, :-1] @ np.linalg.solve(gram[:-1, :-1], gram[:-1, -1]))
