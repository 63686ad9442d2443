"""The second step enters the direction that subspace conditioning opens, and not before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from theory import Student, hermite_coefficients, hermite_tensor

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import activation_replaced, target_replaced
from ...verdict import Component, Data, Frequency
from ..domains import able_student
from ..exponents import (
    DEEP_LADDER,
    HEAVY,
    Case,
    Watch,
    along,
    drift,
    everywhere,
    ladder_plan,
    measure_overlaps,
    slope_components,
)

CASES = (
    Case("product", "z1 + z1*z2", Student("relu", 8), n="4*d", eta="2*p", steps=2),
    Case("quadratic", "z1 + z2 + z1**2 - z2**2", Student("relu", 8), n="4*d", eta="2*p", steps=2),
)
WATCHES = (
    Watch("product", (1, 0), 1, power=1, spread=0.3),
    Watch("product", (0, 1), 1, power=None, spread=0.4),
    Watch("product", (0, 1), 2, power=2, spread=0.5, margin=HEAVY),
    Watch("quadratic", (1, 1), 1, power=1, spread=0.3),
    Watch("quadratic", (1, -1), 1, power=None, spread=0.5),
    Watch("quadratic", (1, -1), 2, power=2, spread=0.45),
)
NEW = {"product": (0, 1), "quadratic": (1, -1)}
PLANS = {"quick": ladder_plan(CASES), "deep": ladder_plan(CASES, DEEP_LADDER)}


def components(plan: Plan) -> tuple[Component, ...]:
    """Slopes (see exponents), and how often the new direction is entered on the predicted side.

    At the largest d the drift is at least five times its standard deviation, so the wrong side is rarer than 0.01.
    """
    sides = [Component(_side(name), 1.0, 0.1, 0.01, Frequency(_side(name), near=1.0)) for name in NEW]
    return (*slope_components(plan, WATCHES), *sides)


def measure(plan: Plan, draw: Draw) -> Data:
    """Overlap sizes along the ladder, and the side of the new direction at the largest d."""

    def side(case: str, d: int, run: Any) -> Data:
        if d < plan.dims[-1]:
            return {}
        moved = drift(along(run, NEW[case], 2), run.alpha, 2)
        return {_side(case): moved * predicted_side(plan, case) > 0}

    return measure_overlaps(plan, draw, WATCHES, also=side)


def predicted_side(plan: Plan, case: str) -> float:
    """Sign of the coefficient of alpha_i^2 in the second step's drift along the new direction v.

    The first step moves row i to eta_bar alpha_i c_1 C_1, so mu_{U,x} = C_2 x pulls it by a multiple of
    alpha_i^2 c_1 c_2 <v, C_2 C_1> (docs/notes/staircase.md).
    """
    setting = plan.settings[f"{case}@{plan.dims[0]}"]
    c = hermite_coefficients(setting.student.activation, 2)
    first, second = (np.array(hermite_tensor(setting.target, m), dtype=float) for m in (1, 2))
    return float(np.sign(float(c[1]) * float(c[2]) * np.array(NEW[case]) @ second @ first))


def _side(case: str) -> str:
    return f"{case}: side of the new direction"


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong staircases: the exponents they would give."""
    first = [watch for watch in WATCHES if watch.power == 1]
    later = [watch for watch in WATCHES if watch.power == 2]
    early = [watch for watch in WATCHES if watch.power is None]
    return {
        "no subspace conditioning (U_2 = U_1)": everywhere(plan, later, -0.5),
        "all of V* in the first step": everywhere(plan, early, 0.0),
        "leap off by one (nothing at n = O(d))": everywhere(plan, first, -0.5),
        "sign of c_2 wrong": {_side(name): 0.0 for name in NEW},
    }


CLAIM = Claim(
    id="giant-step/staircase",
    title="the staircase: step two opens what conditioning on step one reveals",
    statement=(
        "With n = Theta(d), eta = Theta(p), fresh batches and a student that follows every rung, overlaps with v in "
        "U*_t are Theta(1) after t steps and with v perpendicular to U*_t are O(d^(-1/2)), U*_{t+1} = U*_t + "
        "span{E[grad_perp f*(x + x_perp)] : x in U*_t}."
    ),
    source="arXiv 2305.18270, Theorem 7; docs/notes/staircase.md",
    blind="Steps beyond the second; polylogarithmic factors; the size of the new overlap.",
    domain=able_student,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={
        "product term missing": target_replaced("z1 + 0*z2"),
        "odd student": activation_replaced("erf"),
    },
)
