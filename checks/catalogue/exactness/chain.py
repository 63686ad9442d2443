"""One sample a step as a Markov chain: whole trajectories have the law of explicit descent."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from theory import Setting

from ...claim import Claim, Plan
from ...samplers import chain as sampler
from ...samplers.parts import planted
from . import solvable
from .laws import BLIND, NTK, PLAIN, RADEMACHER, affordable, components, corner, measure

QUICK = {
    "symmetric pair, p + k = d": corner(
        "z1 + z1**2", "softplus", 2, 1.0, {**RADEMACHER, "bias": "uniform"}, d=3, n=1, eta="2*p", steps=2
    ),
    "twice, once, ntk, weight decay": corner(
        "z1 + z1*z2", "tanh", 2, 0.5, {**NTK, **RADEMACHER},
        d=6, n=1, eta=1.5, steps=3, batch=(0, 0, 1), loss="correlation", weight_decay=0.2,
    ),
    "looks ahead, k = 3, unit rows": corner(
        "z1 + z2*z3", "He2", 3, 0.5, PLAIN,
        d=7, n=1, eta="p", steps=2, extragradient="p/2", normalize_rows=True,
    ),
    solvable.NAME: solvable.walk(d=8, n=1, eta=1.0, steps=4, batch=(0, 0, 1, 1)),
}  # fmt: skip
DEEP = {
    "one neuron, d = 2": corner("z1 + z1**2", "relu", 1, 0.5, PLAIN, d=2, n=1, eta=0.5, steps=8),
    "each sample twice, symmetric pairs, p + k = d": corner(
        "z1 + z1*z2", "relu", 4, 0.5, RADEMACHER, d=6, n=1, eta="p", steps=6, batch=(0, 0, 1, 1, 2, 2)
    ),
    "each sample twice, unit rows": corner(
        "z1", "gelu", 3, 1.0, PLAIN, d=5, n=1, eta="p", steps=4, batch=(0, 0, 1, 1), normalize_rows=True
    ),
    "once, twice, once": corner("z1 + z1*z2", "tanh", 2, 1.0, NTK, d=5, n=1, eta=1.0, steps=4, batch=(4, 2, 2, 1)),
    "looks ahead, weight decay, correlation loss": corner(
        "z1 + z1**2", "tanh", 2, 0.5, NTK, d=6, n=1, eta=1.0, steps=4,
        extragradient=1.0, weight_decay=0.1, loss="correlation",
    ),
    "larger": corner("z1 + z1**2", "He2", 2, 0.5, {}, d=64, n=1, eta="p/d", steps=16),
}  # fmt: skip


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Other samples, in the case with a closed form."""
    walk = plan.settings[solvable.NAME]
    return {
        "each sample used once": solvable.foil(walk, batches=range(walk.regime.steps)),
        "one sample for all steps": solvable.foil(walk, batches=(0,) * walk.regime.steps),
    }


def domain(setting: Setting) -> str | None:
    """One sample a step, in consecutive steps if in several, its label as it is; p + k <= d, and affordable."""
    if setting.n > 1:
        return "a step takes more than one sample"
    if setting.regime.preprocess is not None:
        return "labels are preprocessed"
    if setting.student.p + setting.target.k > setting.regime.d:
        return "p + k > d"
    if len(list(groupby(setting.batch_ids))) > len(set(setting.batch_ids)):
        return "a sample comes back after others"
    return affordable(setting)


CLAIM = Claim(
    id="exactness/chain",
    title="one sample a step as a Markov chain has the law of explicit descent",
    statement=(
        "With n = 1 the overlaps M_t, the Gram matrices Q_t and the sample in use are a Markov chain: a new sample "
        "enters through its fields along rows and teacher, and through a squared norm with d - r further degrees. The "
        'trajectories of method="chain" have jointly the law of method="direct", also where a sample is used in '
        "consecutive steps, or looked ahead on."
    ),
    source="docs/notes/chain.md",
    blind=f"{BLIND} Errors that build up over many steps; large d.",
    domain=domain,
    plans={"quick": Plan(QUICK), "deep": Plan(QUICK | DEEP, stages=3)},
    components=components,
    measure=measure("chain"),
    foils=foils,
    mutants={lie: planted(sampler.simulate, lie) for lie in (sampler.NORM_INSIDE, sampler.DEGREES, sampler.RESAMPLED)},
)
