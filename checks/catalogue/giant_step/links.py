"""Links and students beyond polynomials: one step succeeds iff the coefficients it needs do not vanish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from theory import Regime, Setting, Student, Target, one_step_exponent
from theory.first_gradient import first_gradient
from theory.size_exponents import rate_exponent, sample_exponent

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import activation_replaced, bias_dropped
from ...verdict import Component, Data, Exponent
from ..domains import one_step_with_exponent
from ..exponents import key, settings_by_case, stretches
from ..one_step import mean_cosine

MARGIN, BIAS = 0.2, 0.05  # together half of what parts success, 0, from failure, -1/2
SPREAD = 0.45
RUNS = 4  # that a root mean square is taken over: rows of one run share the noise of its batch


@dataclass(frozen=True)
class Case:
    """A link, seen by a student along an axis at samples of order d^leap."""

    target: str
    activation: str
    leap: int
    bias: float = 0.0
    axis: tuple[int, ...] = (1,)

    @property
    def name(self) -> str:
        """Such as "abs(z1), tanh with bias 1"."""
        return f"{self.target}, {self.activation}" + (f" with bias {self.bias:g}" if self.bias else "")

    def setting(self, d: int) -> Setting:
        """The setting at dimension d: labels without their mean where the leap is above one."""
        n, eta, removed = ("4*d", "4*p", None) if self.leap == 1 else ("d**2", "8*p*d**(1/2)", 0)
        student = Student(self.activation, 4, second_layer="rademacher", bias=self.bias)
        return Setting(Target(self.target), student, Regime(d, n, eta, preprocess=removed))


QUICK = (
    Case("tanh(z1)", "relu", 1), Case("tanh(z1)", "erf", 1),
    Case("tanh(z1)", "cos", 1), Case("tanh(z1)", "cos", 1, 1.0),
    Case("abs(z1)", "relu", 2), Case("abs(z1)", "tanh", 2), Case("abs(z1)", "tanh", 2, 1.0),
    Case("sign(z1*z2)", "gelu", 2, axis=(1, 0)), Case("sign(z1*z2)", "sigmoid", 2, axis=(1, 0)),
)  # fmt: skip
DEEP = (
    *QUICK,
    Case("sign(z1*z2)", "erf", 2, 1.0, axis=(1, 0)), Case("cos(z1)", "softplus", 2), Case("cos(z1)", "erf", 2),
    Case("sign(z1)", "silu", 1), Case("exp(z1)", "softplus", 1), Case("abs(z1)", "gelu", 2), Case("relu(z1)", "cos", 1),
)  # fmt: skip
QUICK_DIMS, DEEP_DIMS = {1: (64, 1024), 2: (32, 192)}, {1: (64, 4096), 2: (64, 512)}


def _plan(cases: tuple[Case, ...], dims: Mapping[int, tuple[int, ...]]) -> Plan:
    return Plan({f"{case.name}@{d}": case.setting(d) for case in cases for d in dims[case.leap]})


PLANS = {"quick": _plan(QUICK, QUICK_DIMS), "deep": _plan(DEEP, DEEP_DIMS)}


def _cases(plan: Plan) -> list[Case]:
    return [case for case in DEEP if case.name in settings_by_case(plan)]


def _exponent(case: Case) -> float:
    return float(one_step_exponent(case.setting(64), case.axis))


def components(plan: Plan) -> tuple[Component, ...]:
    """Slopes against log d of the root mean square cosine: 0 where the student sees the link at this leap, else -1/2.

    The allowance is that of a correction by a tenth at the smallest d, as seen in trials (docs/notes/one_step.md).
    """
    return tuple(
        Component(part, _exponent(case), MARGIN, BIAS, Exponent(ladder, SPREAD))
        for case in _cases(plan)
        for part, ladder in stretches(plan, case.name, case.name)
    )


def measure(plan: Plan, draw: Draw) -> Data:
    """The root mean square cosine of the neurons of a few runs with the axis, by replica."""
    data: dict[str, Any] = {}
    for case in _cases(plan):
        for setting in settings_by_case(plan)[case.name]:
            name = key(case.name, setting.regime.d)
            run = draw.times(RUNS)(name, setting, record=("overlaps", "gram"), at=(1,))
            data[name] = np.sqrt(np.mean(mean_cosine(run, case.axis).reshape(-1, RUNS) ** 2, axis=1))
    return data


def _slopes(plan: Plan, slopes: Mapping[Case, float]) -> dict[str, float]:
    return {part: slope for case, slope in slopes.items() for part, _ in stretches(plan, case.name, case.name)}


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Theories that ask less than both coefficients."""
    cases = _cases(plan)
    fails = [case for case in cases if _exponent(case) < 0]
    return {
        "the target's leap decides alone": _slopes(plan, dict.fromkeys(fails, 0.0)),
        "a bias cures nothing": _slopes(plan, {case: -0.5 for case in cases if case.bias}),
        "only smooth links are learned": _slopes(plan, {case: -0.5 for case in cases if "sign" in case.target}),
        "success and failure exchanged": _slopes(plan, {case: -0.5 - _exponent(case) for case in cases}),
    }


def domain(setting: Setting) -> str | None:
    """One step from f = 0 at the rates of leap one, or of leap two without the mean of the labels and no order below
    that both see."""
    if reason := one_step_with_exponent(setting):
        return reason
    rates = sample_exponent(setting), rate_exponent(setting), setting.regime.preprocess
    known = ((1, 0, None), (1, 0, 0), (2, sympy.Rational(1, 2), 0))
    if rates not in known:
        return "needs n, eta of order d, p; or d^2, p d^(1/2) and the mean removed"
    early = rates[0] == 2 and first_gradient(setting).signals(1)
    return "at n of order d^2 rows follow C_1: leap one of target and student hides leap two" if early else None


CLAIM = Claim(
    id="giant-step/links",
    title="links and students beyond polynomials: the needed coefficients decide",
    statement=(
        "At n = Theta(d^l), eta = Theta(p d^((l-1)/2)) and, for l = 2, with the mean removed from the labels and "
        "c_1 C_1 = 0, one step turns rows towards v iff c_l = E[sigma(g + b) He_l(g)] != 0 and C_l v != 0, for any "
        "link and student: odd students miss every even link, even ones every odd link, and a bias cures it."
    ),
    source="arXiv 2305.18270, Theorem 5 with a given activation; docs/notes/one_step.md",
    blind="How much is learned; later steps; leaps above two.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"no bias": bias_dropped, "relu student": activation_replaced("relu")},
)
