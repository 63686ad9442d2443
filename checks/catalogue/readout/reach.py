"""Where a test error must lie: not below a floor, and at what the conditional Gaussian equivalent leaves above it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import comb
from typing import Any

import numpy as np

from theory import Setting, Target, equivalent_errors, error_floor

from ...draw import Draw
from ...samplers.one_step import one_step
from ...verdict import Component, Median

Basis = tuple[tuple[Any, ...], ...]
NETWORKS = 4  # explicit ones, whose equivalents are taken
ACCURACY = 6  # of an equivalent's test error, relative, times d: docs/notes/readout.md


@dataclass(frozen=True)
class Reach:
    """A readout of `samples` d samples after `step` steps, and the floor that holds for it: kappa, and a basis of U."""

    setting: Setting
    samples: int
    ridge: float
    kappa: int
    subspace: Basis = ()
    step: int = 1

    @property
    def n(self) -> int:
        """Samples of the readout."""
        return self.samples * self.setting.regime.d

    @property
    def floor(self) -> float:
        """||P_{U,>kappa} f*||^2."""
        return self.other_floor()

    def other_floor(self, kappa: int | None = None, subspace: Basis | None = None) -> float:
        """The floor of another kappa or of another U."""
        basis = self.subspace if subspace is None else subspace
        return _floor(self.setting.target, self.kappa if kappa is None else kappa, basis)

    @property
    def lowest(self) -> float:
        """The floor, less what p features catch of the next degree.

        Any combination of them captures of the degree kappa + 1 outside U a share of at most p over the dimension of
        that degree in R^d, rows being isotropic there.
        """
        d = self.setting.regime.d
        next_degree = self.floor - self.other_floor(self.kappa + 1)
        return self.floor - next_degree * min(
            1.0, min(self.setting.student.p, self.n) / comb(d + self.kappa, self.kappa + 1)
        )

    def above_floor(self, name: str, margin: float, spread: float) -> Component:
        """min(test error, floor) is the floor; the allowance is what p features catch of the next degree."""
        return Component(name, self.floor, margin, self.floor - self.lowest, Median(name, spread))

    def attained(self, name: str, margin: float, spread: float) -> Component:
        """The test error is the equivalent's, which the prediction shows next to the floor; the allowance is the
        accuracy of the equivalent and two standard errors of its mean over networks."""
        error, uncertain = equivalent_error(self.setting, self.n, self.ridge, self.step)
        return Component(
            name, error, margin, ACCURACY / self.setting.regime.d * error + 2 * uncertain, Median(name, spread)
        )

    def measure(self, draw: Draw, name: str, run: Any, test_samples: int) -> np.ndarray:
        """The test error by replica."""
        found = draw.readout(run, name, self.n, self.ridge, at=self.step, test_samples=test_samples)
        return np.asarray(found.test_error)


@cache
def _floor(target: Target, kappa: int, basis: Basis) -> float:
    return float(error_floor(target, kappa, [list(vector) for vector in basis] or None))


def recorded(setting: Setting) -> tuple[str, ...]:
    """What a readout needs of a run."""
    return ("gram",) if setting.student.p + setting.target.k <= setting.regime.d else ("rows",)


def shared_directions(rows: np.ndarray, k: int) -> np.ndarray:
    """What rows (2, p, d) share after a step, (d, k + 1): V*, and outside it the direction in which they moved, which
    holds the batch's noise."""
    outside = (rows[1] - rows[0])[:, k:]
    shared = np.zeros((rows.shape[2], k + 1))
    shared[:k, :k] = np.eye(k)
    shared[k:, k] = np.linalg.svd(outside, full_matrices=False)[2][0]
    return shared


@cache
def equivalent_error(setting: Setting, samples: int, ridge: float, step: int) -> tuple[float, float]:
    """The mean test error of the equivalents of explicit rows, before (step 0) or after the step, and its error."""
    errors = []
    for seed in range(NETWORKS):
        rows, bias = one_step(setting, np.random.default_rng(seed))[:2]
        found = equivalent_errors(
            setting.target, setting.student.activation, rows[step], samples=samples, gamma=ridge, bias=bias,
            directions=shared_directions(rows, setting.target.k) if step else None,
            replicas=2, test_samples=2**13, rng=seed,
        )  # fmt: skip
        errors.append(found.test_error)
    return float(np.mean(errors)), float(np.std(errors, ddof=1) / np.sqrt(len(errors)))


def independent_rows(setting: Setting) -> str | None:
    """One step of the correlation loss by independent neurons, and a polynomial target."""
    regime = setting.regime
    if setting.student.init != "plain" or regime.loss != "correlation":
        return "needs independent rows (init = plain) and the correlation loss"
    if regime.steps != 1 or regime.normalize_rows or setting.target.degree is None:
        return "needs one step, rows left as they are, and a polynomial target"
    return None
