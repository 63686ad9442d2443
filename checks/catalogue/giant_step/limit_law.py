"""Enough samples: at n = c d^l and eta of order d^((l-1)/2) the overlap ratio of a row has a limit law."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
import sympy

from theory import OneStepLaw, ProblemError, Regime, Setting, Student, Target, one_step_law

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import eta_doubled, n_halved
from ...verdict import Component, Data, Distance, Frequency, Median
from ..domains import silent_start
from ..one_step import ratios

PAIR: dict[str, Any] = {"p": 2, "second_layer": "rademacher"}
LEVELS = (0.75, 0.9)  # at leap three: |xi| above 1.15 and 1.64, where S stands out from d^(-1/2)
GRID = np.linspace(0.0, 1.0, 401) ** 2  # denser near 0, where the law rises fastest


def _setting(target: str, student: Student, noise: float = 1.0, **regime: Any) -> Setting:
    return Setting(Target(target, noise=noise), student, Regime(**regime))


LEAP_ONE = {
    "leap one, with a mean": _setting("1 + z1 + z1*z2", Student("relu", **PAIR), d=1024, n="2*d", eta="2*p"),
}
LEAP_TWO = {
    "leap two, one direction": _setting(
        "He2(z1)", Student("relu", **PAIR), noise=2.0, d=256, n="d**2", eta="4*p*d**(1/2)"
    ),
    "leap two, two directions": _setting(
        "z1*z2", Student("gelu", **PAIR), noise=0.5, d=256, n="d**2", eta="6*p*d**(1/2)"
    ),
}  # fmt: skip
LEAP_THREE = {
    "leap three": _setting("He3(z1)/2", Student("tanh", **PAIR), noise=0.5, d=128, n="d**3", eta="4*p*d"),
}
PLANS = {"quick": Plan(LEAP_ONE | LEAP_TWO), "deep": Plan(LEAP_ONE | LEAP_TWO | LEAP_THREE)}


@cache
def _law(setting: Setting) -> OneStepLaw:
    return one_step_law(setting)


@cache
def _table(law: OneStepLaw) -> np.ndarray:
    return np.asarray(law.distribution(GRID))


def _cdf(law: OneStepLaw) -> Callable[[np.ndarray], np.ndarray]:
    """The distribution function, interpolated on GRID: off by less than 1e-3."""
    return lambda x: np.interp(x, GRID, _table(law))


def _level(law: OneStepLaw, probability: float) -> float:
    """Where the distribution function takes this value."""
    return float(np.interp(probability, _table(law), GRID))


def components(plan: Plan) -> tuple[Component, ...]:
    """At leap one the ratio of a neuron is a number: its median; beyond, its law, or how often it passes quantiles.

    Allowances (docs/notes/one_step.md): a median within 5/d; Kolmogorov distance 0.03 at d = 256, where .01 to .02 are
    seen; at leap three, where the law converges slowly near 0, 7/d at upper quantiles. A margin of 0.08 in the
    distance is a Gaussian law shifted by 0.2 standard deviations.
    """
    found = []
    for name, setting in plan.settings.items():
        law, d = _law(setting), setting.regime.d
        if law.order == 1:
            for sign in (1, -1):
                value = float(law.ratio(np.zeros(law.k), float(sign)))
                key = _neuron(name, sign)
                found.append(Component(key, value, 0.02, 5 / d, Median(key, spread=0.06)))
        elif law.order == 2:
            found.append(Component(name, 0.0, 0.08, 0.03, Distance(name, _cdf(law))))
        else:
            for level in LEVELS:
                key = _quantile(name, level)
                found.append(Component(key, 1 - level, 0.05, 7 / d, Frequency(key, near=1 - level)))
    return tuple(found)


def measure(plan: Plan, draw: Draw) -> Data:
    """The squared ratios after one step, of both neurons of the pair or of one taken at random."""
    data: dict[str, np.ndarray] = {}
    for name, setting in plan.settings.items():
        run = draw(name, setting, record=("overlaps", "gram"), at=(1,))
        values, law = ratios(run, 0), _law(setting)
        if law.order == 1:
            for sign in (1, -1):
                data[_neuron(name, sign)] = np.where(run.alpha[:, 0] * sign > 0, values[:, 0], values[:, 1])
        elif law.order == 2:
            data[name] = values[:, 0]  # alpha_1 = +-1 with equal chances
        else:
            for level in LEVELS:
                data[_quantile(name, level)] = values[:, 0] > _level(law, level)
    return data


def _neuron(name: str, sign: int) -> str:
    return f"{name}: alpha = {sign:+d}"


def _quantile(name: str, level: float) -> str:
    return f"{name}: above the quantile {level:g}"


def _wrong(plan: Plan, change: Callable[[Setting, OneStepLaw], OneStepLaw]) -> dict[str, float]:
    """What a wrong law makes of every component: another ratio, its distance from the right law, other frequencies."""
    found: dict[str, float] = {}
    for name, setting in plan.settings.items():
        right = _law(setting)
        wrong = change(setting, right)
        if right.order == 1:
            found |= {_neuron(name, s): float(wrong.ratio(np.zeros(right.k), float(s))) for s in (1, -1)}
        elif right.order == 2:
            found[name] = float(np.max(np.abs(_table(right) - _table(wrong))))
        else:
            for level in LEVELS:
                found[_quantile(name, level)] = 1 - float(_cdf(wrong)(np.array(_level(right, level))))
    return found


def _without_noise(setting: Setting, law: OneStepLaw) -> OneStepLaw:
    return one_step_law(Setting(Target(setting.target, noise=0.0), setting.student, setting.regime))


def _scaled(setting: Setting, law: OneStepLaw, factor: Callable[[int], Any]) -> OneStepLaw:
    part = tuple(tuple((key, value * factor(law.order)) for key, value in signal) for signal in law.signal)
    return replace(law, signal=part)


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong laws."""
    beyond = {name: s for name, s in plan.settings.items() if _law(s).order > 1}
    higher = Plan(beyond)
    return {
        "no fluctuation outside V*": _wrong(plan, lambda _, law: replace(law, noise=sympy.Integer(0))),
        "label noise forgotten": _wrong(plan, _without_noise),
        "normalised C_l (missing sqrt(l!))": _wrong(
            higher, partial(_scaled, factor=lambda order: 1 / sympy.sqrt(sympy.factorial(order)))
        ),
        "leap one too high (nothing is learned)": _wrong(plan, partial(_scaled, factor=lambda order: 10**-6)),
        "no mean: rows do not move along themselves": _wrong(plan, lambda _, law: replace(law, drift=())),
    }


