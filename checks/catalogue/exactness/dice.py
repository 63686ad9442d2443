"""Reused batches without a data matrix: whole trajectories have the law of explicit descent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from theory import Setting

from ...claim import Claim, Plan
from ...draw import Simulate
from ...samplers import dice as sampler
from ...samplers.parts import planted
from . import solvable
from .laws import BLIND, NTK, PLAIN, RADEMACHER, affordable, components, corner, measure

QUICK = {
    "reused, symmetric pairs, more neurons than samples": corner(
        "z1 + z1**2", "relu", 4, 0.5, {**RADEMACHER, "bias": "uniform"},
        d=5, n=3, eta="2*p", steps=3, batch="reused",
    ),
    "batches 0, 1, 0, p + k > d, ntk, weight decay": corner(
        "z1 + z1*z2", "tanh", 6, 3.0, {**NTK, **RADEMACHER},
        d=6, n=8, eta=8.0, steps=3, batch=(0, 1, 0), loss="correlation", weight_decay=0.02,
    ),
    "looks ahead, k = 3, unit rows, linear part removed": corner(
        "z1 + z2*z3", "tanh", 2, 0.5, PLAIN,
        d=8, n=5, eta="4*p", steps=2, extragradient="4*p", normalize_rows=True, preprocess=1,
    ),
    solvable.NAME: solvable.walk(d=8, n=4, eta=2.0, steps=3, batch=(0, 1, 0)),
}  # fmt: skip
DEEP = {
    "p = d, mean removed": corner(
        "z1", "gelu", 5, 1.0, PLAIN, d=5, n=12, eta="4*p", steps=4, batch="reused", preprocess=0
    ),
    "p > n, p + k > d": corner("z1*z2", "tanh", 6, 0.5, NTK, d=4, n=2, eta=2.0, steps=4, batch="reused"),
    "one sample, two batches by turns": corner(
        "z1 + z1**2", "relu", 2, 0.5, PLAIN, d=4, n=1, eta="p", steps=4, batch=(3, 1, 3, 1)
    ),
    "looks ahead twice on one batch, k = d": corner(
        "z1 + z2*z3", "tanh", 2, 0.5, {}, d=3, n=6, eta="2*p", steps=2, batch="reused", extragradient="4*p"
    ),
    "fresh, linear part removed": corner(
        "z1 + z1**2", "tanh", 2, 1.0, PLAIN, d=6, n=6, eta="4*p", steps=3, preprocess=1
    ),
    "more steps than samples": corner("z1 + z1**2", "relu", 2, 0.5, {}, d=9, n=4, eta="p", steps=8, batch="reused"),
    "larger": corner("z1 + z1*z2", "relu", 4, 1.0, {"bias": "uniform"}, d=64, n=96, eta="2*p", steps=4, batch="reused"),
}


def redrawn(simulate: Simulate) -> Simulate:
    """Right about explicit data; the other methods draw a new batch at every step."""

    def wrong(setting: Setting, **options: Any) -> Any:
        if options.get("method") != "direct":
            setting = Setting(setting.target, setting.student, replace(setting.regime, batch="fresh"))
        return simulate(setting, **options)

    return wrong


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Other batches, in the case with a closed form."""
    walk = plan.settings[solvable.NAME]
    return {
        "a new batch at every step": solvable.foil(walk, batches=range(walk.regime.steps)),
        "one batch for all steps": solvable.foil(walk, batches=(0,) * walk.regime.steps),
    }


def domain(setting: Setting) -> str | None:
    """Any batches, at sizes where explicit descent can be run thousands of times."""
    return affordable(setting)


CLAIM = Claim(
    id="exactness/dice",
    title="reused batches without a data matrix have the law of explicit descent",
    statement=(
        "For any sequence of batches, looks ahead included, the overlaps M_t and Gram matrices Q_t, t = 0..T, of "
        'method="dice", which draws only the products of the data matrix that descent asks for, have jointly the law '
        'of method="direct" at every d, n and p, where ranks saturate too.'
    ),
    source="docs/notes/dice.md; arXiv 2101.07464",
    blind=f"{BLIND} Training and test errors; rows; many steps; large d.",
    domain=domain,
    plans={"quick": Plan(QUICK), "deep": Plan(QUICK | DEEP, stages=3)},
    components=components,
    measure=measure("dice"),
    foils=foils,
    mutants={
        "a reused batch drawn again": redrawn,
        sampler.UNPROJECTED: planted(sampler.simulate, sampler.UNPROJECTED),
    },
)
