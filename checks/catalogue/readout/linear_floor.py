"""Conjecture 3 at kappa = 1: a wide readout fits what is linear outside U*_t given z_U, and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from theory import Regime, Setting, Student, Target, staircase

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import n_replaced, target_replaced
from ...verdict import Component, Data
from ..domains import linear_batches
from .reach import Basis, Reach, independent_rows, recorded

TARGET = "z1 + z1*z2 + He2(z2)/sqrt(2)"  # energies given z1: z1, then z1*z2 of degree 1, then He2(z2) of degree 2
RIDGE = 0.5
MARGIN, SPREAD, TEST_SAMPLES = 0.2, 0.12, 2**12  # a fifth of the 1 between neighbouring floors


def _setting(activation: str, d: int, width: int = 3) -> Setting:
    student = Student(activation, width * d, init="plain")
    return Setting(Target(TARGET), student, Regime(d, n="32*d", eta="6*p", loss="correlation"))


QUICK = {"relu": _setting("relu", 64)}
DEEP = {"softplus": _setting("softplus", 64), "relu": _setting("relu", 128)}
PLANS = {"quick": Plan(QUICK, stages=1), "deep": Plan(DEEP)}


@cache
def _level(setting: Setting, step: int) -> Basis:
    """A basis of what this student has learned after `step` steps."""
    levels = staircase(setting.target, setting.student.activation, bias=setting.student.bias).subspaces
    basis = levels[min(step, len(levels) - 1)]
    return tuple(tuple(basis.col(j)) for j in range(basis.cols))


def _reaches(plan: Plan) -> dict[str, Reach]:
    """By component: before and after the step."""
    return {
        f"{name}: step {step}": Reach(
            setting, samples=32, ridge=RIDGE, kappa=1, subspace=_level(setting, step), step=step
        )
        for name, setting in plan.settings.items()
        for step in (0, 1)
    }


def components(plan: Plan) -> tuple[Component, ...]:
    """Twice for each step: the floor is not gone below, and the test error is the equivalent's, near the floor.

    The margin is a fifth of what parts neighbouring floors.
    """
    return tuple(
        component
        for name, reach in _reaches(plan).items()
        for component in (
            reach.above_floor(f"{name}, at most the floor", MARGIN, SPREAD),
            reach.attained(f"{name}, test error", MARGIN, SPREAD),
        )
    )


def measure(plan: Plan, draw: Draw) -> Data:
    """The test error of a readout of n = 32 d samples before and after the step, and its lesser with the floor."""
    data: Data = {}
    runs = {name: draw(name, setting, record=recorded(setting)) for name, setting in plan.settings.items()}
    for key, reach in _reaches(plan).items():
        name = key.partition(":")[0]
        error = reach.measure(draw, name, runs[name], TEST_SAMPLES)
        data = {**data, f"{key}, test error": error, f"{key}, at most the floor": np.minimum(error, reach.floor)}
    return data


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Floors of other subspaces, at other kappa, and of the gradient's next step."""
    reaches = _reaches(plan)
    return {
        "floor without U: rows learn nothing": _wrong(reaches, lambda reach: reach.other_floor(subspace=())),
        "staircase one step early": _wrong(reaches, lambda reach: reach.other_floor(subspace=_next(reach))),
        "kappa = 0: as at bounded width": _wrong(reaches, lambda reach: reach.other_floor(kappa=0)),
        "kappa = 2": _wrong(reaches, lambda reach: reach.other_floor(kappa=2)),
    }


def _wrong(reaches: Mapping[str, Reach], floor: Callable[[Reach], float]) -> dict[str, float]:
    """A network that sits on another floor; left out where it says the same, or is higher."""
    wrong: dict[str, float] = {}
    for name, reach in reaches.items():
        value = floor(reach)
        if value != reach.floor:
            wrong[f"{name}, test error"] = value
        if value < reach.floor:
            wrong[f"{name}, at most the floor"] = value
    return wrong


def _next(reach: Reach) -> Basis:
    return _level(reach.setting, reach.step + 1)


def domain(setting: Setting) -> str | None:
    """One step of n = Theta(d) fresh samples at eta = Theta(p), by independent neurons; a polynomial target."""
    return independent_rows(setting) or linear_batches(setting)


CLAIM = Claim(
    id="readout/linear-floor",
    title="a wide readout of trained rows stays above the floor of U*_t at kappa = 1, by what the equivalent leaves",
    statement=(
        "With n = Theta(d), eta = Theta(p) and a second layer of p = Theta(d) neurons fitted to Theta(d) samples, the "
        "test error after t steps is at least ||P_{U,>1} f*||^2 - o(1), U = U*_t: what is linear in z outside U, with "
        "any functions of z_U as coefficients, is fitted, the rest is not. What lies above the floor is what ridge "
        "regression on the conditional Gaussian equivalent leaves."
    ),
    source="arXiv 2305.18270, Conjecture 3 at kappa_1 = kappa_2 = 1; allowances derived in docs/notes/readout.md",
    blind="More than one step; kappa_1 != kappa_2 or above 1; large p/d and n/d, where the floor is attained.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"n = d/16 samples": n_replaced("d/16"), "labels of another target": target_replaced("z1 + 2*He2(z2)")},
)
