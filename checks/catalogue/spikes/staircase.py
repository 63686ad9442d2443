"""The staircase in the rate: which degrees of the target ridge regression holds after one step at n^alpha."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import sqrt
from typing import Any

import numpy as np

from theory import Setting, SpikeErrors, SpikeGains, Target, spike_errors, spike_gains
from theory.spikes import step_constants

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import eta_times_power
from ...verdict import Component, Data, Median
from .setting import Step, growing_step, step_too_large

LABELS = Target("z1 + He2(z1)/2 + He3(z1)/3", noise=0.1)
SINE, ERF = "sin(u + 1/2) - exp(-1/2)*sin(1/2)", "erf(u)"  # all c_k != 0; odd: c_2 = 0
PENALTY = 0.1  # gamma
DEGREES = (1, 2, 3)
TEST_SAMPLES = 2**12
LARGEST = 0.75  # kappa


def _steps(d: int) -> tuple[Step, ...]:
    """One prefactor at two rates; a constant step; and a student without c_2."""
    sizes: dict[str, Any] = {"d": d, "phi": 1 / 16, "psi": 1 / 8, "target": LABELS}
    return (
        Step(SINE, 0, 3.2, 3 * d, phi=1 / 8, psi=1, target=LABELS),
        Step(SINE, 0.29, 2, **sizes),
        Step(SINE, 0.36, 2, **sizes),
        Step(ERF, 0.36, 1.6, **sizes),
    )


SPREADS = {  # of R_1, R_2 and R_3, times n^(1/2)
    (SINE, 0): (1.5, 1.0, 0.45),
    (SINE, 0.29): (1.4, 2.2, 2.9),
    (SINE, 0.36): (1.6, 2.0, 2.8),
    (ERF, 0.36): (0.9, 0.35, 2.3),
}
STEPS = {step.name: step for d in (32, 40, 96) for step in _steps(d)}
PLANS = {
    "smoke": Plan({step.name: step.setting for step in _steps(32)[:2]}, stages=1),
    "quick": Plan({step.name: step.setting for step in _steps(40)}, stages=1),
    "deep": Plan({step.name: step.setting for step in _steps(96)}, stages=1),
}
WIDTH = 1.9  # margin in spreads
ROUGH = 20.0  # times 1/n: allowance


def _key(step: Step, degree: int) -> str:
    return f"{step.name}: degree {degree}"


def _steps_of(plan: Plan) -> list[Step]:
    return [STEPS[name] for name in plan.settings]


@cache
def _curve(step: Step) -> SpikeErrors:
    """At these sizes: all spikes and their bulk."""
    sizes: dict[str, Any] = {"n": step.n, "d": step.d, "width": step.width, "gamma": PENALTY}
    return spike_errors(step.target, step.activation, eta=step.eta, **sizes)


@cache
def _plateau(step: Step, regime: int) -> SpikeGains:
    sizes: dict[str, Any] = {"phi": step.phi, "psi": step.psi, "gamma": PENALTY}
    return spike_gains(step.target, step.activation, regime=regime, **sizes)


def _rise(step: Step, found: SpikeErrors | SpikeGains, degree: int) -> float:
    """Of R_j above random features."""
    before = 1 - found.before.m2 / found.before.m1 if degree == 1 else 0.0
    return found.learned[degree] - before


def components(plan: Plan) -> tuple[Component, ...]:
    """Rises of R_j on the curve that joins the plateaus: up to kappa^2/4 + 20/n, docs/notes/spike_sizes.md."""
    found = []
    for step in _steps_of(plan):
        allowed = _curve(step).kappa ** 2 / 4 + ROUGH / step.n
        for degree, spread in zip(DEGREES, SPREADS[step.activation, step.exponent], strict=True):
            key, scatter = _key(step, degree), spread / sqrt(step.n)
            predicted = _rise(step, _curve(step), degree)
            found.append(Component(key, predicted, WIDTH * scatter, allowed, Median(key, scatter)))
    return tuple(found)


def measure(plan: Plan, draw: Draw) -> Data:
    """R_j after less R_j before the step by replica, both fits on the same samples."""
    data: dict[str, np.ndarray] = {}
    for step in _steps_of(plan):
        run = draw(step.name, step.setting, record=("rows",), at=(0, 1))
        before, after = (
            draw.readout(run, step.name, step.n, PENALTY, at=at, test_samples=TEST_SAMPLES, route="rows").learned
            for at in (0, 1)
        )
        data |= {_key(step, degree): after[:, degree] - before[:, degree] for degree in DEGREES}
    return data


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Other staircases, at their plateaus."""
    steps = _steps_of(plan)
    growing = [step for step in steps if step.exponent > 0]
    even, odd = ([s for s in growing if s.activation == name] for name in (SINE, ERF))
    found = {
        "no spike": {_key(s, j): 0.0 for s in steps for j in DEGREES},
        "only the linear component at any rate": {_key(s, j): 0.0 for s in growing for j in (2, 3)},
        "a constant step carries every degree": {_key(steps[0], j): _flat(steps[0], 3, j) for j in (2, 3)},
        "thresholds of one degree less": _shifted(steps, 1),
        "thresholds of one degree more": _shifted(growing, -1),
    }
    if odd:
        found["a stair for each degree, c_k = 0 or not"] = {_key(s, 2): _flat(even[0], 3, 2) for s in odd}
    return found


