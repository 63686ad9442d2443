"""What claims on spikes share: the step of arXiv 2310.07891 as a Student's, and where statements on it apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import sqrt
from typing import Any

import numpy as np

from theory import (
    Activation,
    ProblemError,
    Regime,
    Setting,
    SpikeSpectrum,
    Student,
    Target,
    hermite_coefficients,
    hermite_tensor,
    spike_errors,
    spike_regime,
    spike_spectrum,
)
from theory.size_exponents import rate_exponent, sample_exponent
from theory.spikes import StepConstants, step_constants

from ..domains import fresh_descent

RELU, GELU = "relu(u) - 1/sqrt(2*pi)", "gelu(u) - 1/(2*sqrt(pi))"  # centred, as the theory has activations
LABELS = Target("2*sin(z1) + cos(2*z1) - exp(-2)", noise=0.3)  # centred and bounded: y^2 averages fast
ROUNDING = 1e-12  # of means, where a setting has numbers in place of closed forms


@dataclass(frozen=True)
class Step:
    """W = W0 + eta G, eta = prefactor n^exponent, on n samples in dimension d = phi n, with p = d/psi neurons.

    Ours is sqrt(p) eta with mean-field scaling, whose residual is y, and eta with "ntk", whose residual is y - f
    (docs/notes/spikes.md, dictionary).
    """

    activation: str
    exponent: float
    prefactor: float
    d: int
    phi: float = 0.5
    psi: float = 0.625
    scaling: str = "mean-field"
    target: Target = LABELS

    @property
    def name(self) -> str:
        """Such as "tanh(u), eta = 2 n^0.29, d = 400"; with f0 in the residual "f0 kept" too."""
        kept = ", f0 kept" if self.scaling == "ntk" else ""
        return f"{self.activation}, eta = {self.prefactor:g} n^{self.exponent:g}{kept}, d = {self.d}"

    @property
    def setting(self) -> Setting:
        """As the simulator has it."""
        student = Student(self.activation, self.width, "gaussian", init="plain", scaling=self.scaling)
        ours = "*sqrt(p)" if self.scaling == "mean-field" else ""
        loss = "correlation" if self.scaling == "mean-field" else "squared"
        eta = f"{self.prefactor}*n**({Fraction(str(self.exponent))}){ours}"
        return Setting(self.target, student, Regime(self.d, n=f"{1 / self.phi}*d", eta=eta, loss=loss))

    @property
    def n(self) -> int:
        """Samples of the step, and of what follows."""
        return round(self.d / self.phi)

    @property
    def width(self) -> int:
        """p."""
        return round(self.d / self.psi)

    @property
    def eta(self) -> float:
        """The paper's."""
        return float(self.prefactor * self.n**self.exponent)

    @property
    def constants(self) -> StepConstants:
        """Of sigma and target."""
        return step_constants(self.target, Activation(self.activation), self.scaling)

    @property
    def limit(self) -> SpikeSpectrum:
        """Its spectrum with |beta| and a as they are on average."""
        return _limit(self)

    def spectrum(self, **changes: Any) -> SpikeSpectrum:
        """Predicted; of another problem, or given |beta| and a, with changes."""
        sizes = {"n": self.n, "d": self.d, "width": self.width, "rate_exponent": self.exponent}
        chosen = {**sizes, "prefactor": self.prefactor, "scaling": self.scaling, **changes}
        return spike_spectrum(self.target, self.activation, **chosen)

    def gradient(self, rows: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        """beta (d,) from rows (2, p, d) before and after the step: G^T a/(c_1 |a|^2), a = alpha/sqrt(p)."""
        a = alpha / np.sqrt(self.width)
        moved: np.ndarray = (rows[1] - rows[0]).T @ a / (self.eta * self.constants.sigma[1] * (a @ a))
        return moved


@cache
def _limit(step: Step) -> SpikeSpectrum:
    return step.spectrum()


def uncentred_target(setting: Setting) -> str | None:
    """Why theory, which centres f*, speaks of other labels than these."""
    return _off_zero("E f*", lambda: float(hermite_tensor(setting.target, 0)[()]))


def uncentred(setting: Setting) -> str | None:
    """Why theory, which centres sigma and f*, speaks of another step and of other features than these."""
    activation = setting.student.activation
    return _off_zero("E sigma(g)", lambda: float(hermite_coefficients(activation, 0)[0])) or uncentred_target(setting)


def _off_zero(name: str, mean: Callable[[], float]) -> str | None:
    try:
        value = mean()
    except ProblemError as reason:
        return str(reason)
    return None if abs(value) <= ROUNDING else f"{name} = {value:.6g} is not 0: subtract it, as theory does"


def growing_step(setting: Setting) -> str | None:
    """One step on n = Theta(d) fresh samples from independent rows, Gaussian alpha, no bias, at 0 <= exponent < 1/2;
    sigma and f* centred.
    """
    student, regime = setting.student, setting.regime
    if reason := fresh_descent(setting):
        return reason
    if student.init != "plain" or student.bias != 0.0 or student.second_layer != "gaussian":
        return "needs independent rows (init = plain), a Gaussian second layer and no bias"
    if student.scaling == "mean-field" and regime.loss != "correlation":
        return "with mean-field scaling the residual is to be y: loss = correlation"
    if regime.steps != 1 or sample_exponent(setting) != 1:
        return "needs one step on n = Theta(d) samples"
    if not 0 <= rate_exponent(setting) < 0.5:
        return "the rate does not grow as a power between 0 and 1/2"
    try:
        step_constants(setting.target, student.activation, student.scaling)
    except ProblemError as reason_why:
        return str(reason_why)
    return uncentred(setting)


def step_between_thresholds(setting: Setting) -> str | None:
    """`growing_step` at a rate that has a regime l, between two thresholds."""
    if reason := growing_step(setting):
        return reason
    try:
        spike_regime(float(rate_exponent(setting)))
    except ProblemError as reason_why:
        return str(reason_why)
    return None


def step_too_large(setting: Setting, largest: float, gamma: float) -> str | None:
    """Why theory.spike_errors says nothing of a step, or little: its kappa exceeds `largest`."""
    try:
        eta = setting.eta / (sqrt(setting.student.p) if setting.student.scaling == "mean-field" else 1.0)
        sizes: dict[str, Any] = {"n": setting.n, "d": setting.regime.d, "width": setting.student.p, "gamma": gamma}
        found = spike_errors(
            setting.target, setting.student.activation, eta=eta, scaling=setting.student.scaling, **sizes
        )
    except ProblemError as reason:
        return str(reason)
    return f"the step is too large: kappa > {largest}" if found.kappa > largest else None
