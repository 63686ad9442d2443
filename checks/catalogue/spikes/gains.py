"""What ridge regression gains from the step: columns added by hand, and real steps between the plateaus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from math import sqrt
from typing import Any

import numpy as np

from theory import Setting, SpikeErrors, SpikeGains, Target, spike_errors, spike_gains

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import eta_doubled
from ...verdict import Component, Data, Median
from .setting import RELU, Step, growing_step, step_too_large

TEXT = "2*sin(z1) + 2*cos(z1) - 2*exp(-1/2) + sin(2*z1)"  # bounded, with c_1, c_2 and c_3
SINE = "sin(u + 1/2) - exp(-1/2)*sin(1/2)"  # all c_k != 0
PENALTY = 1.0  # gamma
HUGE = 100.0  # of a column: what ridge takes of it is 1e-7
LOSSES = {"training loss": "train_loss", "test error": "test_error"}


def _step(activation: str, prefactor: float, d: int) -> Step:
    return Step(activation, 0.25, prefactor, d, phi=0.125, psi=1.0, target=Target(TEXT, noise=0.1))


def _steps(d: int) -> tuple[Step, ...]:
    """kappa = .2 and .1 at d = 150, and .14 and .07 at 600."""
    return _step(SINE, 0.47, d), _step(RELU, 0.25, d)


STEPS = {step.name: step for d in (150, 600) for step in _steps(d)}
PLANS = {name: Plan({s.name: s.setting for s in _steps(d)}, stages=1) for name, d in (("quick", 150), ("deep", 600))}
SPREADS = {  # of a gain over its prediction, times n^(1/2): training loss, test error
    "column 1": (5.0, 4.0),
    "column 2": (9.5, 5.0),
    "column 3": (5.5, 5.0),
    f"step, {SINE}": (6.0, 5.0),
    f"step, {RELU}": (9.0, 8.5),
}
WIDTHS = {150: 1.48, 600: 1.2}  # margins in spreads, by d
ROUGH = 40.0  # times 1/n: allowance


def _plateaus(step: Step, columns: int, kind: str) -> float:
    """The gain of the last of so many monomials."""
    total = getattr(_gains(step, columns), kind)
    return float(total - (getattr(_gains(step, columns - 1), kind) if columns > 1 else 0.0))


@cache
def _gains(step: Step, regime: int, columns: str = "monomials") -> SpikeGains:
    sizes: dict[str, Any] = {"phi": step.phi, "psi": step.psi, "gamma": PENALTY}
    return spike_gains(step.target, step.activation, regime=regime, columns=columns, **sizes)


@cache
def _crossover(step: Step, rate: float = 1.0) -> SpikeErrors:
    sizes: dict[str, Any] = {"n": step.n, "d": step.d, "width": step.width, "gamma": PENALTY}
    return spike_errors(step.target, step.activation, eta=rate * step.eta, **sizes)


def _curve(step: Step, kind: str, rate: float = 1.0) -> float:
    """The gain of a real step."""
    found = _crossover(step, rate)
    return float(getattr(found.before, kind) - getattr(found, kind))


def _predicted(step: Step) -> dict[str, Callable[[str], float]]:
    """Gains by what makes them."""
    found: dict[str, Callable[[str], float]] = {f"step, {step.activation}": partial(_curve, step)}
    if step.activation == SINE:
        found |= {f"column {k}": partial(_plateaus, step, k) for k in (1, 2, 3)}
    return found


def _steps_of(plan: Plan) -> list[Step]:
    return [STEPS[name] for name in plan.settings]


def components(plan: Plan) -> tuple[Component, ...]:
    """Paired differences over their predictions: 1 up to 40/n, for real steps also up to kappa^2/2
    (docs/notes/spike_sizes.md).
    """
    found = []
    for step in _steps_of(plan):
        for what in _predicted(step):
            bent = _crossover(step).kappa ** 2 / 2 if what.startswith("step") else 0.0
            for name, spread in zip(LOSSES, SPREADS[what], strict=True):
                key, scatter = f"{what}: {name}", spread / sqrt(step.n)
                quantity = Median(key, scatter)
                found.append(Component(key, 1.0, WIDTHS[step.d] * scatter, ROUGH / step.n + bent, quantity))
    (ideal, _), key = _steps_of(plan), "column 1: penalty"
    found.append(Component(key, _penalty(ideal), 0.1, ROUGH / ideal.n, Median(key, 2.5 / sqrt(ideal.n))))
    return tuple(found)


def _penalty(step: Step) -> float:
    """The part of the penalty in what the training loss gains from one column."""
    return 1 - _plateaus(step, 1, "train_error") / _plateaus(step, 1, "train_loss")


def measure(plan: Plan, draw: Draw) -> Data:
    """The gains over their predictions by replica: all fits of a step see the same samples."""
    data: dict[str, np.ndarray] = {}
    for step in _steps_of(plan):
        run = draw(step.name, step.setting, record=("rows",), at=(0, 1))

        def fit(at: int, step: Step = step, run: Any = run, **options: Any) -> Any:
            # In proportion to n, or the spread of test errors would not fall as n^(-1/2).
            options |= {"test_samples": 4 * step.n, "route": "rows"}
            return draw.readout(run, step.name, step.n, PENALTY, at=at, **options)

        fits = {"before": fit(0), f"step, {step.activation}": fit(1)}
        if step.activation == SINE:
            fits |= {f"column {k}": fit(0, along="gradient", spikes=_columns(step.width, k)) for k in (1, 2, 3)}
        last = {"column 2": "column 1", "column 3": "column 2"}
        for what, gain in _predicted(step).items():
            for name, kind in LOSSES.items():
                difference = getattr(fits[last.get(what, "before")], kind) - getattr(fits[what], kind)
                data[f"{what}: {name}"] = difference / gain(kind)
        if step.activation == SINE:
            before, after = fits["before"], fits["column 1"]
            penalty = (before.train_loss - before.train_error) - (after.train_loss - after.train_error)
            data["column 1: penalty"] = penalty / _plateaus(step, 1, "train_loss")
    return data


def _columns(width: int, count: int) -> np.ndarray:
    """(count, p): orthogonal directions, of size HUGE in each neuron."""
    waves = np.cos(np.pi * np.outer(np.arange(1, count + 1), np.arange(width) + 0.5) / width)
    return HUGE * sqrt(2) * waves


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong gains, over the right ones."""
    ideal, other = _steps_of(plan)
    plateau = {f"step, {s.activation}: {name}": _gains(s, 1, "step") for s in (ideal, other) for name in LOSSES}
    return {
        "2 in place of 4/3, which an intercept makes it": {f"column 2: {name}": 1.5 for name in LOSSES},
        "no penalty in the training loss": {"column 1: penalty": 0.0},
        "label noise of the step forgotten: rho = 1": {
            f"column 1: {name}": 1 / _gains(ideal, 1).alignment for name in LOSSES
        },
        "the plateau at any rate": {
            key: getattr(gains, LOSSES[key.split(": ")[1]]) / _curve(step, LOSSES[key.split(": ")[1]])
            for (key, gains), step in zip(plateau.items(), (ideal, ideal, other, other), strict=True)
        },
    }


