"""Fresh batches against batches used again, at the same number of steps and of samples in all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from theory import DmftLimit, FreshLimit, Regime, Setting, Student, Target, fresh_limit, solve_dmft
from theory.dmft.domain import problem

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import batch_redrawn, eta_doubled
from ...verdict import Combination, Component, Data, Median
from ..limits import changed, points, refusal

USES = {  # name: (samples of a batch, the batch of each step); 8 d samples in all
    "fresh": ("2*d", (0, 1, 2, 3)),
    "each twice": ("4*d", (0, 0, 1, 1)),
    "one batch": ("8*d", (0, 0, 0, 0)),
}
TARGETS = {"hard link": ("tanh(z1 + He3(z2))", "4*p", 0.5), "leap": ("z1 + He3(z2)", "3*p", 0.0)}
SAMPLES = 2**18


def _settings(d: int) -> dict[str, Setting]:
    student = Student("tanh", 2, (1.0, -1.0))
    return {
        f"{name}, {use}": Setting(
            Target(target, noise=noise), student, Regime(d, n=n, eta=eta, steps=4, batch=ids, normalize_rows=True)
        )
        for name, (target, eta, noise) in TARGETS.items()
        for use, (n, ids) in USES.items()
    }


PLANS = {"quick": Plan(_settings(2**12)), "deep": Plan(_settings(2**17))}


@cache
def _limit(setting: Setting) -> DmftLimit | FreshLimit:
    return solve_dmft(setting, samples=SAMPLES) if setting.regime.repeats_batches else fresh_limit(setting)


def theory(setting: Setting) -> DmftLimit | FreshLimit:
    """The limit, one for all dimensions; fresh batches by the solver that knows no others."""
    return _limit(changed(setting, d=1000))


def _error(setting: Setting) -> float:
    """Of the limit's last overlaps: eight standard errors, or the bound."""
    state = theory(setting)
    return float(8 * state.overlaps_stderr[-1].max() if isinstance(state, DmftLimit) else state.error.max())


def _predicted(plan: Plan, limit: Callable[[Setting], DmftLimit | FreshLimit]) -> dict[str, float]:
    """Cosines of the first neuron with z2, and what reuse adds to that."""
    found = {f"{name}: cosine with z2": float(limit(s).overlaps[-1, 0, 1]) for name, s in points(plan).items()}
    for more, (one, other) in _pairs(plan).items():
        found[more] = found[one] - found[other]
    return found


def _pairs(plan: Plan) -> dict[str, tuple[str, str]]:
    """Differences: name, and the two numbers."""
    return {
        f"{name}: {use} less fresh": (f"{name}, {use}: cosine with z2", f"{name}, fresh: cosine with z2")
        for name, use in (full.split(", ") for full in points(plan))
        if use != "fresh"
    }


def components(plan: Plan) -> tuple[Component, ...]:
    """Cosines after the last step, and differences between ways to spend the same samples.

    Medians are off by kappa/d, |kappa| below 20 as in reuse/trajectory, and the limit by its own error; a difference by
    the sum of both. Single runs deviate by 1.2 d^(-1/2), on the leap, whose labels have heavy tails, by 2 d^(-1/2).
    """
    predicted, settings = _predicted(plan, theory), points(plan)
    (d,) = plan.dims
    margin = 0.02 if d >= 10**5 else 0.05
    off = {f"{name}: cosine with z2": 20 / d + _error(s) for name, s in settings.items()}
    found = []
    for name, allowed in off.items():
        found.append(Component(name, predicted[name], margin, allowed, Median(name, spread=_spread(name, d))))
    for name, (one, other) in _pairs(plan).items():
        both = Combination(((one, 1.0), (other, -1.0)), spread=(_spread(one, d), _spread(other, d)))
        found.append(Component(name, predicted[name], margin, off[one] + off[other], both))
    return tuple(found)


def _spread(name: str, d: int) -> float:
    return (2.6 if name.startswith("leap") else 1.5) / d**0.5


def measure(plan: Plan, draw: Draw) -> Data:
    """Cosines by replica."""
    data: dict[str, np.ndarray] = {}
    for name, setting in points(plan).items():
        run = draw(name, setting, record=("overlaps",), at=(setting.regime.steps,))
        data[f"{name}: cosine with z2"] = run.overlaps[:, 0, 0, 1]
    return data


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Samples seen again taken for new ones, or for nothing at all."""
    forgetful = lambda s: theory(changed(s, batch="fresh"))  # noqa: E731
    fresh = {name: f"{name.partition(',')[0]}, fresh" for name in points(plan)}
    value = _predicted(plan, theory)
    wasted = {f"{name}: cosine with z2": value[f"{other}: cosine with z2"] for name, other in fresh.items()}
    bound = {name: 0.0 for name in value if name.startswith("leap")}
    return {
        "a sample seen again is a new one": _predicted(plan, forgetful),
        "only the number of samples in all counts": wasted | dict.fromkeys(_pairs(plan), 0.0),
        "the information exponent binds reused batches": bound,
    }


def domain(setting: Setting) -> str | None:
    """What theory.solve_dmft covers, with renormalised rows, whose overlaps are cosines."""
    if not setting.regime.normalize_rows:
        return "rows are not renormalised"
    return refusal(lambda stated: problem(stated, None, None), setting)


CLAIM = Claim(
    id="reuse/same-samples",
    title="of the same samples, descent learns more when it sees them again",
    statement=(
        "T n samples can be spent on T fresh batches of n, on T/2 batches of 2n that are used twice each, or on one of "
        "T n. For T = 4 and 8d samples the three limits, the fresh one by the recursion of population gradients and "
        "the others by dynamical mean-field theory, differ as predicted: reuse wins on tanh(z1 + He3(z2)), and on "
        "z1 + He3(z2) it finds z2, which fresh batches do not."
    ),
    source="arXiv 2402.03220; derived in docs/notes/dmft.md and docs/notes/fresh_limit.md",
    blind="Students for which fresh batches win; test errors; more than four steps.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"fresh batches": batch_redrawn, "eta doubled": eta_doubled},
)
