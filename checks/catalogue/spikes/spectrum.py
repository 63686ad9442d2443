"""Singular values of the features after one step: how many leave the bulk, where to, and where the bulk ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any

import numpy as np

from theory import Activation, ProblemError, Setting, Target, spike_sizes
from theory.spikes import step_constants

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import loss_swapped
from ...verdict import Combination, Component, Data, Median
from ...verdict.linear import limit_weights
from .setting import GELU, RELU, Step, step_between_thresholds

WEAK = Target("sin(z1) + cos(2*z1)/2 - exp(-2)/2", noise=0.3)  # f0 counts beside it
ORDERS = ("first", "second")
SPREADS = (0.85, 1.25)  # of a value over its prediction, times n^(1/2)
ROUGH = 5.0  # times 1/n, what a position may be off
BENT = (0.0, 1 / 8)  # of kappa^2, what it may be off besides


def _steps(d: int) -> tuple[Step, ...]:
    return (
        Step(RELU, 0.15, 2, d),
        Step(RELU, 0.29, 2, d),
        Step("tanh(u)", 0.29, 2, d),  # c_2 = 0
        Step(GELU, 0.29, 3, d, scaling="ntk", target=WEAK),
    )


LADDER = tuple(Step(RELU, 0.29, 2, d) for d in (250, 500, 1000, 2000))
STEPS = {step.name: step for d in (300, 1000) for step in (*_steps(d), *LADDER)}
PLANS = {
    "smoke": Plan({step.name: step.setting for step in _steps(300)[2:]}, stages=1),
    "quick": Plan({step.name: step.setting for step in _steps(300)}, stages=1),
    "deep": Plan({step.name: step.setting for step in (*_steps(1000), *LADDER)}, stages=1),
}
MARGINS = {300: (0.07, 0.1), 1000: (0.03, 0.03)}  # by d
BLOCKS = {250: 16, 500: 8, 1000: 4}  # networks in place of one, by d: as costly in all as a few of d = 2000


def _main(plan: Plan) -> list[Step]:
    """Steps that are looked at by themselves, of the dimension that has all activations."""
    steps = [STEPS[name] for name in plan.settings]
    (d,) = {step.d for step in steps if step.scaling == "ntk"}
    return [step for step in steps if step.d == d]


def _count(step: Step) -> int:
    """One spike for each k <= l with c_k != 0, l the regime of the exponent."""
    return sum(c != 0 for c in step.constants.sigma[1 : step.limit.regime + 1])


def _scatter(step: Step) -> float:
    """Of the mean over a block, in units of a SPREAD."""
    return 1 / sqrt(step.n * BLOCKS.get(step.d, 1))


def _allowed(step: Step, order: int) -> float:
    """ROUGH/n, and for the second value kappa^2/8 (docs/notes/spike_sizes.md)."""
    return ROUGH / step.n + BENT[order] * step.limit.kappa**2


def components(plan: Plan) -> tuple[Component, ...]:
    """Counts; values over those predicted from |beta| and a as drawn, |beta| over its limit, and where the bulk ends.

    Allowances: docs/notes/spike_sizes.md. The edge falls short of its limit by the order n^(-2/3).
    """
    found: list[Component] = []
    for step in _main(plan):
        name, scatter, (first, second) = step.name, _scatter(step), MARGINS[step.d]
        found.append(Component(f"{name}: how many", _count(step), 0.5, 0.0, Median(f"{name}: how many", 0.1)))
        for i, margin in zip(range(len(step.limit.outliers)), (first, second), strict=False):
            key = f"{name}: {ORDERS[i]}"
            found.append(Component(key, 1.0, margin, _allowed(step, i), Median(key, SPREADS[i] * scatter)))
        key = f"{name}: |beta|"
        found.append(Component(key, 1.0, first + 0.02, 3 / step.n, Median(key, 1.1 * scatter)))
        if _count(step) == 1:
            key = f"{name}: edge"
            found.append(Component(key, 1.0, 0.05, 3 * step.n ** (-2 / 3), Median(key, 0.35 * scatter)))
    return (*found, *_extrapolated(plan))


def _extrapolated(plan: Plan) -> list[Component]:
    """The second value of ReLU over its prediction along the ladder, as n -> infinity.

    What is off by kappa^2 drops out; the ROUGH/n of each rung may all have the signs of the weights.
    """
    if not all(step.name in plan.settings for step in LADDER):
        return []
    sizes = tuple(step.n for step in LADDER)
    weights = limit_weights(sizes, 1 - 2 * LADDER[0].exponent)
    terms = tuple((f"{step.name}: second", float(weight)) for step, weight in zip(LADDER, weights, strict=True))
    allowed = sum(abs(float(weight)) * ROUGH / size for weight, size in zip(weights, sizes, strict=True))
    quantity = Combination(terms, tuple(SPREADS[1] * _scatter(step) for step in LADDER))
    return [Component("second value of ReLU, n -> infinity", 1.0, 0.12, allowed, quantity)]


def measure(plan: Plan, draw: Draw) -> Data:
    """All of these by replica, means over its block of networks."""
    data: dict[str, np.ndarray] = {}
    for step in (STEPS[name] for name in plan.settings):
        many, block = len(step.limit.outliers), draw.times(BLOCKS.get(step.d, 1))
        run = block(step.name, step.setting, record=("rows",), at=(0, 1))
        values = block.features(run, step.name, step.n, at=1, top=many + 2).values[:, 0]
        middle = sqrt(step.limit.edge * step.limit.outliers[-1])
        counts = (values > middle).sum(axis=1).astype(float)
        found = [_ratios(step, *drawn) for drawn in zip(values, run.rows, run.alpha, strict=True)]
        measured = np.column_stack([counts, found]).reshape(draw.replicas, -1, many + 3).mean(axis=1)
        for key, ratios in zip(["how many", *ORDERS[:many], "edge", "|beta|"], measured.T, strict=True):
            data[f"{step.name}: {key}"] = ratios
    return data


def _ratios(step: Step, values: np.ndarray, rows: np.ndarray, alpha: np.ndarray) -> list[float]:
    """Positions, the edge and |beta| over their predictions; NaN where rows are those of no step that theory knows."""
    many, size = len(step.limit.outliers), float(np.linalg.norm(step.gradient(rows, alpha)))
    try:
        own = step.spectrum(gradient_norm=size, second_layer=alpha / np.sqrt(step.width))
    except ProblemError:
        return [np.nan] * (many + 2)
    positions = [*own.outliers, *[np.nan] * many][:many]
    return [*(values[:many] / positions), values[many] / own.edge, size / step.limit.gradient_norm]


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong counts, positions and edges."""
    steps = _main(plan)
    return {
        "a spike for each k <= l, c_k = 0 or not": {f"{s.name}: how many": float(s.limit.regime) for s in steps},
        "one spike at every rate": {f"{s.name}: how many": 1.0 for s in steps},
        "leading-order sizes, no bulk": _positions(steps, _leading),
        "the other beta: f0 dropped from the residual, or kept": {
            **_positions(steps, lambda s: s.spectrum(gradient_norm=_other(s)).outliers),
            **{f"{s.name}: |beta|": _other(s) / s.limit.gradient_norm for s in steps},
        },
        "bulk of independent entries": {
            f"{s.name}: edge": sqrt(s.constants.sigma_energy) * (sqrt(s.n) + sqrt(s.width)) / s.limit.edge
            for s in steps
            if _count(s) == 1
        },
    }


