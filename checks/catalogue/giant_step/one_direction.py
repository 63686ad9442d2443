"""One step at n = O(d) learns one direction, whatever the target."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from theory import Setting, Student, hermite_tensor
from theory.exponents import leap_index

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import activation_replaced, target_replaced
from ...verdict import Component, Data, Exponent
from ..domains import linear_batches, own_dimensions
from ..exponents import BIAS, DEEP_LADDER, HEAVY, MARGIN, Case, key, ladder_plan, stretches

CASE = Case("relu", "z1 + z2 + z1*z3 + He2(z2)/2", Student("relu", 16), n="4*d", eta="2*p", steps=1)
PLANS = {"quick": ladder_plan([CASE]), "deep": ladder_plan([CASE], DEEP_LADDER)}


def components(plan: Plan) -> tuple[Component, ...]:
    """Slopes of log singular value j of Pi* W^T against log d: 0 for the first, -1/2 for the others.

    The number that stay is the rank of C_1, at most one. The allowance covers relative corrections kappa/d with
    |kappa| up to 8 (docs/notes/finite_size.md); the margin keeps the neighbours 0 and -1/2 apart.
    """
    k, learned = 3, int(any(hermite_tensor(CASE.setting(64).target, 1)))
    slopes = [0.0 if j < learned else -0.5 for j in range(k)]
    spreads = (0.35, 0.4, 0.6)
    return tuple(
        Component(name, slopes[j], HEAVY if j == 2 else MARGIN, BIAS, Exponent(ladder, spreads[j]))
        for j in range(k)
        for name, ladder in stretches(plan, CASE.name, _name(j))
    )


def _name(j: int) -> str:
    return f"singular value {j + 1}"


def _everywhere(plan: Plan, j: int, slope: float) -> dict[str, float]:
    return {name: slope for name, _ in stretches(plan, CASE.name, _name(j))}


def measure(plan: Plan, draw: Draw) -> Data:
    """Singular values of the p x k matrix of overlaps after one step, over sqrt p, largest first."""
    data: dict[str, np.ndarray] = {}
    for name, setting in plan.settings.items():
        run = draw(name, setting, record=("overlaps",), at=(1,))
        values = _singular_values(run.overlaps[:, 0]) / np.sqrt(setting.student.p)
        data |= {key(_name(j), setting.regime.d): values[:, j] for j in range(values.shape[1])}
    return data


def _singular_values(overlaps: np.ndarray) -> np.ndarray:
    """By replica; infinite where a run diverged."""
    finite = np.isfinite(overlaps).all(axis=(1, 2))
    values = np.full((len(overlaps), overlaps.shape[2]), np.inf)
    values[finite] = np.linalg.svd(overlaps[finite], compute_uv=False)
    return values


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong counts of the directions that one step learns."""
    return {
        "no direction at n = O(d) (leap off by one)": _everywhere(plan, 0, -0.5),
        "two directions (C_2 learned as well)": _everywhere(plan, 1, 0.0),
        "all of V* at once": _everywhere(plan, 1, 0.0) | _everywhere(plan, 2, 0.0),
    }


def domain(setting: Setting) -> str | None:
    """One step, n proportional to d, leap one, and a student that sees C_1."""
    if setting.regime.steps != 1 or leap_index(setting.target) != 1:
        return "needs one step and a target of leap one"
    if reason := linear_batches(setting):
        return reason
    return None if own_dimensions(setting)[1:2] == (1,) else "c_1 of the student vanishes: it does not see C_1"


CLAIM = Claim(
    id="giant-step/one-direction",
    title="one step at n = O(d) learns one direction only",
    statement=(
        "For a target of leap index one, a student with c_1 != 0 and n = Theta(d), eta = Theta(p), the overlap matrix "
        "Pi* W^T after one step has exactly one singular value that does not decay; the others are O(d^(-1/2))."
    ),
    source="arXiv 2305.18270, section on one step with n = O(d); giant steps learn C_1 alone",
    blind="Polylogarithmic factors; d above the ladder; which direction it is (giant-step/one-step-norm).",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"even student": activation_replaced("cos"), "target without C_1": target_replaced("z1*z3 + He2(z2)")},
)
