"""Means of runs are off their limit by kappa/d, where single runs are off by d^(-1/2)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import log

import numpy as np

from theory import Regime, Setting, Student, Target
from theory.dmft.domain import problem
from theory.dmft.linear import linear_limit, linear_means
from theory.dmft.quadrature import two_steps

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import batch_redrawn, eta_doubled
from ...verdict import Component, Data, Exponent, Median
from ..exponents import key, settings_by_case, stretches
from ..limits import refusal

PART = 16  # runs in a block, over d: a block's mean deviates by a third of the bias at every d
LINEAR, TANH, SHARE = "linear: overlap", "tanh: training error", "linear: bias over theory, d = {}"
STATED = {LINEAR: "overlaps", TANH: "train_error"}


def _setting(case: str, d: int) -> Setting:
    linear = Regime(d, n="d/2", eta=0.5, steps=4, batch="reused")
    curved = Regime(d, n="d", eta=3.0, steps=2, batch="reused")
    activation, target, regime = ("u", "z1", linear) if case == LINEAR else ("tanh", "sin(2*z1)", curved)
    return Setting(Target(target), Student(activation, 1, (1.0,), init="plain"), regime)


def _plan(linear: tuple[int, ...], tanh: tuple[int, ...]) -> Plan:
    return Plan({key(case, d): _setting(case, d) for case, dims in ((LINEAR, linear), (TANH, tanh)) for d in dims})


PLANS = {"smoke": _plan((16, 64), (8, 32)), "quick": _plan((16, 128), (8, 64)), "deep": _plan((32, 256), (16, 128))}


@cache
def _limit(case: str) -> float:
    """Exact, or by quadrature to 1e-8: the overlap after the last step, the training error before it."""
    setting = _setting(case, 1000)
    return float(linear_limit(setting).overlaps[-1]) if case == LINEAR else float(two_steps(setting).train_error[-1])


@cache
def _bias(setting: Setting) -> float:
    """Of the linear overlap, exact at every d."""
    return float(linear_means(setting).overlaps[-1] - linear_limit(setting).overlaps[-1])


def components(plan: Plan) -> tuple[Component, ...]:
    """Slopes of the bias of block means in d, and for the linear neuron its size.

    The linear slope is exact: -1 with corrections of order 1/d. For tanh these are unknown, but d times the bias was
    seen to change by less than a tenth from d = 8 on. Medians of blocks are off their means by skewness/(6 sqrt(runs))
    standard deviations, of which a bias has three: below .04 of the bias.
    """
    found = []
    for case in STATED:
        for name, ladder in stretches(plan, case, case):
            slope, allowed = (_slope(plan), 0.03) if case == LINEAR else (-1.0, 0.06)
            found.append(Component(name, slope, 0.37, allowed, Exponent(ladder, spread=0.45)))
    return (*found, Component(_share(plan), 1.0, 0.35, 0.05, Median(_share(plan), spread=0.4)))


def _rungs(plan: Plan) -> list[Setting]:
    return settings_by_case(plan)[LINEAR]


def _slope(plan: Plan) -> float:
    low, high = _rungs(plan)
    return log(_bias(high) / _bias(low)) / log(high.regime.d / low.regime.d)


def _share(plan: Plan) -> str:
    return SHARE.format(_rungs(plan)[-1].regime.d)


def measure(plan: Plan, draw: Draw) -> Data:
    """Biases of block means, with the sign that makes the theory's positive."""
    data: dict[str, np.ndarray] = {}
    for case, rungs in settings_by_case(plan).items():
        for setting in rungs:
            name, block = key(case, setting.regime.d), PART * setting.regime.d
            at = setting.regime.steps - (case == TANH)
            run = draw.times(block)(name, setting, record=(STATED[case],), at=(at,))
            off = getattr(run, STATED[case]).reshape(-1, block).mean(axis=1) - _limit(case)
            data[name] = -off  # both biases are negative
    top = _rungs(plan)[-1]
    data[_share(plan)] = data[key(LINEAR, top.regime.d)] / -_bias(top)
    return data


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Other orders, and random matrices that have no correction of order 1/d."""
    slopes = [name for case in STATED for name, _ in stretches(plan, case, case)]
    return {
        "means are off by d^(-1/2), like single runs": dict.fromkeys(slopes, -0.5),
        "means are off by d^(-2), as with complex entries": dict.fromkeys(slopes, -2.0) | {_share(plan): 0.0},
        "half of the bias": {_share(plan): 0.5},
    }


def domain(setting: Setting) -> str | None:
    """One neuron, one direction and one batch, within what theory.solve_dmft covers."""
    if setting.student.p != 1 or setting.target.k != 1 or len(set(setting.batch_ids)) > 1:
        return "needs p = k = 1 and one batch"
    return refusal(lambda stated: problem(stated, None, None), setting)


CLAIM = Claim(
    id="reuse/mean-bias",
    title="means over runs are off the limit by kappa/d",
    statement=(
        "At finite d the means of overlaps and training errors of descent on one batch differ from the solution of "
        "dynamical mean-field theory by kappa/d, where single runs deviate by d^(-1/2). For a linear neuron and target "
        "the difference is known exactly at every n and d, by moments of real Wishart matrices."
    ),
    source="arXiv 2402.03220, the DMFT equations; derived in docs/notes/mean_bias.md",
    blind="p > 1 and k > 1; kappa of nonlinear students; more than four steps.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"fresh batches": batch_redrawn, "eta doubled": eta_doubled},
)
