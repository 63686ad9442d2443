"""Small steps: fresh batches stay at the information exponent, one batch keeps its memory, which n/d dilutes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import sqrt

import numpy as np

from theory import DmftLimit, Regime, Setting, Student, Target, predict, solve_dmft
from theory.fresh.stuck import stuck_variances

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import batch_redrawn, batch_reused, linear_terms_added
from ...verdict import Component, Data, Exponent, Median
from ..exponents import key, settings_by_case, stretches
from ..limits import changed
from .reachable import domain as covered

TARGET, TIME = "He3(z1)", "3*p/2"  # information exponent 3; TIME is eta T
ONE, MANY = Student("tanh", 1, (1.0,), init="plain"), Student("tanh", 8, "rademacher")
SAMPLES = 2**16
BLOCK = 64  # runs that a size of fresh overlaps is taken over
SIZE, VALUE, GROWTH, NOISE = "size", "value", "one batch", "fresh"  # kinds of settings


def _setting(student: Student, d: int, steps: int, n: str, batch: str) -> Setting:
    return Setting(Target(TARGET), student, Regime(d, n=n, eta=f"{TIME}/{steps}", steps=steps, batch=batch))


def _plan(values: Mapping[int, int], wide: int, size: int, reused: tuple[int, ...], fresh: tuple[int, ...]) -> Plan:
    """`values`: d for each number of steps on one batch; `wide`, `size`: d where n = 12 d, d of sizes; two ladders."""
    found = {
        f"{VALUE}: one batch, {steps} steps": _setting(ONE, d, steps, "3*d", "reused") for steps, d in values.items()
    }
    found[f"{VALUE}: one batch, 4 steps, n = 12 d"] = _setting(ONE, wide, 4, "12*d", "reused")
    for steps, ratio in ((16, 3), (4, 24)):
        found[f"{SIZE}: fresh, {steps} steps, n = {ratio} d"] = _setting(ONE, size, steps, f"{ratio}*d", "fresh")
    found |= {f"{GROWTH}, 4 steps@{d}": _setting(ONE, d, 4, "3*d", "reused") for d in reused}
    for steps in (4, 16):
        found |= {f"{NOISE}, {steps} steps@{d}": _setting(MANY, d, steps, "3*d", "fresh") for d in fresh}
    return Plan(found)


PLANS = {
    "quick": _plan({2: 2**13, 4: 2**12, 8: 2**12, 16: 2**12}, 2**11, 128, (512, 2**12), (64, 2**12)),
    "deep": _plan({2: 2**15, 4: 2**14, 8: 2**13, 16: 2**13}, 2**13, 256, (512, 2**15), (128, 2048, 2**15)),
}


@cache
def _limit(setting: Setting) -> DmftLimit:
    return solve_dmft(setting, samples=SAMPLES)


def _theory(setting: Setting) -> tuple[float, float]:
    """(overlap after the last step, eight standard errors) on one batch in the limit, one for all dimensions."""
    state = _limit(changed(setting, d=1000))
    return float(state.overlaps[-1, 0, 0]), 8 * float(state.overlaps_stderr[-1, 0, 0])


def _kind(plan: Plan, kind: str) -> dict[str, Setting]:
    return {name: setting for name, setting in plan.settings.items() if name.startswith(f"{kind}:")}


def _ladders(plan: Plan) -> dict[str, list[Setting]]:
    return {case: rungs for case, rungs in settings_by_case(plan).items() if case.startswith((GROWTH, NOISE))}


def components(plan: Plan) -> tuple[Component, ...]:
    """Overlaps of order one on one batch, sizes of sqrt(d) times those on fresh ones, and slopes of both in d.

    Medians on one batch are off by kappa/d, |kappa| below 20 as in reuse/trajectory, and the limit by its own error.
    Single runs deviate by 1.1 d^(-1/2), after two steps by 1.8 d^(-1/2). Sizes are off by 15/d of themselves and, being
    medians over blocks with heavy tails, by a few 1/(3 BLOCK). Slopes have the allowance of reuse/hidden;
    those of fresh noise are told from 0 and from -1 with a margin of 0.2, on one batch from -1/2 with 0.25.
    """
    found = []
    for name, setting in _kind(plan, VALUE).items():
        (value, error), d = _theory(setting), setting.regime.d
        spread = (1.9 if setting.regime.steps == 2 else 1.25) / sqrt(d)
        found.append(Component(name, value, 0.025, 20 / d + error, Median(name, spread)))
    for name, setting in _kind(plan, SIZE).items():
        size = _size(setting)
        found.append(Component(name, size, 0.25, size * (15 / setting.regime.d + 0.02), Median(name, 0.15 * size)))
    for case, rungs in _ladders(plan).items():
        exponent = predict(rungs[0]).overlap_exponent((1,), rungs[0].regime.steps)
        assert exponent is not None  # the domain has n = Theta(d) and eta = Theta(p)
        margin, spreads = (0.25, (0.5, 0.2)) if case.startswith(GROWTH) else (0.2, (0.55, 0.55))
        for name, ladder in stretches(plan, case, case):
            found.append(Component(name, float(exponent), margin, 0.1, Exponent(ladder, spreads)))
    return tuple(found)


def _size(setting: Setting) -> float:
    return sqrt(float(stuck_variances(setting)[-1]))


def measure(plan: Plan, draw: Draw) -> Data:
    """Overlaps, their root mean squares over blocks of runs, and over neurons along the ladders."""
    data: dict[str, np.ndarray] = {}
    for name, setting in plan.settings.items():
        case, _, d = name.partition("@")
        many = draw.times(BLOCK) if name.startswith(f"{SIZE}:") else draw
        overlaps = many(name, setting, record=("overlaps",), at=(setting.regime.steps,)).overlaps[:, 0, :, 0]
        if d:
            data[key(case, int(d))] = np.sqrt(np.mean(overlaps**2, axis=1))
        elif name.startswith(f"{SIZE}:"):
            data[name] = np.sqrt(setting.regime.d * np.mean(overlaps.reshape(-1, BLOCK) ** 2, axis=1))
        else:
            data[name] = overlaps[:, 0]
    return data


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Flows without memory, memories that go with eta or do not care for n/d, and noise that does not care for T."""
    values, sizes, ladders = _kind(plan, VALUE), _kind(plan, SIZE), _ladders(plan)
    slope = lambda kind, value: {  # noqa: E731
        name: value for case in ladders if case.startswith(kind) for name, _ in stretches(plan, case, case)
    }
    first = next(name for name in values)
    fading = {name: _theory(values[first])[0] * 2 / setting.regime.steps for name, setting in values.items()}
    same = {name: _theory(changed(setting, n="3*d"))[0] for name, setting in values.items()}
    return {
        "small steps forget the batch": dict.fromkeys(values, 0.0) | slope(GROWTH, -0.5),
        "the memory is of order eta and goes with it": fading,
        "the memory does not depend on n/d": same,
        "enough fresh steps reach what one batch reaches": slope(NOISE, 0.0),
        "fresh steps average the start away, too": slope(NOISE, -1.0),
        "noise of fresh batches does not depend on T": {
            n: _size(changed(s, steps=4, eta=f"{TIME}/4")) for n, s in sizes.items()
        },
        "noise of fresh batches does not depend on n": {n: _size(changed(s, n="3*d")) for n, s in sizes.items()},
    }


