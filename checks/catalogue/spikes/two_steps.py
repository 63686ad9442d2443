"""Singular values of the first layer after two growing steps on fresh batches: one outlier for every order passed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from math import floor, sqrt
from typing import Any

import numpy as np

from theory import ProblemError, Setting, WeightSpikes, two_step_outliers
from theory.prediction import rate_exponent, sample_exponent

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import batch_reused, eta_doubled
from ...verdict import Component, Data, Median
from ..domains import fresh_descent
from .setting import RELU, Step, uncentred_target

SINE = "sin(u + 1/2) - exp(-1/2)*sin(1/2)"
ORDERS = ("first", "second")
SPREADS = (1.9, 2.6)  # of a value over its prediction, times n^(1/2)
BENT = (0.0, 1 / 8)  # of kappa^2, what the position may be off
WIDTH = 1.9  # margin in spreads
ROUGH = 10.0  # times 1/n: allowance


def _steps(d: int) -> tuple[Step, ...]:
    """Below and above 1/4, where the order k = 1 outgrows the bulk at equal rates."""
    sizes: dict[str, Any] = {"d": d, "phi": 1 / 8, "psi": 1 / 2}
    return tuple(Step(name, exponent, 1.5, **sizes) for name in (RELU, SINE) for exponent in (0.15, 0.38))


STEPS = {step.name: step for d in (100, 200, 400) for step in _steps(d)}


def _plan(d: int) -> Plan:
    return Plan({step.name: _twice(step.setting) for step in _steps(d)}, stages=1)


def _twice(setting: Setting) -> Setting:
    return Setting(setting.target, setting.student, replace(setting.regime, steps=2))


@cache
def _limit(step: Step, first: float = 1.0) -> WeightSpikes:
    """As it is, or with the first step's rate times a number."""
    return two_step_outliers(
        step.target,
        step.activation,
        n=step.n,
        d=step.d,
        width=step.width,
        rate_exponents=(step.exponent, step.exponent),
        prefactors=(first * step.prefactor, step.prefactor),
    )


def _steps_of(plan: Plan) -> list[Step]:
    return [STEPS[name] for name in plan.settings]


def _seen(step: Step) -> int:
    """Outliers that are looked at: those that outgrow the bulk, two at most."""
    return min(len(_limit(step).orders), 2)


def _between(step: Step) -> float:
    """Above all of the bulk, below the last of these."""
    return sqrt(_limit(step).edge * _limit(step).outliers[_seen(step) - 1])


def _key(step: Step, what: str) -> str:
    return f"{step.name}: {what}"


def components(plan: Plan) -> tuple[Component, ...]:
    """Positions over their predictions, up to 10/n and for the second kappa^2/8; and how many values stand out, where
    the next is predicted inside the bulk (docs/notes/two_step_outliers.md).
    """
    found: list[Component] = []
    for step in _steps_of(plan):
        for i in range(_seen(step)):
            key, scatter = _key(step, ORDERS[i]), SPREADS[i] / sqrt(step.n)
            allowed = ROUGH / step.n + BENT[i] * _limit(step).kappa ** 2
            found.append(Component(key, 1.0, WIDTH * scatter, allowed, Median(key, scatter)))
        if len(_limit(step).outliers) == _seen(step):
            key = _key(step, "how many")
            found.append(Component(key, _seen(step), 0.5, 0.0, Median(key, 0.1)))
    return tuple(found)


