"""What E[u | y] hides stays hidden at every step size."""

from __future__ import annotations

from collections.abc import Mapping

from theory import Student

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import linear_terms_added
from ...verdict import Component, Data
from ..exponents import Case, Watch, everywhere, ladder_plan, measure_overlaps, slope_components
from .reachable import domain

FOUR = Student("tanh", 4, (1.0, 1.0, -1.0, -1.0), bias=0.5)
TARGETS = {  # and the direction that is hidden
    "He2(z1)": (1,),
    "z1*z2": (1, 0),
    "tanh(z1) + tanh(z2)": (1, -1),
    "He4(z1)": (1,),
}
STEPS = 3
QUICK, ETAS = ("p/2", "8*p"), ("p/2", "2*p", "8*p")


def _cases(targets: tuple[str, ...], etas: tuple[str, ...]) -> tuple[Case, ...]:
    return tuple(
        Case(f"{target}, eta = {eta}", target, FOUR, n="3*d", eta=eta, steps=STEPS, batch="reused")
        for target in targets
        for eta in etas
    )


PLANS = {
    "smoke": ladder_plan(_cases(("He2(z1)",), QUICK), (128, 2048)),
    "quick": ladder_plan(_cases(tuple(TARGETS)[:3], QUICK), (256, 4096)),
    "deep": ladder_plan(_cases(tuple(TARGETS), ETAS), (1024, 16384, 2**18)),
}


def _watches(plan: Plan) -> list[Watch]:
    """The hidden direction of every case, whose slope is parted from 0 by a margin of 1/4 and an allowance of 1/10."""
    cases = dict.fromkeys(name.partition("@")[0] for name in plan.settings)
    return [
        Watch(case, TARGETS[case.partition(",")[0]], STEPS, power=None, spread=0.5, margin=0.25, bias=0.1)
        for case in cases
    ]


def components(plan: Plan) -> tuple[Component, ...]:
    """Slopes of root mean square overlaps, see exponents."""
    return slope_components(plan, _watches(plan))


def measure(plan: Plan, draw: Draw) -> Data:
    """Overlap sizes along the ladder."""
    return measure_overlaps(plan, draw, _watches(plan))


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Memories that see more than E[u | y], everywhere or where steps are long."""
    watches = _watches(plan)
    large = [watch for watch in watches if "8*p" in watch.case]
    return {
        "two steps on a batch learn every direction": everywhere(plan, watches, 0.0),
        "long steps learn what short ones do not": everywhere(plan, large, 0.0),
        "hidden directions average out: 1/d": everywhere(plan, watches, -1.0),
    }


CLAIM = Claim(
    id="reuse/hidden",
    title="what E[u | y] hides stays at d^(-1/2) on one batch, for short steps and long ones",
    statement=(
        "On one batch of n = Theta(d), directions v with E[<v, u> | y, u_U] = 0 keep overlaps of order d^(-1/2) for "
        "every T = O(1) and every eta = Theta(p): even ones, He2(z1), He4(z1), z1 z2, and by its symmetry under "
        "exchange z1 - z2 in tanh z1 + tanh z2. Three steps, eta between p/2 and 8p."
    ),
    source="arXiv 2402.03220; derived in docs/notes/reuse_staircase.md, items 1 and 3",
    blind="More than three steps, of which enough amplify (reuse/escape); other students.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"linear terms in the labels": linear_terms_added},
)
