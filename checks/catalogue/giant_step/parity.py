"""The student's side: parity of the activation decides which rungs it can climb."""

from __future__ import annotations

from collections.abc import Mapping

from theory import Student

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import activation_replaced, linear_terms_added
from ...verdict import Component, Data
from ..domains import linear_batches
from ..exponents import (
    DEEP_LADDER,
    HEAVY,
    Case,
    Watch,
    everywhere,
    ladder_plan,
    measure_overlaps,
    settings_by_case,
    slope_components,
)

CASES = (
    Case("erf", "z1 + z1*z2", Student("erf", 8), n="4*d", eta="2*p", steps=2),
    Case("erf with bias", "z1 + z1*z2", Student("erf", 8, bias=1.0), n="4*d", eta="2*p", steps=2),
    Case("cos", "z1", Student("cos", 8), n="4*d", eta="2*p", steps=2),
    Case("relu, third step", "z1 + z1*z2 + z1*z2*z3", Student("relu", 8), n="4*d", eta="p", steps=3),
)
# The third step's drift, proportional to alpha_i^4, is small beside the noise until d is large, and few neurons carry
# it: 32 of them halve the spread of 8, and with it quarter what all cases need.
THIRD = Case(
    "relu with bias, third step", "z1 + z1*z2 + z1*z2*z3", Student("relu", 32, bias=2.0), n="8*d", eta="4*p", steps=3,
    dims=(4096, 65536),
)  # fmt: skip
WATCHES = (
    Watch("erf", (1, 0), 1, power=1, spread=0.3),
    Watch("erf", (0, 1), 2, power=None, spread=0.4),
    Watch("erf with bias", (0, 1), 2, power=2, spread=0.65, margin=HEAVY),
    Watch("cos", (1,), 2, power=None, spread=0.4),
    Watch("relu, third step", (0, 0, 1), 3, power=None, spread=0.4),
    Watch(THIRD.name, (0, 0, 1), 3, power=4, spread=0.35),
)
PLANS = {"quick": ladder_plan(CASES, (64, 512, 4096)), "deep": ladder_plan((*CASES, THIRD), DEEP_LADDER)}


def _watches(plan: Plan) -> tuple[Watch, ...]:
    """Those of the plan's cases."""
    return WATCHES if THIRD.name in settings_by_case(plan) else WATCHES[:-1]


def components(plan: Plan) -> tuple[Component, ...]:
    """Slopes of the watched overlaps; see exponents for the statistic, its allowance and its margin."""
    return slope_components(plan, _watches(plan))


def measure(plan: Plan, draw: Draw) -> Data:
    """Overlap sizes along the ladder."""
    return measure_overlaps(plan, draw, _watches(plan))


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Theories that look at the target only, or at parity the wrong way round."""
    blocked = everywhere(plan, (watch for watch in _watches(plan) if watch.power is None), 0.0)
    open_ = everywhere(plan, (watch for watch in _watches(plan) if watch.power is not None), -0.5)
    return {
        "the student's coefficients do not matter": blocked,
        "odd students learn nothing": everywhere(plan, [WATCHES[0]], -0.5),
        "a bias cures nothing": everywhere(plan, [WATCHES[2]], -0.5),
        "even and odd exchanged": {**blocked, **open_},
    }


CLAIM = Claim(
    id="giant-step/parity",
    title="the student's parity closes rungs of the staircase",
    statement=(
        "A direction tied to learned coordinates by a Hermite product of degree j moves with E[sigma^(j+1)(r g + b)]; "
        "if this vanishes for every r it is never learned with fresh batches. So odd students without bias never take "
        "the z1 z2 step, even students learn nothing, relu never takes the third step of z1 + z1 z2 + z1 z2 z3; "
        "a bias cures it, unless sigma is a polynomial of degree at most j."
    ),
    source="arXiv 2305.18270, Theorem 7 with a given activation; derived in docs/notes/student.md",
    blind="A biased student's third step, but in the deep run: small d drowns it; smooth even-plus-linear students.",
    domain=linear_batches,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"relu student": activation_replaced("relu"), "linear terms in the labels": linear_terms_added},
)
