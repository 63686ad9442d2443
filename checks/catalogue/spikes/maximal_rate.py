"""One step at the maximal rate, then ridge: errors at n0, n, p and d in proportion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from theory import MaximalRateErrors, Regime, Setting, Student, Target, maximal_rate_errors

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import n_halved
from ...verdict import Component, Data, Median
from ..domains import linear_batches
from .setting import RELU, uncentred

LABELS = Target("2*sin(z1) + cos(2*z1) - exp(-2)", noise=0.3)  # centred and bounded
TEST_SAMPLES = 2**12


@dataclass(frozen=True)
class Case:
    """n0 = alpha0 d, eta = rate p, n = samples p, p = ratio d. Of test and training error over their predictions:
    margins, and standard deviations times d^(1/2).
    """

    activation: str
    alpha0: float
    rate: float
    samples: float
    ratio: float
    ridge: float
    d: int
    margins: tuple[float, float]
    spreads: tuple[float, float]

    @property
    def name(self) -> str:
        """Such as "erf(u), n0 = 0.5 d, eta = 3 p, p = 2 d, d = 200"."""
        sizes = f"n0 = {self.alpha0:g} d, eta = {self.rate:g} p, p = {self.ratio:g} d, d = {self.d}"
        return f"{self.activation}, {sizes}"

    @property
    def setting(self) -> Setting:
        """All alpha_i = 1."""
        p = round(self.ratio * self.d)
        student = Student(self.activation, p, (1.0,) * p, init="plain")
        regime = Regime(self.d, n=f"{self.alpha0}*d", eta=f"{self.rate}*p", loss="correlation")
        return Setting(LABELS, student, regime)

    def theory(self, **changes: Any) -> MaximalRateErrors:
        """The limits, or those of another problem."""
        sizes = {"alpha0": self.alpha0, "eta": self.rate, "samples_per_width": self.samples, "ratio": self.ratio}
        return _errors(self.activation, **{**sizes, "ridge": self.ridge, "rows": "trained", **changes})


@cache
def _errors(activation: str, **sizes: Any) -> MaximalRateErrors:
    return maximal_rate_errors(LABELS, activation, **sizes)


QUICK = (
    Case("erf(u)", 0.5, 3, 2, 2, 0.1, 200, (0.08, 0.1), (0.7, 1.0)),
    Case(RELU, 0.5, 2, 1.5, 0.5, 0.1, 600, (0.13, 0.15), (1.9, 2.4)),
)
DEEP = (
    Case("erf(u)", 0.5, 3, 2, 2, 0.1, 400, (0.05, 0.06), (0.7, 1.0)),
    Case("tanh(u)", 1, 2, 1.5, 1, 0.1, 800, (0.05, 0.07), (1.0, 1.5)),
    Case(RELU, 0.5, 2, 1.5, 0.5, 0.1, 1600, (0.06, 0.08), (1.9, 2.4)),
)
CASES = {case.name: case for case in (*QUICK, *DEEP)}
PLANS = {
    "quick": Plan({case.name: case.setting for case in QUICK}, stages=1),
    "deep": Plan({case.name: case.setting for case in DEEP}, stages=1),
}


def components(plan: Plan) -> tuple[Component, ...]:
    """Test and training error over their predictions: 1 up to 3/n0, derived in docs/notes/spike_sizes.md.

    Margins are small beside what a step changes, and below what the factor q = p/d and the rows' covariance do.
    """
    return tuple(
        Component(key, 1.0, margin, 3 / case.setting.n, Median(key, spread / case.d**0.5))
        for case in _cases(plan)
        for key, margin, spread in zip(_keys(case), case.margins, case.spreads, strict=True)
    )


def _cases(plan: Plan) -> list[Case]:
    return [CASES[name] for name in plan.settings]


def _keys(case: Case) -> tuple[str, str]:
    return f"{case.name}: test", f"{case.name}: training"


def measure(plan: Plan, draw: Draw) -> Data:
    """The two ratios by replica."""
    data: dict[str, np.ndarray] = {}
    for case in _cases(plan):
        (test, training), samples = _keys(case), round(case.samples * case.setting.student.p)
        run = draw(case.name, case.setting, record=("rows",), at=(1,))
        found = draw.readout(run, case.name, samples, case.ridge, test_samples=TEST_SAMPLES)
        data[test] = found.test_error / case.theory().test_error
        data[training] = found.train_error / case.theory().train_error
    return data


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong theories of the rows, and of their number."""
    return {
        "rows sqrt(c) w + r v, of covariance c": _wrong(plan, rows="spiked"),
        "no step: random features": _wrong(plan, eta=0.0),
        "p = d: no factor q": _wrong(plan, ratio=1.0),
        "a step on all of the distribution: n0 = 10 d": _wrong(plan, alpha0=10.0),
    }


def _wrong(plan: Plan, **changes: Any) -> dict[str, float]:
    """Ratios that wrong errors predict."""
    found: dict[str, float] = {}
    for case in _cases(plan):
        right, wrong, (test, training) = case.theory(), case.theory(**changes), _keys(case)
        found |= {test: wrong.test_error / right.test_error, training: wrong.train_error / right.train_error}
    return found


def domain(setting: Setting) -> str | None:
    """One step of the correlation loss from independent rows, all alpha_i = 1, no bias; f* of one coordinate; sigma and
    f* centred.
    """
    student, regime = setting.student, setting.regime
    if student.init != "plain" or student.bias != 0.0 or student.scaling != "mean-field":
        return "needs independent rows (init = plain), no bias and mean-field scaling"
    if set(student.second_layer) != {1.0}:
        return "the second layer is not all ones"
    if regime.steps != 1 or regime.loss != "correlation" or setting.target.k != 1:
        return "needs one step of the correlation loss and a target of one coordinate"
    return linear_batches(setting) or uncentred(setting)


CLAIM = Claim(
    id="spikes/maximal-rate",
    title="errors of ridge regression after one step at the maximal rate",
    statement=(
        "After one step w_i <- w_i + eta~ (1/n0) sum x y sigma'(<w_i, x>) on n0 samples, sigma and f* centred, ridge "
        "regression on sigma(W x) with n new samples has, at n0, n, p, d in proportion, test and training errors given "
        "by seven order parameters: rows act as r v + u_i with v along X^T y and u_i of covariance Sigma/d, where "
        "Sigma, which is no multiple of the identity, holds what the n0 samples leave in all directions."
    ),
    source="arXiv 2402.04980, the order parameters; with the rows' covariance derived in docs/notes/maximal_rate.md",
    blind="Second layers of several values; targets of several coordinates; the squared loss; lambda -> 0.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"n0 halved": n_halved},
)
