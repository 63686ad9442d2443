"""Conjecture 3 at kappa = 1: a wide readout fits what is linear outside U*_t given z_U, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from theory import Regime, Setting, Student, Target, staircase

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import n_replaced, target_replaced
from ...verdict import Component, Data
from ..domains import linear_batches
from .reach import Basis, Reach, independent_rows, recorded

TARGET = "z1 + z1*z2 + He2(z2)/sqrt(2)"  # energies given z1: z1, then z1*z2 of degree 1, then He2(z2) of degree 2
RIDGE = 0.5
MARGIN, SPREAD, TEST_SAMPLES = 0.2, 0.14, 2**12


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
    """Test errors between the floor, less what p features catch of degree 2, and the equivalent's error: see Reach.

    The margin is a fifth of what parts neighbouring floors.
    """
    return tuple(reach.component(name, MARGIN, SPREAD) for name, reach in _reaches(plan).items())


def measure(plan: Plan, draw: Draw) -> Data:
    """The test error of a readout of n = 32 d samples before and after the step, by replica."""
    data: Data = {}
    runs = {name: draw(name, setting, record=recorded(setting)) for name, setting in plan.settings.items()}
    for key, reach in _reaches(plan).items():
        name = key.partition(":")[0]
        data = {**data, key: reach.measure(draw, name, runs[name], TEST_SAMPLES)}
    return data


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Floors of other subspaces, at other kappa, and of the gradient's next step."""
    reaches = _reaches(plan)
    after = {name: reach for name, reach in reaches.items() if reach.step}
    return {
        "floor without U: rows learn nothing": {n: r.foil(subspace=()) for n, r in after.items()},
        "staircase one step early": {n: r.foil(subspace=_next(r)) for n, r in reaches.items()},
        "kappa = 0: as at bounded width": {n: r.foil(kappa=0) for n, r in reaches.items()},
        "kappa = 2": {n: r.foil(kappa=2) for n, r in reaches.items()},
    }


def _next(reach: Reach) -> Basis:
    return _level(reach.setting, reach.step + 1)


def domain(setting: Setting) -> str | None:
    """One step of n = Theta(d) fresh samples at eta = Theta(p), by independent neurons; a polynomial target."""
    return independent_rows(setting) or linear_batches(setting)


CLAIM = Claim(
    id="readout/linear-floor",
    title="a wide readout of trained rows sits just above the floor of U*_t at kappa = 1",
    statement=(
        "With n = Theta(d), eta = Theta(p) and a second layer of p = Theta(d) neurons fitted to Theta(d) samples, the "
        "test error after t steps is at least ||P_{U,>1} f*||^2 - o(1), U = U*_t: what is linear in z outside U, with "
        "any functions of z_U as coefficients, is fitted, the rest is not. The bound is nearly attained: what lies "
        "above it is what ridge regression on the conditional Gaussian equivalent leaves, less and less as p/d and "
        "n/d grow."
    ),
    source="arXiv 2305.18270, Conjecture 3 at kappa_1 = kappa_2 = 1; allowances derived in docs/notes/readout.md",
    blind="More than one step; kappa_1 != kappa_2 or above 1; where between the bounds the error is.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"n = d/16 samples": n_replaced("d/16"), "labels of another target": target_replaced("z1 + 2*He2(z2)")},
)
