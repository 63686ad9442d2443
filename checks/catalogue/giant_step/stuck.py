"""Where the staircase is stuck, fresh batches stay stuck: the direction is not learned, and not even leaned to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from theory import Setting, Student, hermite_coefficients, staircase

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import batch_reused, target_replaced
from ...verdict import Component, Data, Median
from ..domains import linear_batches
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

LEAP_THREE = Case("leap three", "z1 + He3(z2)", Student("tanh", 8), n="2*d", eta="2*p", steps=2)
PRODUCT = Case("product", "z1 + z1*z2*z3", Student("relu", 8), n="4*d", eta="2*p", steps=2)
WATCHES = (
    Watch("leap three", (1, 0), 1, power=1, spread=0.3),
    Watch("leap three", (0, 1), 2, power=None, spread=0.65, margin=HEAVY),
    Watch("product", (1, 0, 0), 1, power=1, spread=0.3),
    Watch("product", (0, 1, 0), 2, power=None, spread=0.4),
    Watch("product", (0, 1, 1), 2, power=None, spread=0.45),
)
DRIFT = "leap three: drift along (0, 1) at step 2"
PLANS = {
    "quick": ladder_plan((LEAP_THREE, PRODUCT)),
    "deep": ladder_plan((LEAP_THREE, PRODUCT), DEEP_LADDER),
}


def components(plan: Plan) -> tuple[Component, ...]:
    """Slopes (see exponents), and the drift proportional to alpha_i, which is 0 up to O(1/d) at the largest d.

    That O(1/d) is c_3 C_3 at the random overlaps of the first step, its correlation with the rows' norms, and the
    median's distance from the mean: about -20/d, so -0.001 at d = 16384 (docs/notes/finite_size.md), allowed 0.005. A
    reused batch gives a drift of order one (arXiv 2402.03220), -0.3 here; a tenth of that is the margin.
    """
    return (*slope_components(plan, WATCHES), Component(DRIFT, 0.0, 0.03, 0.005, Median(DRIFT, spread=0.07)))


def measure(plan: Plan, draw: Draw) -> Data:
    """Overlap sizes along the ladder, and the drift in a run of its own at the largest d."""
    setting = LEAP_THREE.setting(plan.dims[-1])
    run = draw("drift", setting, record=("overlaps",), at=(2,))
    moved: dict[str, np.ndarray] = {DRIFT: drift(along(run, (0, 1), 2), run.alpha, 1)}
    return measure_overlaps(plan, draw, WATCHES) | moved


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong staircases, and a direction taken for one that C_1 holds."""
    stuck = everywhere(plan, (watch for watch in WATCHES if watch.power is None), 0.0)
    learned = everywhere(plan, (watch for watch in WATCHES if watch.power == 1), -0.5)
    return {
        "every direction of V* is learned in two steps": stuck,
        "nothing is learned at n = O(d)": learned,
        "leap three read as leap one (drift eta_bar c_1)": {DRIFT: _first_step_drift(plan)},
    }


def _first_step_drift(plan: Plan) -> float:
    setting = LEAP_THREE.setting(plan.dims[-1])
    return setting.eta / setting.student.p * float(hermite_coefficients(setting.student.activation, 1)[1])


def domain(setting: Setting) -> str | None:
    """Fresh batches, n proportional to d, and a target whose staircase does not complete."""
    if staircase(setting.target).complete:
        return "the staircase of the target completes"
    return linear_batches(setting)


CLAIM = Claim(
    id="giant-step/stuck",
    title="stuck staircases stay stuck",
    statement=(
        "If U*_{t+1} = U*_t != V*, then with n = Theta(d), eta = Theta(p) and fresh batches every v in V* "
        "perpendicular to U*_t keeps overlaps O(d^(-1/2)), and their mean over the data vanishes: z1 + He3(z2) "
        "and z1 + z1 z2 z3 never leave e_1."
    ),
    source="arXiv 2305.18270, Theorem 7 and Conjecture 1; docs/notes/staircase.md",
    blind="More than two steps; batches reused (another theory); polylogarithmic factors.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"batch reused": batch_reused, "another target": target_replaced("z1 + z1*z2 + z2")},
)
