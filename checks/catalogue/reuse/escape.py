"""Even targets take of order log d steps on one batch: how long overlaps grow before they are of order one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import log

import numpy as np

from theory import Escape, Regime, Setting, Student, Target, escape_rate, staircase
from theory.dmft.domain import problem

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import batch_redrawn, n_halved
from ...verdict import Combination, Component, Data, Exponent, slope_weights
from ..exponents import key, settings_by_case, stretches
from ..limits import changed, refusal

SHIFTED = "relu(u + 1/2)"
LEAST, REACHED = 3.0, 0.3  # the clock runs from |cos| = LEAST d^(-1/2) to |cos| = REACHED
SETTLED, SAMPLES = 8, 2**18  # steps over which the rate is taken, of which the second half counts
GROWING = "He2"
BLOCK = 4  # runs that a size of what does not grow is taken over: rows of one run share the noise of its batch


def _setting(target: str, sign: float, n: str, steps: int, d: int) -> Setting:
    student = Student(SHIFTED, 1, (sign,), init="plain")
    regime = Regime(d, n=n, eta="8*p", steps=steps, loss="correlation", normalize_rows=True, batch="reused")
    return Setting(Target(target), student, regime)


def _plan(ladder: tuple[int, ...], low: tuple[int, ...], steps: int, brief: bool = False) -> Plan:
    """`ladder` for what grows, over so many steps; `low` for what does not, of which `brief` takes one case."""
    other = {key("He2, other sign", d): _setting("He2(z1)", 1.0, "3*d", 6, d) for d in low}
    signs = {key("three signs", d): _setting("sign(z1*z2*z3)", -1.0, "5*d", 6, d) for d in low}
    growing = {key(GROWING, d): _setting("He2(z1)", -1.0, "10*d", steps, d) for d in ladder}
    return Plan(growing | other | ({} if brief else signs))


PLANS = {
    "smoke": _plan((512, 4096), (128, 1024), 10, brief=True),
    "quick": _plan((512, 8192), (256, 4096), 11),
    "deep": _plan((512, 8192, 2**17), (256, 4096, 2**16), 16),
}


@cache
def _escape(setting: Setting) -> Escape:
    return escape_rate(setting, samples=SAMPLES)


def rate(setting: Setting) -> float:
    """Factor by which small overlaps grow a step, one for all dimensions."""
    return _escape(changed(setting, d=1000, steps=SETTLED)).rate


def _slope(growth: float) -> float:
    """Steps for each unit of log d, at a factor `growth` a step."""
    return 1 / (2 * log(growth))


def _waits(plan: Plan) -> list[tuple[str, tuple[tuple[float, str], ...]]]:
    return list(stretches(plan, GROWING, "steps of growth"))


def _still(plan: Plan) -> dict[str, list[tuple[str, tuple[tuple[float, str], ...]]]]:
    names = [case for case in settings_by_case(plan) if case != GROWING]
    return {case: list(stretches(plan, case, f"{case}: overlap")) for case in names}


def components(plan: Plan) -> tuple[Component, ...]:
    """Slopes of the median number of steps against log d, and of overlaps where the rate is below 1.

    A curve of growth that does not depend on d is cut off at d^(-1/2) on one side: the slope is 1/(2 log rate) up to
    how far the rate has settled. Over pairs of the steps four to eight the factor lies within 6 % of it, which moves
    the slope by less than 0.07 (docs/notes/reuse_escape.md). Overlaps that do not grow have twice the allowance of
    exponents, as noise is added to them for six steps.
    """
    cases, found = settings_by_case(plan), []
    for name, ladder in _waits(plan):
        weights = slope_weights([log(d) for d, _ in ladder])
        slope = Combination(tuple((part, float(c)) for (_, part), c in zip(ladder, weights, strict=True)), spread=0.45)
        found.append(Component(name, _slope(rate(cases[GROWING][0])), 0.25, 0.07, slope))
    for case, parts in _still(plan).items():
        value = -0.5 if rate(cases[case][0]) < 1 else 0.0
        found += [Component(name, value, 0.25, 0.1, Exponent(ladder, spread=0.45)) for name, ladder in parts]
    return tuple(found)


def measure(plan: Plan, draw: Draw) -> Data:
    """Steps of growth, inf where the last step comes first; root mean square overlaps of blocks after the last."""
    data: dict[str, np.ndarray] = {}
    for case, settings in settings_by_case(plan).items():
        for setting in settings:
            d, last = setting.regime.d, setting.regime.steps
            if case == GROWING:
                run = draw(key(case, d), setting, record=("cosines",), at=tuple(range(last + 1)))
                data[key("steps of growth", d)] = steps_between(run.cosines[:, :, 0, 0], LEAST / d**0.5, REACHED)
            else:
                run = draw.times(BLOCK)(key(case, d), setting, record=("cosines",), at=(last,))
                blocks = run.cosines.reshape(-1, BLOCK * setting.target.k)
                data[key(f"{case}: overlap", d)] = np.sqrt(np.mean(blocks**2, axis=1))
    return data


def steps_between(cosines: np.ndarray, low: float, high: float) -> np.ndarray:
    """From the first crossing of `low` to the first of `high` by |cos|, (replicas, T + 1); inf where there is none."""
    start, end = crossing(cosines, low), crossing(cosines, high)
    return np.where(np.isinf(end), np.inf, end - np.where(np.isinf(start), 0.0, start))


def crossing(cosines: np.ndarray, level: float) -> np.ndarray:
    """When |cos| first exceeds `level`, log |cos| being linear between steps; inf where it never does."""
    sizes = np.maximum(np.abs(cosines), 1e-300)
    above = sizes > level
    first = np.argmax(above, axis=1)
    rows, before = np.arange(len(sizes)), np.maximum(first - 1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.log(level / sizes[rows, before]) / np.log(sizes[rows, first] / sizes[rows, before])
    return np.where(above.any(axis=1), np.where(first > 0, before + part, 0.0), np.inf)


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """No memory, other powers of d, and growth where there is none."""
    waits = [name for name, _ in _waits(plan)]
    still = [name for parts in _still(plan).values() for name, _ in parts]
    fresh = rate(changed(settings_by_case(plan)[GROWING][0], batch="fresh"))
    return {
        "the rate of fresh batches": dict.fromkeys(waits, _slope(fresh)),
        "overlaps of 1/d at the start: twice the slope": dict.fromkeys(waits, 2 * _components(plan)[waits[0]]),
        "as many steps at every d": dict.fromkeys(waits, 0.0),
        "every even target escapes": dict.fromkeys(still, 0.0),
    }


def _components(plan: Plan) -> dict[str, float]:
    return {component.name: component.prediction for component in components(plan)}


def domain(setting: Setting) -> str | None:
    """One batch for all steps, within what theory.escape_rate covers: finitely many steps learn nothing."""
    if reason := refusal(lambda stated: problem(stated, None, None), setting):
        return reason
    if len(set(setting.regime.batch_ids)) > 1:
        return "there is more than one batch"
    learned = staircase(setting.target, reuse=True).dimensions[-1]
    return f"a finite number of steps learns {learned} directions" if learned else None


CLAIM = Claim(
    id="reuse/escape",
    title="even targets escape after of order log d steps, at the rate of the linearised recursion, or never",
    statement=(
        "Where E[u | y] = 0, overlaps start at d^(-1/2) and follow a linear recursion with a memory. If it outgrows "
        "the rows by a factor rho > 1 a step, |cos| takes log d/(2 log rho) + O(1) steps from d^(-1/2) to order one: "
        "He2(z1), faster than on fresh batches here. If it does not (rho < 1, for another sign of the second layer and "
        "fewer samples, or sign(z1 z2 z3), where E[u u^T | y] = I), overlaps stay at d^(-1/2)."
    ),
    source="arXiv 2402.03220, on generative exponents; derived in docs/notes/reuse_escape.md and dmft.md, item 6",
    blind="The wait before |cos| = 3 d^(-1/2), whose law is wide and free of d; where |cos| ends; rates near 1.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"fresh batches": batch_redrawn, "half the samples": n_halved},
)
