"""Fresh batches in reduced coordinates: whole trajectories have the law of explicit descent."""

from __future__ import annotations

from collections.abc import Mapping

from theory import Setting

from ...claim import Claim, Plan
from ...samplers import conditioned as sampler
from ...samplers.parts import planted
from . import solvable
from .laws import BLIND, NTK, PLAIN, RADEMACHER, affordable, components, corner, measure

RANK = 2  # of the walk's span: p + k

QUICK = {
    "symmetric pairs, p + k = d": corner(
        "z1 + z1*z2", "softplus", 4, 2.0, {**RADEMACHER, "bias": "uniform"}, d=6, n=8, eta="4*p", steps=2
    ),
    "p + k > d, k = 3, ntk, weight decay": corner(
        "z1 + z2*z3", "tanh", 3, 0.5, NTK, d=4, n=5, eta=1.5, steps=2, loss="correlation", weight_decay=0.3
    ),
    "unit rows, linear part removed": corner(
        "z1", "tanh", 2, 2.0, PLAIN, d=12, n=96, eta="4*p", steps=1, normalize_rows=True, preprocess=1
    ),
    solvable.NAME: solvable.walk(d=4, n=5, eta=2.0, steps=3),
}
DEEP = {
    "linear part removed, p + k > d": corner(
        "z1 + z1*z2", "tanh", 4, 1.0, PLAIN, d=5, n=6, eta="4*p", steps=3, preprocess=1
    ),
    "linear part removed, p + k = d - 1": corner(
        "z1 + z1*z2", "tanh", 2, 1.0, PLAIN, d=5, n=6, eta="4*p", steps=2, preprocess=1, loss="correlation"
    ),
    "mean removed, one sample": corner("z1", "tanh", 2, 1.0, NTK, d=6, n=1, eta=1.0, steps=2, preprocess=0),
    "more neurons than samples": corner("z1 + z2**2", "relu", 8, 0.5, {}, d=30, n=3, eta="2*p", steps=3),
    "one sample, one neuron": corner("z1*z2", "relu", 1, 0.5, PLAIN, d=4, n=1, eta=1.0, steps=4),
    "k = d": corner("z1*z2 + z3", "relu", 2, 0.5, {}, d=3, n=6, eta="2*p", steps=3),
    "larger": corner("z1 + z1*z2", "relu", 8, 1.0, {"bias": "uniform"}, d=64, n=128, eta="2*p", steps=3),
}


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Other numbers of dimensions for the noise of a step, in the case with a closed form."""
    walk = plan.settings[solvable.NAME]
    return {
        "the noise fills d dimensions beside the span": solvable.foil(walk, d=walk.regime.d + RANK),
        "no noise outside the span": solvable.foil(walk, d=RANK),
    }


def domain(setting: Setting) -> str | None:
    """Fresh batches, at sizes where explicit descent can be run thousands of times."""
    if setting.extragradient or setting.regime.repeats_batches:
        return "a batch is used twice"
    return affordable(setting)


CLAIM = Claim(
    id="exactness/conditioned",
    title="fresh batches in reduced coordinates have the law of explicit descent",
    statement=(
        'With fresh batches the overlaps M_t and Gram matrices Q_t, t = 0..T, of method="conditioned", which draws the '
        "fields of r >= rank(W, W*) directions that span teacher and rows, and a Wishart matrix of d - r degrees, a "
        'step, have jointly the law of method="direct" at every d, p + k > d included.'
    ),
    source="docs/notes/conditioned.md",
    blind=f"{BLIND} Training and test errors; rows; large d.",
    domain=domain,
    plans={"quick": Plan(QUICK), "deep": Plan(QUICK | DEEP, stages=3)},
    components=components,
    measure=measure("conditioned"),
    foils=foils,
    mutants={
        lie: planted(sampler.simulate, lie) for lie in (sampler.WISHART_FORGOTTEN, sampler.DEGREES, sampler.UNPROJECTED)
    },
)
