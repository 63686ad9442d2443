"""The gradient at initialisation: of rank one but for a remainder that vanishes in operator norm, and along beta."""

from __future__ import annotations

from collections.abc import Mapping
from math import log, sqrt

import numpy as np

from theory import Setting, Target

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import loss_swapped
from ...verdict import Component, Data, Exponent, Median
from ...verdict.linear import slope_weights
from .setting import GELU, RELU, Step, growing_step

WEAK = Target("sin(z1) + cos(2*z1)/2 - exp(-2)/2", noise=0.3)  # f0 counts beside it


def _steps(d: int) -> dict[str, Step]:
    return {
        "residual y": Step(RELU, 0.1, 1, d),
        "residual y - f0": Step(GELU, 0.1, 1, d, scaling="ntk", target=WEAK),
    }


CASES = tuple(_steps(1))
LADDERS = {"quick": (64, 512), "deep": (64, 256, 1024)}
STEPS = {step.name: step for ladder in LADDERS.values() for d in ladder for step in _steps(d).values()}
PLANS = {
    depth: Plan({s.name: s.setting for d in ladder for s in _steps(d).values()}, stages=1)
    for depth, ladder in LADDERS.items()
}


def _slope(steps: list[Step]) -> float:
    """Of (log N/N)^(1/2) in n."""
    sizes = [log(log(s.width) / s.width) / 2 for s in steps]
    return float(slope_weights([log(s.n) for s in steps]) @ sizes)


def _ladder(plan: Plan, case: str) -> list[Step]:
    return [_steps(d)[case] for d in plan.dims]


def components(plan: Plan) -> tuple[Component, ...]:
    """How |G - c_1 a beta^T| falls, and at the largest d what beta has along beta_* and along W_0^T a.

    Logarithms, which the theorem leaves open, change the slope by 1/(2 log n): docs/notes/spike_sizes.md.
    """
    found: list[Component] = []
    for case in CASES:
        ladder = _ladder(plan, case)
        last, root = ladder[-1], sqrt(ladder[-1].n)
        pairs = tuple((float(step.n), f"{step.name}: remainder") for step in ladder)
        spreads = tuple(1.0 / sqrt(step.d) for step in ladder)
        found += [
            Component(f"{case}: slope", _slope(ladder), 0.12, 0.5 / log(ladder[0].n), Exponent(pairs, spreads)),
            _along(f"{case}: beta along beta_*", last.constants.target[1], root),
            _along(f"{case}: beta along W_0^T a", _initial(last), root),
        ]
    return tuple(found)


def _along(key: str, value: float, root: float) -> Component:
    return Component(key, value, 0.15, 10 / root**2, Median(key, 2.0 / root))


def _initial(step: Step) -> float:
    """<beta, W_0^T a>/|W_0^T a|^2: f0 has the linear part c_1 W_0^T a."""
    return -step.constants.sigma[1] if step.scaling == "ntk" else 0.0


def measure(plan: Plan, draw: Draw) -> Data:
    """Remainders in operator norm, and beta = G^T a/(c_1 |a|^2) along two directions."""
    data: dict[str, np.ndarray] = {}
    for name in plan.settings:
        step = STEPS[name]
        run = draw(name, step.setting, record=("rows",), at=(0, 1))
        found = [_look(step, *drawn) for drawn in zip(run.rows, run.alpha, strict=True)]
        (case,) = [case for case in CASES if _steps(step.d)[case] == step]
        remainder, teacher, initial = np.array(found).T
        data[f"{name}: remainder"] = remainder
        if step.d == plan.dims[-1]:
            data |= {f"{case}: beta along beta_*": teacher, f"{case}: beta along W_0^T a": initial}
    return data


def _look(step: Step, rows: np.ndarray, alpha: np.ndarray) -> tuple[float, float, float]:
    a, beta = alpha / sqrt(step.width), step.gradient(rows, alpha)
    if not np.isfinite(beta).all():
        return np.nan, np.nan, np.nan
    rest = (rows[1] - rows[0]) / step.eta - step.constants.sigma[1] * np.outer(a, beta)
    start = rows[0].T @ a
    norm = sqrt(max(np.linalg.eigvalsh(rest.T @ rest)[-1], 0.0))
    return norm, float(beta[0]), float(beta @ start / (start @ start))


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """A remainder of another order, and the beta of the other residual."""
    first, second = (_ladder(plan, case)[-1] for case in CASES)
    return {
        "a remainder of order one": {f"{case}: slope": 0.0 for case in CASES},
        "a remainder of order 1/n": {f"{case}: slope": -1.0 for case in CASES},
        "f0 dropped from the residual, or kept in it": {
            f"{CASES[0]}: beta along W_0^T a": -first.constants.sigma[1],
            f"{CASES[1]}: beta along W_0^T a": 0.0,
        },
        "c_{*,1} not normalised by E[y He_1]: twice as much": {
            f"{case}: beta along beta_*": 2 * step.constants.target[1]
            for case, step in zip(CASES, (first, second), strict=True)
        },
    }


def domain(setting: Setting) -> str | None:
    """The gradient of arXiv 2310.07891, at any rate below its maximum."""
    return growing_step(setting)


CLAIM = Claim(
    id="spikes/gradient",
    title="the first gradient is c_1 a beta^T, with the residual the step saw",
    statement=(
        "With rows uniform on the sphere, a ~ N(0, I/N) and n, d, N in proportion, the gradient G of the first layer "
        "is c_1 a beta^T up to O(log n/sqrt(n)) in operator norm, beta = X^T r/n, where the residual r is y - f0 with "
        "the network in it and y where that is small: then beta has no part along W_0^T a, and -c_1 otherwise."
    ),
    source="arXiv 2310.07891, the rank-one proposition; derived in docs/notes/spikes.md",
    blind="Logarithms in the remainder; activations with c_1 = 0; second layers that are not Gaussian.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"the other loss: f0 dropped or kept": loss_swapped},
)
