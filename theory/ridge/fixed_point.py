"""The one scalar that all of ridge regression on random features hangs on."""

import math
from dataclasses import dataclass

from ..energies import FeatureEnergy

_STEPS = 400  # bisection alone needs no more in log w; Newton needs about six


@dataclass(frozen=True)
class FixedPoint:
    """Deterministic equivalents at aspect ratios phi = d/n, psi = d/N. Derived in docs/notes/ridge.md.

    weight: w, in units where n <= N (times N/n otherwise); may be infinite without ridge.
    linear_left: z = 1/(1 + c_1^2 w/phi), the share of the linear part that is not fitted.
    samples_left: 1 - T, T = df_1/n; neurons_left: 1 - T n/N. samples_slope, neurons_slope: w dT/dw and n/N times it.
    m1 = lim (1/n) tr K^-1, m2 = lim (1/n) tr[(X X^T/d) K^-1], K = F F^T/N + gamma I.
    residual: what is left of the equation T + (1 - T) = 1, whose two terms come from different formulas.
    """

    weight: float
    linear_left: float
    samples_left: float
    neurons_left: float
    samples_slope: float
    neurons_slope: float
    m1: float
    m2: float
    residual: float

    @property
    def variance(self) -> float:
        """1 - df_2/n: labels that features cannot fit cost 1/variance times their energy."""
        return self.samples_left + self.samples_slope * self._speeds[0]

    @property
    def bias(self) -> float:
        """E(f - <a, features>)^2 / |C_1|^2 of the population's ridge fit a, for a linear f."""
        follows, lags = self._speeds
        return self.linear_left * (self.linear_left * follows + lags)

    @property
    def _speeds(self) -> tuple[float, float]:
        """q = -d log w/d log kappa, kappa the population's penalty, and 1 - q."""
        total = self.neurons_left + self.neurons_slope
        return (self.neurons_left / total, self.neurons_slope / total) if total > 0 else (0.0, 1.0)


def fixed_point(energy: FeatureEnergy, phi: float, psi: float, ridge: float, gamma: float) -> FixedPoint:
    """Solved on the smaller side: swapping (n, phi, gamma) with (N, psi, ridge) changes w, T and z by factors only.

    ridge = gamma phi/psi, each finite on the side where it is used. phi and psi in [0, inf], not both 0 or infinite.
    """
    wide = psi <= phi  # N >= n
    aspect, other = (phi, psi) if wide else (psi, phi)
    ratio = 0.0 if other == 0 or math.isinf(aspect) else other / aspect
    weight = _root(energy, aspect, ratio, gamma if wide else ridge)
    fitted, slope, left = _fitted(energy, aspect, weight)
    rest = _rest(weight, ratio, gamma if wide else ridge) if math.isfinite(weight) else 1 - fitted
    mixed = (1 - ratio) + ratio * rest
    scale = 1.0 if wide else ratio
    samples, neurons = (rest, mixed) if wide else (mixed, rest)
    return FixedPoint(
        weight,
        left,
        samples,
        neurons,
        slope if wide else ratio * slope,
        ratio * slope if wide else slope,
        _quotient(scale * weight if scale else 0.0, neurons),
        _quotient(scale * _linear_weight(energy, aspect, weight), neurons),
        abs(fitted + rest - 1),
    )


def _fitted(energy: FeatureEnergy, aspect: float, weight: float) -> tuple[float, float, float]:
    """T = w (B + A z), w dT/dw = w (B + A z^2), z = 1/(1 + A w/aspect); A = c_1^2, B = E sigma^2 - c_0^2 - c_1^2."""
    if math.isinf(weight):  # only without ridge, B = 0 and d < n, N
        return aspect, 0.0, 0.0
    left = 1 / (1 + energy.linear * weight / aspect)
    linear, nonlinear = energy.linear * weight * left, energy.nonlinear * weight
    return nonlinear + linear, nonlinear + linear * left, left


def _linear_weight(energy: FeatureEnergy, aspect: float, weight: float) -> float:
    """w z."""
    return aspect / energy.linear if math.isinf(weight) else weight / (1 + energy.linear * weight / aspect)


def _rest(weight: float, ratio: float, penalty: float) -> float:
    """1 - T as the positive root e of e (1 - ratio + ratio e) = penalty w: no digits are lost as e -> 0."""
    load = penalty * weight
    return 2 * load / (1 - ratio + math.sqrt((1 - ratio) ** 2 + 4 * ratio * load)) if load > 0 else 0.0


def _root(energy: FeatureEnergy, aspect: float, ratio: float, penalty: float) -> float:
    """w with T(w) + e(w) = 1, both increasing from 0: safeguarded Newton in log w inside a bracket."""
    full = _interpolating(energy, aspect)
    if penalty == 0:
        return full
    high = min(full, 1 / penalty)
    low = min(high, 0.5 / (energy.linear + energy.nonlinear), 0.25 / penalty)
    weight = math.sqrt(low) * math.sqrt(high)
    for _ in range(_STEPS):
        fitted, slope, _left = _fitted(energy, aspect, weight)
        excess = fitted + _rest(weight, ratio, penalty) - 1
        low, high = (low, weight) if excess > 0 else (weight, high)
        load = penalty * weight
        slope += load / math.sqrt((1 - ratio) ** 2 + 4 * ratio * load)
        moved = weight * math.exp(max(-1.0, min(1.0, -excess / slope)))
        if excess == 0 or abs(moved - weight) <= 1e-16 * weight or high <= low * (1 + 2e-16):
            break
        weight = moved if low < moved < high else math.sqrt(low) * math.sqrt(high)
    return weight


def _interpolating(energy: FeatureEnergy, aspect: float) -> float:
    """w with T(w) = 1: the positive root of (A B/aspect) w^2 + (A + B - A/aspect) w = 1; infinite if T stays below."""
    square = energy.linear * energy.nonlinear / aspect
    middle = energy.linear + energy.nonlinear - energy.linear / aspect
    root = math.sqrt(middle**2 + 4 * square)
    if middle > 0:
        return 2 / (middle + root)
    return (root - middle) / (2 * square) if square > 0 else math.inf


def _quotient(value: float, by: float) -> float:
    return value / by if by > 0 else (math.inf if value > 0 else 0.0)