def _positions(steps: list[Step], of: Callable[[Step], tuple[float, ...]]) -> dict[str, float]:
    """Positions over those predicted, by component."""
    return {
        f"{step.name}: {order}": found / right
        for step in steps
        for order, found, right in zip(ORDERS, of(step), step.limit.outliers, strict=False)
    }


def _leading(step: Step) -> tuple[float, ...]:
    """s_k, as far as spikes are to be seen."""
    sizes: dict[str, Any] = {"n": step.n, "d": step.d, "width": step.width, "scaling": step.scaling}
    rate: dict[str, Any] = {"rate_exponent": step.exponent, "prefactor": step.prefactor}
    found = spike_sizes(step.target, step.activation, **sizes, **rate)
    return tuple(spike.size for spike in found if spike.outgrows)


def _other(step: Step) -> float:
    """|beta| of the scaling that step has not."""
    other = "ntk" if step.scaling == "mean-field" else "mean-field"
    return sqrt(step_constants(step.target, Activation(step.activation), other).gradient_energy(step.phi))


def domain(setting: Setting) -> str | None:
    """The step of arXiv 2310.07891 between thresholds."""
    return step_between_thresholds(setting)


CLAIM = Claim(
    id="spikes/spectrum",
    title="one step at rate n^alpha adds a spike to the features for every threshold that alpha has passed",
    statement=(
        "At eta = C n^alpha, (l-1)/(2l) < alpha < l/(2l+2), sigma and f* centred, the singular values of sigma(X W^T) "
        "on new samples are a bulk, that of random features, one outlier for each k <= l with c_k != 0, and, where "
        "c_2 != 0, possibly one of |x|^2, which is there before any step. Outliers sit where the determinant of the "
        "columns marked by the step vanishes, with |beta| of the residual that the step saw."
    ),
    source="arXiv 2310.07891, the spectrum theorem; positions derived in docs/notes/spikes.md",
    blind=(
        "The thresholds themselves, where the prefactor decides; three spikes and more, which need n far above 10^3; "
        "the outlier of |x|^2; activations with unbounded derivative."
    ),
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"the other loss: f0 dropped or kept": loss_swapped},
)
