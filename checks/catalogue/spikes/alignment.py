"""Left singular vectors of the features after one step: monomials of one direction, as far as noise leaves them."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

import numpy as np

from theory import Setting
from theory.spikes.kernel import spread

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import eta_doubled
from ...verdict import Component, Data, Median
from .setting import RELU, Step, step_between_thresholds

SQUARE, SECOND = (0.0, 0.0, 1.0), (-1.0, 0.0, 1.0)  # g^2 and He_2


def _steps(scale: int) -> tuple[Step, ...]:
    return (
        Step("tanh(u)", 0.29, 2, 200 * scale),
        Step(RELU, 0.29, 2, 300 * scale),
        Step(RELU, 0.29, 3, 100 * scale, phi=0.125, psi=0.25),
    )


STEPS = {step.name: step for scale in (1, 4) for step in _steps(scale)}
PLANS = {
    name: Plan({s.name: s.setting for s in _steps(scale)}, stages=1) for name, scale in (("quick", 1), ("deep", 4))
}


def _heat(step: Step) -> tuple[float, float, float]:
    """g^2 + r, the second column of a gradient."""
    return spread(step.constants, step.phi), 0.0, 1.0


def _share(step: Step, order: int, function: tuple[float, ...]) -> float:
    """cos^2 of left vector `order` (0, 1) with a function of g of degree 2, predicted."""
    constant, linear, square = (*function, 0.0, 0.0)[:3]
    wanted = np.array([constant + square, linear, sqrt(2) * square])  # in he_0, he_1, he_2
    return float((step.limit.modes[order, :3] @ wanted) ** 2 / (wanted @ wanted))


def _predicted(step: Step) -> dict[str, float]:
    """cos^2 by component; the last is the difference of two."""
    found = {"first, g": _share(step, 0, (0.0, 1.0))}
    if len(step.limit.outliers) > 1:
        square, second, heat = (_share(step, 1, f) for f in (SQUARE, SECOND, _heat(step)))
        found |= {"second, g^2": square, "second, He_2": second, "second, g^2 + r over g^2": heat - square}
    return {f"{step.name}: {what}": value for what, value in found.items()}


MARGINS = {"g": 0.03, "g^2": 0.1, "He_2": 0.15, "g^2 + r over g^2": 0.02}
SPREADS = {"g": 0.3, "g^2": 1.1, "He_2": 1.4, "g^2 + r over g^2": 0.25}  # times n^(1/2)
SHORT = {"g": 8.0, "g^2": 20.0, "He_2": 15.0, "g^2 + r over g^2": 2.0}  # times 1/n: allowance


def components(plan: Plan) -> tuple[Component, ...]:
    """cos^2 as predicted up to O(1/n): docs/notes/spike_sizes.md."""
    found = []
    for step in (STEPS[name] for name in plan.settings):
        for key, value in _predicted(step).items():
            what = key.rpartition(", ")[2]
            quantity = Median(key, SPREADS[what] / sqrt(step.n))
            found.append(Component(key, value, MARGINS[what], SHORT[what] / step.n, quantity))
    return tuple(found)


def measure(plan: Plan, draw: Draw) -> Data:
    """The squared cosines by replica, along the direction in which the rows moved."""
    data: dict[str, np.ndarray] = {}
    for step in (STEPS[name] for name in plan.settings):
        run = draw(step.name, step.setting, record=("rows",), at=(0, 1))
        many = len(step.limit.outliers)
        found = draw.features(run, step.name, step.n, at=1, top=many, along="gradient")
        data[f"{step.name}: first, g"] = found.cosines((0.0, 1.0))[:, 0, 0] ** 2
        if many > 1:
            square, second, heat = (found.cosines(f)[:, 0, 1] ** 2 for f in (SQUARE, SECOND, _heat(step)))
            data[f"{step.name}: second, g^2"] = square
            data[f"{step.name}: second, He_2"] = second
            data[f"{step.name}: second, g^2 + r over g^2"] = heat - square
    return data


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Other vectors."""
    second = [step for step in (STEPS[name] for name in plan.settings) if len(step.limit.outliers) > 1]
    return {
        "He_k in place of powers": {
            **{f"{s.name}: second, g^2": 2 / 3 for s in second},
            **{f"{s.name}: second, He_2": 1.0 for s in second},
        },
        "raw powers: r = 0": {f"{s.name}: second, g^2 + r over g^2": _raw(s) for s in second},
        "vectors of noise": dict.fromkeys((key for s in second for key in _predicted(s)), 0.0),
    }


def _raw(step: Step) -> float:
    """cos^2 of g^2 with g^2 + r, less 1."""
    r = _heat(step)[0]
    return (3 + r) ** 2 / (3 * (3 + 2 * r + r**2)) - 1


def domain(setting: Setting) -> str | None:
    """The step of arXiv 2310.07891 between thresholds."""
    return step_between_thresholds(setting)


CLAIM = Claim(
    id="spikes/alignment",
    title="left singular vectors after one step: powers of one direction, smeared by r, not Hermite polynomials",
    statement=(
        "After one step at n^alpha, (l-1)/(2l) < alpha < l/(2l+2), the left singular vectors of the outliers of "
        "sigma(X W^T) that the step adds, one for each k <= l with c_k != 0, span in the limit the columns "
        "E_z (g + r^(1/2) z)^k of these k, g = X beta/|beta|: g, then g^2 + r, not g^2, where r is what a gradient's "
        "rows have beyond c_1 a beta^T. At finite n their cosines with g, with g^2 and with He_2 follow from the "
        "determinant that gives the outliers."
    ),
    source="arXiv 2310.07891, the theorem on alignment; cosines and r derived in docs/notes/spikes.md",
    blind="Right singular vectors; spikes from the third on; the rate at which angles close.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"eta doubled": eta_doubled},
)
