"""One neuron on He_l(z1) over several fresh steps under the correlation loss: exponents, and numbers at finite d.

Derived in docs/notes/multi_step_leap.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import comb, factorial

import numpy as np
from scipy.special import eval_hermitenorm

from theory.fresh.functions import function, kinks
from theory.problem import Activation, ProblemError

REACH, NODES = 10.0, 120  # quadrature in the row's own input: half-lines, so that a kink at 0 is an end
SAMPLES = 1000  # networks that a median is taken over
NEURONS = 4


def exponents(leap: int, kappa: float, steps: int) -> tuple[float, ...]:
    """(a_0, ..., a_T) with |cos| ~ d^(-a_t) after t steps of n = d^kappa fresh samples, eta = p d^((kappa - 1)/2).

    a_0 = 1/2, a_{t+1} = clip((leap - 1) a_t - (kappa - 1)/2, 0, 1/2): what the gradient's mean adds to a row grows as
    cos^(leap - 1) d^((kappa - 1)/2), and the noise it adds is of order 1, d^(-1/2) of it along z1.
    """
    found = [0.5]
    for _ in range(steps):
        found.append(min(max((leap - 1) * found[-1] - (kappa - 1) / 2, 0.0), 0.5))
    return tuple(found)


def threshold(leap: int, steps: int) -> float:
    """The least kappa at which `steps` steps end with an overlap of order 1.

    1 + 1/T at leap 2, and 1 + (l - 2)(l - 1)^T / ((l - 1)^T - 1) at higher leaps: from l at T = 1 down to l - 1.
    """
    if leap < 2 or steps < 1:
        raise ProblemError(f"leap = {leap}, steps = {steps}: give a leap of at least 2 and at least one step")
    if leap == 2:
        return 1 + 1 / steps
    power = (leap - 1) ** steps
    return 1 + (leap - 2) * power / (power - 1)


@dataclass(frozen=True)
class LeapSteps:
    """He_leap(z1), correlation loss, n = d^kappa fresh samples a step, eta = rate p d^((kappa - 1)/2), alpha = +-1."""

    leap: int
    kappa: float
    steps: int
    activation: Activation
    rate: float = 1.0

    def __post_init__(self) -> None:
        if not set(kinks(self.activation) or ()) <= {0.0}:
            raise ProblemError(f"activation {self.activation.name}: the recursion wants one whose kinks lie at 0")

    def log_cosines(self, d: float) -> np.ndarray:
        """log |cos| between a row and z1, (steps + 1, SAMPLES, NEURONS), from the recursion that holds as d grows.

        With m the overlap, r the norm of the rest, c = m/b, b^2 = m^2 + r^2, h = +-rate d^((kappa - 1)/2),
        A_k = E[sigma'(b g) He_k(g)], V = E[(sigma' f*)^2]:
            m <- m (1 + h c^l A_{l+1} / b) + h l c^(l-1) A_{l-1} + noise of variance h^2 E[(sigma' f* z1)^2] / n,
            r^2 <- r^2 (1 + h c^l A_{l+1} / b)^2 + h^2 V d / n.
        d may be as large as 1e60. Neurons are taken as independent: they are, but for the noise of the batch.
        """
        random = np.random.default_rng(0)  # common random numbers: neighbours in d and kappa differ smoothly
        size, order = (SAMPLES, NEURONS), self.leap
        overlap, rest = random.standard_normal(size) / np.sqrt(d), np.ones(size)
        step = self.rate * d ** ((self.kappa - 1) / 2) * random.choice([-1.0, 1.0], size)
        spread = d ** (-self.kappa / 2) * np.sqrt(factorial(order) * (2 * order + 1))
        found = [np.log(np.abs(overlap))]
        for _ in range(self.steps):
            norm = np.hypot(overlap, rest)
            cosine = overlap / norm
            stretch = 1 + step * cosine**order * self._moment(order + 1, norm) / norm
            noise = np.sqrt(self._moment(0, norm, 2)) * spread * random.standard_normal(size)
            pull = order * cosine ** (order - 1) * self._moment(order - 1, norm)
            energy = self._energy(cosine, norm)
            overlap = overlap * stretch + step * (pull + noise)
            rest = np.sqrt((rest * stretch) ** 2 + step**2 * energy * d ** (1 - self.kappa))
            found.append(np.log(np.abs(overlap) / np.hypot(overlap, rest)))
        return np.array(found)

    def median_slopes(self, low: float, high: float) -> np.ndarray:
        """(steps + 1,): slopes between two d of the median over networks of the mean over neurons of log |cos|."""
        ends = [np.median(self.log_cosines(d).mean(axis=2), axis=1) for d in (low, high)]
        return np.asarray((ends[1] - ends[0]) / np.log(high / low))

    def _energy(self, cosine: np.ndarray, norm: np.ndarray) -> np.ndarray:
        """E[(sigma'(<w, z>) He_l(z1))^2], by He_l^2 = sum_j (l - j)! C(l, j)^2 He_2j."""
        parts = (
            factorial(self.leap - j) * comb(self.leap, j) ** 2 * cosine ** (2 * j) * self._moment(2 * j, norm, 2)
            for j in range(self.leap + 1)
        )
        return np.asarray(sum(parts))

    def _moment(self, order: int, norm: np.ndarray, power: int = 1) -> np.ndarray:
        """E[sigma'(b g)^power He_order(g)] at every b = norm: interpolated in log b, to about 1e-4."""
        ends = np.log(norm.min()) - 1e-9, np.log(norm.max()) + 1e-9
        grid = np.linspace(*ends, max(8, int(40 * (ends[1] - ends[0]))))
        nodes, weights = _nodes()
        slope = function(self.activation.derivative, (Activation.symbol,))
        values = slope(np.exp(grid)[:, None] * nodes) ** power @ (weights * eval_hermitenorm(order, nodes))
        return np.interp(np.log(norm), grid, values)


@cache
def _nodes() -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre on both half-lines, with the weights of N(0, 1)."""
    x, w = np.polynomial.legendre.leggauss(NODES)
    x, w = REACH * (x + 1) / 2, REACH * w / 2
    w = w * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    return np.concatenate([-x, x]), np.concatenate([w, w])