def domain(setting: Setting) -> str | None:
    """As reuse/reachable, where one batch shows this student a direction at all: E[u | y] is not 0."""
    again = changed(setting, batch="reused", steps=max(setting.regime.steps, 2))
    if reason := covered(setting) or covered(again):
        return reason
    if predict(again).student_staircase.dimensions[-1] == 0:
        return "E[u | y] = 0, or the student's parity hides it: a finite number of steps learns nothing (reuse/hidden)"
    return None


CLAIM = Claim(
    id="reuse/gradient-flow",
    title="small steps on fresh batches stay at the information exponent; on one batch they do not",
    statement=(
        "As eta -> 0 at fixed eta T, fresh batches of n = Theta(d) follow the population's gradient flow: overlaps "
        "with a target of information exponent above 1, such as He3(z1), stay of order d^(-1/2), and what the batches' "
        "noise adds to that falls as 1/(T n). On one batch of n = Theta(d) the memory of order eta T d/n does not "
        "vanish with eta: if E[u | y] != 0 and the student's parity lets it through, two finite steps, and gradient "
        "flow as well, gain an overlap of order one, which tends to that of the flow and falls as n/d grows."
    ),
    source="arXiv 2402.03220 (finite steps against flows); derived in docs/notes/gradient_flow.md",
    blind=(
        "Directions of information exponent 2 after times of order log d; more than 16 steps, and how fast the flow is "
        "reached; many neurons."
    ),
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={
        "fresh batches": batch_redrawn,
        "one batch": batch_reused,
        "linear terms in the labels": linear_terms_added,
    },
)
