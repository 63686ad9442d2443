"""A feature given what its row has learned: constant, linear and remaining part of u -> sigma(s + r u)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..fresh.axes import END, gauss_hermite, gauss_legendre, trapezoidal
from ..fresh.functions import degree, function, kinks
from ..problem import Activation, ProblemError
from .arrays import matrix, row

if TYPE_CHECKING:
    import numpy as np

_LEGENDRE = (8, 12, 18, 27, 40)  # nodes a panel
SPACINGS = (1 / 4, 1 / 6, 1 / 9, 1 / 13, 1 / 20)
_WIDEST = 2.5  # panel
_GOOD = 1e-10  # of the largest coefficient
_BLOCK = 1 << 18


@dataclass(frozen=True, eq=False)
class ConditionalCoefficients:
    """sigma(<m, kappa> + b + r g) = mu_0 + r mu_1 g + mu_star zeta: parts uncorrelated, E zeta = 0, E zeta^2 = 1.

    Arrays (n, p): samples kappa times neurons. error: the largest last change of an entry of mu_0, r mu_1 or mu_star^2,
    rules being refined by 3/2.
    """

    mu_0: "np.ndarray"
    mu_1: "np.ndarray"
    mu_star: "np.ndarray"
    error: float


def conditional_coefficients(
    activation: Activation | str, overlaps: Any, remainders: Any, kappa: Any, *, bias: Any = 0.0
) -> ConditionalCoefficients:
    """mu_0 = E sigma, mu_1 = E[sigma g]/r and mu_star^2 = E sigma^2 - mu_0^2 - r^2 mu_1^2 of sigma(<m_i, kappa> + b_i +
    r_i g), g ~ N(0, 1): what sigma(<w_i, z> + b_i) is given kappa = P_U z (arXiv 2305.18270, docs/notes/ridge.md).

    overlaps (p, m): m_i = P_U w_i in an orthonormal basis of U. remainders (p,): r_i = |w_i - P_U w_i| >= 0; mu_1 = 0
    where r_i = 0. kappa (n, m). bias: a number or (p,). sigma is not centred. Unnormalised: mu_1 multiplies
    <w_perp, z_perp>, whose variance is r^2.
    Raises ProblemError for shapes that do not fit, numbers that are not finite, an activation whose pieces meet at no
    root of an affine function, and a rule that does not converge.
    """
    import numpy as np

    overlaps, kappa = matrix(overlaps, "overlaps"), matrix(kappa, "kappa")
    if overlaps.shape[1] != kappa.shape[1]:
        raise ProblemError(f"overlaps {overlaps.shape} and kappa {kappa.shape}: both need one column a direction")
    r, b = row(remainders, "remainders", len(overlaps)), row(bias, "bias", len(overlaps))
    if (r < 0).any():
        raise ProblemError("remainders are norms, and one is negative")
    shift = kappa @ overlaps.T + b
    parts, error = parts_of(Activation(activation), shift.ravel(), np.broadcast_to(r, shift.shape).ravel())
    mu_0, linear, square = (part.reshape(shift.shape) for part in parts)
    mu_1 = np.divide(linear, r, out=np.zeros_like(linear), where=r > 0)
    return ConditionalCoefficients(mu_0, mu_1, np.sqrt(square), error)


def parts_of(activation: Activation, shift: "np.ndarray", scale: "np.ndarray") -> "tuple[np.ndarray, float]":
    """(3, N) with rows mu_0, r mu_1 and mu_star^2 of sigma(shift + scale g), and the largest last change."""
    import numpy as np

    coarse = _parts(activation, shift, scale, 0)
    for level in range(1, len(SPACINGS)):
        fine = _parts(activation, shift, scale, level)
        if not np.isfinite(fine).all():
            break
        error = float(np.abs(fine - coarse).max(initial=0))
        if error <= _GOOD * max(1.0, float(np.abs(fine).max(initial=0))):
            return fine, error
        coarse = fine
    raise ProblemError("the conditional coefficients do not converge: rows or kappa are too large for this activation")


def _parts(activation: Activation, shift: "np.ndarray", scale: "np.ndarray", level: int) -> "np.ndarray":
    import numpy as np

    sigma, result = function(activation.expr, [activation.symbol]), np.empty((3, len(shift)))
    with np.errstate(over="ignore", invalid="ignore"):
        for block, g, weights in rules(activation, shift, scale, level):
            values = sigma(shift[block, None] + scale[block, None] * g)
            mean = (values * weights).sum(axis=1)
            slope = (values * g * weights).sum(axis=1) * (scale[block] > 0)
            rest = values - mean[:, None] - slope[:, None] * g
            result[:, block] = mean, slope, (rest**2 * weights).sum(axis=1) * (scale[block] > 0)
    return result


def rules(
    activation: Activation, shift: "np.ndarray", scale: "np.ndarray", level: int
) -> "Iterator[tuple[slice, np.ndarray, np.ndarray]]":
    """Blocks of arguments with nodes g and weights, (1, G) or (block, G): exact for polynomials, cut at kinks."""
    import numpy as np

    power, breaks = degree(activation), kinks(activation)
    if breaks is None:
        raise ProblemError("needs an activation whose pieces meet at roots of affine functions")
    common = None
    if power is not None:
        common = gauss_hermite(power + 1 + level)
    elif not breaks:
        common = trapezoidal(SPACINGS[level])
    grid = np.linspace(-END, END, round(2 * END / _WIDEST) + 1)
    count = len(common[1]) if common else (len(grid) + len(breaks) - 1) * _LEGENDRE[level]
    step = max(1, _BLOCK // count)
    for start in range(0, len(shift), step):
        block = slice(start, start + step)
        if common:
            yield block, common[0][None], common[1][None]
            continue
        distance = np.array(breaks) - shift[block, None]
        positive = scale[block, None] > 0
        ends = np.where(positive, distance / np.where(positive, scale[block, None], 1.0), 0.0)
        fixed = np.broadcast_to(grid, (len(ends), len(grid)))
        ends = np.sort(np.concatenate([fixed, np.clip(ends, -END, END)], axis=1), axis=1)
        nodes, weights = gauss_legendre(ends, _LEGENDRE[level])
        yield block, nodes, weights / weights.sum(axis=1, keepdims=True)