def measure(plan: Plan, draw: Draw) -> Data:
    """All of these by replica, from the rows."""
    data: dict[str, np.ndarray] = {}
    for step in _steps_of(plan):
        rows = draw(step.name, plan.settings[step.name], record=("rows",), at=(2,)).rows[:, 0]
        known = np.isfinite(rows).all(axis=(1, 2))
        values = np.linalg.svd(np.where(known[:, None, None], rows, 0.0), compute_uv=False)
        values[~known] = np.nan
        for i in range(_seen(step)):
            data[_key(step, ORDERS[i])] = values[:, i] / _limit(step).outliers[i]
        data[_key(step, "how many")] = np.where(known, (values > _between(step)).sum(axis=1), np.nan)
    return data


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong counts and positions."""
    steps = _steps_of(plan)
    counted = [step for step in steps if len(_limit(step).outliers) == _seen(step)]
    twice = [step for step in steps if _seen(step) == 2]
    inside = {_key(s, "second"): _limit(s).edge / _limit(s).outliers[1] for s in twice}
    return {
        "one outlier, as after one step": {**inside, **{_key(s, "how many"): 1.0 for s in counted if s in twice}},
        "a second step that does not see the first": {**inside, **{_key(s, "first"): _blind(s) for s in twice}},
        "floor(a2/(1/2 - a1)) in all, k = 0 not counted": {
            _key(s, "how many"): floor(s.exponent / (1 / 2 - s.exponent)) for s in counted
        },
        "the first step forgotten": {
            _key(s, "first"): _limit(s, 0.0).outliers[0] / _limit(s).outliers[0] for s in steps
        },
    }


def _blind(step: Step) -> float:
    """The first position with the gradient at W0 twice, on two batches, over the right one."""
    constants = step.constants
    energy, signal = constants.gradient_energy(step.phi), constants.target[1] ** 2
    square = (step.eta * constants.sigma[1]) ** 2 * 2 * (energy + signal)
    ratio = step.width / step.d
    return sqrt((1 + square) * (ratio + square) / square) / _limit(step).outliers[0]


def domain(setting: Setting) -> str | None:
    """Two steps of the correlation loss at one rate n^a, 0 < a < 1/2 off thresholds, on fresh batches of n = Theta(d);
    k = 1, f* centred.
    """
    student, regime = setting.student, setting.regime
    if reason := fresh_descent(setting):
        return reason
    if student.init != "plain" or student.bias != 0.0 or student.second_layer != "gaussian":
        return "needs independent rows (init = plain), a Gaussian second layer and no bias"
    if student.scaling != "mean-field" or regime.loss != "correlation" or setting.target.k != 1:
        return "needs mean-field scaling, the correlation loss and a target of one coordinate"
    if regime.steps != 2 or sample_exponent(setting) != 1:
        return "needs two steps on n = Theta(d) samples each"
    exponent = rate_exponent(setting)
    if not 0 <= exponent < 0.5:
        return "the rate does not grow as a power between 0 and 1/2"
    try:
        sizes: dict[str, Any] = {"n": setting.n, "d": regime.d, "width": student.p}
        rate = setting.eta / sqrt(student.p) / setting.n ** float(exponent)
        rates: dict[str, Any] = {"rate_exponents": (float(exponent),) * 2, "prefactors": (rate, rate)}
        two_step_outliers(setting.target, student.activation, **sizes, **rates)
    except ProblemError as reason_why:
        return str(reason_why)
    return uncentred_target(setting)


PLANS = {"smoke": _plan(100), "quick": _plan(200), "deep": _plan(400)}

CLAIM = Claim(
    id="spikes/two-steps",
    title="two growing steps on fresh batches: the weights get one outlier for every k with k (1/2 - a1) < a2",
    statement=(
        "After two steps at rates n^a1 and n^a2 on fresh batches W_2 - W_0 is, but for what is small in operator norm, "
        "the sum of eta_1 c_1 a beta_1^T and of eta_2 (k + 1) c_{k+1} kappa^k a~^k a b_k^T, b_k = X^T (y p_k(g))/n, "
        "p_k(g) = E_z (g + r^(1/2) z)^k: the second gradient sees the rows that the first has moved. The singular "
        "values of W_2 are the bulk of W_0 and outliers, one for each k >= 0 with k (1/2 - a1) < a2 and c_{k+1} != 0, "
        "where Baik, Ben Arous and Peche's formula puts the singular values of that sum."
    ),
    source="arXiv 2605.17767, abstract (its count is of k >= 1); derived in docs/notes/two_step_outliers.md",
    blind=(
        "Reused batches; different rates in the two steps; the third outlier and later ones; where the bulk ends; "
        "thresholds k (1/2 - a1) = a2, where prefactors decide."
    ),
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"eta doubled": eta_doubled, "batch reused": batch_reused},
)
