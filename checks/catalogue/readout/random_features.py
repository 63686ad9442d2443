"""Random features: errors of ridge regression at n, p and d in proportion, the peak at n = p included."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from math import hypot

import numpy as np

from theory import ProblemError, RandomFeatureErrors, Setting, Target, hermite_coefficients, random_feature_errors
from theory.energies import label_energy

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import activation_replaced, noise_dropped
from ...verdict import Component, Data, Median
from .setting import plain_labels, ridge_times_n, untrained

LABELS = Target("sin(z1) + cos(2*z2) - exp(-2)", noise=0.5)  # bounded: y^2 averages fast
RELU, TANH, ERF = "relu(u) - 1/sqrt(2*pi)", "tanh(u)", "erf(u)"  # centred, as the theory has them
MARGIN = {100: 0.07, 400: 0.05}  # by d
TEST_SAMPLES = {100: 2**12, 400: 2**13}
SPREAD, PEAKED = 1.4, 2.4  # of an error over its prediction, times d^(1/2); at a sharp peak few squares add up


@dataclass(frozen=True)
class Case:
    """n = samples d, p = width d."""

    activation: str
    samples: float
    width: float
    ridge: float

    @property
    def name(self) -> str:
        """Such as "tanh(u), n = 2 d, p = 6 d, ridge 0.1"."""
        return f"{self.activation}, n = {self.samples:g} d, p = {self.width:g} d, ridge {self.ridge:g}"

    def theory(
        self, d: int, target: Target = LABELS, activation: str = "", penalty: float = 1.0
    ) -> RandomFeatureErrors:
        """Errors predicted at d / n and d / p; of another problem, or with a multiple of the penalty, for the foils."""
        n, p, ridge = round(self.samples * d), round(self.width * d), self.ridge * penalty
        return _errors(target, activation or self.activation, d / n, d / p, ridge)


@cache
def _errors(target: Target, activation: str, phi: float, psi: float, ridge: float) -> RandomFeatureErrors:
    return random_feature_errors(target, activation, phi=phi, psi=psi, gamma=ridge)


QUICK = (Case(RELU, 2, 1, 0.05), Case(TANH, 2, 2, 0.05), Case(ERF, 2, 5, 0.2))
DEEP = (
    Case(RELU, 0.5, 1.5, 0.1), Case(RELU, 2, 1, 0.05), Case(RELU, 1.5, 1.5, 0.02), Case(RELU, 2, 3, 0.2),
    Case(TANH, 2, 0.5, 0.1), Case(TANH, 1, 1, 0.02), Case(ERF, 2, 2, 0.05), Case(ERF, 1, 3, 0.2),
)  # fmt: skip
CASES = {case.name: case for case in (*QUICK, *DEEP)}


def _plan(cases: tuple[Case, ...], d: int) -> Plan:
    return Plan({c.name: untrained(LABELS, c.activation, d, round(c.width * d)) for c in cases})


PLANS = {"quick": _plan(QUICK, 100), "deep": _plan(DEEP, 400)}


def components(plan: Plan) -> tuple[Component, ...]:
    """Training and test error over their predictions: 1 up to 4/d, where at most 3/d is seen from d = 50 to 400.

    Margins of 7 % at d = 100 and 5 % at d = 400 are small beside the peak at n = p.
    """
    (d,) = plan.dims
    spread = {name: _spread(CASES[name], d) for name in plan.settings}
    return tuple(
        Component(key, 1.0, MARGIN[d], 4 / d, Median(key, spread[name])) for name in spread for key in _keys(name)
    )


def _spread(case: Case, d: int) -> float:
    sharp = case.samples == case.width and case.ridge < 0.05
    return hypot((PEAKED if sharp else SPREAD) / d**0.5, 1.5 / TEST_SAMPLES[d] ** 0.5)


def _keys(name: str) -> tuple[str, str]:
    return f"{name}: training", f"{name}: test"


def measure(plan: Plan, draw: Draw) -> Data:
    """The two ratios by replica."""
    data: dict[str, np.ndarray] = {}
    (d,) = plan.dims
    for name, setting in plan.settings.items():
        case, (training, test) = CASES[name], _keys(name)
        run = draw(name, setting, record=("rows",), at=(0,))
        found = draw.readout(run, name, round(case.samples * d), case.ridge, test_samples=TEST_SAMPLES[d])
        data[training] = found.train_error / case.theory(d).train_error
        data[test] = found.test_error / case.theory(d).test_error
    return data


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong asymptotics."""
    silent = Target(LABELS, noise=0.0)
    return {
        "label noise forgotten": _wrong(plan, lambda case, d: case.theory(d, target=silent)),
        "penalty times n": _wrong(plan, lambda case, d: case.theory(d, penalty=case.samples * d)),
        "features linear in the inputs": _wrong(plan, lambda case, d: case.theory(d, activation="u")),
    }


def _wrong(plan: Plan, change: Callable[[Case, int], RandomFeatureErrors]) -> dict[str, float]:
    """Ratios that wrong errors predict."""
    found: dict[str, float] = {}
    (d,) = plan.dims
    for name in plan.settings:
        right, wrong = CASES[name].theory(d), change(CASES[name], d)
        training, test = _keys(name)
        found |= {training: wrong.train_error / right.train_error, test: wrong.test_error / right.test_error}
    return found


def domain(setting: Setting) -> str | None:
    """Independent rows on the sphere, no bias, no means, and what theory.random_feature_errors covers."""
    if setting.student.init != "plain" or setting.student.bias != 0.0:
        return "needs independent rows (init = plain) and no bias"
    if reason := plain_labels(setting):
        return reason
    try:
        random_feature_errors(setting.target, setting.student.activation, phi=1.0, psi=0.5, gamma=1.0)
        means = hermite_coefficients(setting.student.activation, 0)[0], label_energy(setting.target)[1][0]
    except ProblemError as reason:
        return str(reason)
    return "sigma or f* has a mean, which theory centres first" if max(abs(float(m)) for m in means) > 1e-9 else None


CLAIM = Claim(
    id="readout/random-features",
    title="errors of ridge regression on random features, and their peak at n = p",
    statement=(
        "With rows uniform on the sphere, f = p^(-1/2) sum a_i sigma(<w_i, z>) and a fitted to n samples with "
        "penalty lambda |a|^2, training error (1/n) sum (y - f)^2 and test error E (f* - f)^2 converge at n, p, d "
        "in proportion to closed functions of d/n, d/p, lambda, c_1, E sigma^2 and of the linear part of f*: sigma "
        "may be replaced by c_1 <w, z> + noise, f* by its linear part + noise."
    ),
    source="arXiv 2310.07891, the random-features baseline; derived in docs/notes/ridge.md",
    blind="Constant parts of sigma and f*; n or p of another order than d; lambda -> 0 at the peak.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={
        "penalty times n": ridge_times_n,
        "no label noise": noise_dropped,
        "another activation": activation_replaced("cos(u) - exp(-1/2)"),
    },
)