def domain(setting: Setting) -> str | None:
    """What theory.one_step_law covers, and n and eta at its rates."""
    if reason := silent_start(setting):
        return reason
    if setting.regime.steps != 1:
        return "needs one step"
    try:
        one_step_law(setting)
    except ProblemError as reason:
        return str(reason)
    return None


CLAIM = Claim(
    id="giant-step/limit-law",
    title="the limit law of the overlap after one step on d^l samples",
    statement=(
        "With n = c d^l, eta = eta_bar p d^((l-1)/2) and c_l(sigma) != 0 the squared ratio |Pi* w_i|^2/|w_i|^2 after "
        "one step tends in law to |a S|^2/((1 + a T)^2 + |a S|^2 + a^2 N), a = eta_bar alpha_i, xi ~ N(0, I_k), "
        "S = c_l C_l x xi^(l-1)/(l-1)!, T = c_{l+1} <C_{l-1}, xi^(l-1)>/(l-1)!, N = E[sigma'^2] E[y^2]/c."
    ),
    source="arXiv 2305.18270, Theorem 5; the law derived in docs/notes/one_step.md",
    blind=(
        "The joint law of several neurons; the law near 0, where d^(-1/2) is not small beside S; leap three, but for "
        "upper quantiles in the deep run."
    ),
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"eta doubled": eta_doubled, "n halved": n_halved},
)