def _flat(step: Step, regime: int, degree: int) -> float:
    return _rise(step, _plateau(step, regime), degree)


def _shifted(steps: list[Step], by: int) -> dict[str, float]:
    """R_2 and R_3 on the plateau of another regime, where that is one of 1 to 3 and has another one."""
    regimes = {0: 1, 0.29: 2, 0.36: 3}
    wanted = [(s, regimes[s.exponent] + by) for s in steps if regimes[s.exponent] + by in (1, 2, 3)]
    return {_key(s, j): _flat(s, regime, j) for s, regime in wanted for j in (2, 3)}


def domain(setting: Setting) -> str | None:
    """The step of arXiv 2310.07891, with a polynomial of one coordinate as target, E[z1 f*] != 0, and kappa of .75 at
    most.
    """
    if reason := growing_step(setting):
        return reason
    if setting.target.k != 1 or setting.target.terms is None:
        return "the target is no polynomial of one coordinate: degrees are not told apart"
    if step_constants(setting.target, setting.student.activation).target[1] == 0:
        return "E[z1 f*] = 0: g knows nothing of the target, and no degree leaves 0 below n^(1/2)"
    return step_too_large(setting, LARGEST, PENALTY)


CLAIM = Claim(
    id="spikes/staircase",
    title="the staircase in the rate: degree j is learned from n^((j-1)/(2j)) on, by a constant step the first",
    statement=(
        "At eta = C n^alpha ridge regression on sigma(X W^T) holds the share R_j = E[f P_j f*]/E(P_j f*)^2 of the part "
        "P_j f* of Hermite degree j. As n -> infinity a constant step (alpha = 0) raises R_1 alone, and R_j for j >= 2 "
        "leaves 0 where alpha passes (j - 1)/(2j) if c_j != 0 and c_{*,1}, c_{*,j} != 0; it then is "
        "Y_j^T A^-1 Y/(m1 E(P_j f*)^2) of the columns E_z (g + r^(1/2) z)^k, k <= l. At finite n one curve joins the "
        "stairs, and at these sizes R_j lies on it."
    ),
    source="arXiv 2310.07891, the theorems on training loss and test error; derived in docs/notes/spike_gains.md",
    blind=(
        "The stairs from the fourth on; thresholds themselves, which no n at hand would show as jumps; several "
        "coordinates; steps with kappa above .75."
    ),
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"step too small by n^(1/4)": eta_times_power(-0.25)},
)