def domain(setting: Setting) -> str | None:
    """The step of arXiv 2310.07891, with one coordinate in the target and kappa of .3 at most."""
    if reason := growing_step(setting):
        return reason
    if setting.target.k != 1:
        return "the target has several coordinates"
    return step_too_large(setting, 0.3, PENALTY)


CLAIM = Claim(
    id="spikes/gains",
    title="what ridge regression gains from one step at a growing rate",
    statement=(
        "Once the spikes k <= l with c_k != 0 have left the bulk, training loss (penalty included) and test error of "
        "ridge regression fall, against random features, by what as many unpenalised columns take, functions of "
        "g = <beta, x>/|beta|: E_z (g + r^(1/2) z)^k after a step, g^k where columns are added by hand (r = 0). In the "
        "loss Delta_1 = gamma m_2 c_{*,1}^4/B, Delta_2 = Delta_1 + 4/(3 + 2r + r^2) gamma m_1 c_{*,2}^2 rho^4, 4/3 by "
        "hand, ... Between the plateaus the columns are penalised by what their size leaves, and one curve joins them."
    ),
    source="arXiv 2310.07891, the theorems on training loss and test error; derived in docs/notes/spike_gains.md",
    blind="Steps with kappa above .3; several coordinates; an intercept; the penalty going to 0.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"eta doubled": eta_doubled},
)
