"""The spectrum of random features from outside: its upper edge, and the two traces beyond it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ..energies import FeatureEnergy
from ..problem import ProblemError

_STEPS = 200  # of bisection in log t, until neighbours are met
_NEAR = 1 - 2e-16


@dataclass(frozen=True)
class Outside:
    """At gamma = -value beyond the edge: m1 = lim (1/n) tr K^-1 and m2 = lim (1/n) tr[(X X^T/d) K^-1], both negative.

    K = F F^T/N + gamma I, so value is where eigenvalues of F F^T/N, squares of singular values over N, are looked for.
    m1_slope, m2_slope: derivatives in gamma, negative. residual: of the equation for t = -w, relative.
    """

    value: float
    m1: float
    m2: float
    m1_slope: float
    m2_slope: float
    residual: float


def outside(energy: FeatureEnergy, phi: float, psi: float, value: float) -> Outside:
    """The traces of the fixed point at w = -t < 0, d/n -> phi, d/N -> psi. Derived in docs/notes/ridge.md.

    phi and psi positive, phi finite; psi = 0 is N = infinity. Raises ProblemError unless value exceeds `bulk_edge`.
    """
    edge = bulk_edge(energy, phi, psi)
    if not edge < value < math.inf:
        raise ProblemError(f"value = {value:g} does not lie beyond the edge of the bulk, {edge:g}")
    ratio, log_value = psi / phi, math.log(value)
    top = _edge_place(energy, phi, psi)
    low = min(top, 1 / value)  # value t > 1 everywhere, so the root lies above 1/value
    t = _bisect(lambda t: math.log(_value(energy, phi, ratio, t)) - log_value, low, top, falling=True)
    fitted, slope, left = _negative(energy, phi, t)
    m1 = -t / (1 + ratio * fitted)
    speed = slope / (1 + fitted) + ratio * slope / (1 + ratio * fitted) - 1  # d log value / d log t
    first = 1 - ratio * slope / (1 + ratio * fitted)
    return Outside(
        value,
        m1,
        m1 * left,
        -m1 / value * first / speed,
        -m1 * left / value * (first + left - 1) / speed,
        abs(_value(energy, phi, ratio, t) / value - 1),
    )


@lru_cache(maxsize=256)
def bulk_edge(energy: FeatureEnergy, phi: float, psi: float) -> float:
    """lim of the largest eigenvalue of F F^T/N (of its bulk): the minimum over t of (1 + T)(1 + T n/N)/t.

    T = t (B + A/(1 - A t/phi)), 0 < t < phi/A. phi in (0, inf], psi in [0, inf]; inf at phi = 0 (n/d infinite).
    Raises ProblemError for phi = psi = inf, where the limit depends on n/N.
    """
    if math.isinf(phi) and math.isinf(psi):
        raise ProblemError("phi = psi = inf: the edge depends on n/N; give two finite ratios")
    if phi == 0:
        return math.inf
    if math.isinf(phi) or (psi == 0 and energy.linear == 0):  # F F^T/N is a multiple of the identity
        return energy.linear + energy.nonlinear
    if math.isinf(psi):
        return math.inf
    return _value(energy, phi, psi / phi, _edge_place(energy, phi, psi))


@lru_cache(maxsize=256)
def _edge_place(energy: FeatureEnergy, phi: float, psi: float) -> float:
    """t with d log value/d log t = 0, a function that increases: T has a power series with positive coefficients."""
    ratio = psi / phi

    def speed(t: float) -> float:
        fitted, slope, _left = _negative(energy, phi, t)
        return slope / (1 + fitted) + ratio * slope / (1 + ratio * fitted) - 1

    pole = phi / energy.linear if energy.linear > 0 else math.inf
    low = min(pole, 1 / (energy.linear + energy.nonlinear)) / 4
    while speed(low) > 0:
        low /= 4
    high = pole * _NEAR if math.isfinite(pole) else low
    while math.isinf(pole) and speed(high) <= 0:
        high *= 4
    return _bisect(speed, low, high)


def _negative(energy: FeatureEnergy, phi: float, t: float) -> tuple[float, float, float]:
    """-T, its derivative times t, and z = 1/(1 - A t/phi), at w = -t."""
    left = 1 / (1 - energy.linear * t / phi)
    linear, nonlinear = energy.linear * t * left, energy.nonlinear * t
    return nonlinear + linear, nonlinear + linear * left, left


def _value(energy: FeatureEnergy, phi: float, ratio: float, t: float) -> float:
    """-gamma."""
    fitted = _negative(energy, phi, t)[0]
    return (1 + fitted) * (1 + ratio * fitted) / t


def _bisect(function: Callable[[float], float], low: float, high: float, falling: bool = False) -> float:
    """The root between low and high of a monotone function."""
    for _ in range(_STEPS):
        middle = math.sqrt(low) * math.sqrt(high)
        if not low < middle < high:
            break
        low, high = (low, middle) if (function(middle) > 0) != falling else (middle, high)
    return math.sqrt(low) * math.sqrt(high)
