"""Signal and noise of the first step when n is proportional to d."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

import numpy as np

from theory import Regime, Setting, Student, Target, first_step

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import activation_replaced, eta_doubled, n_halved, noise_dropped
from ...verdict import Component, Data, Median
from ..domains import first_step_at_leap_one
from ..exponents import along, drift

PLAN = Plan(
    {
        "relu": Setting(Target("z1 + z2/2 + He2(z2)/2", noise=1.0), Student("relu", 32), Regime(256, "4*d", "p")),
        "tanh": Setting(Target("z1 - z2 + z1*z2", noise=1.0), Student("tanh", 32), Regime(256, "4*d", "p")),
    }
)


def components(plan: Plan) -> tuple[Component, ...]:
    """Relative to theory, 1. Corrections are O(1/d), below 0.01 at d = 256; the median of an average of n = 1024
    products with skewness below 8 lies within skewness sd / (6 sqrt n) < 0.01 of its mean. Margin: five per cent.
    """
    made = []
    for name in plan.settings:
        made.append(Component(f"{name}: signal", 1.0, 0.05, 0.01, Median(f"{name}: signal", spread=0.12)))
        made.append(Component(f"{name}: noise", 1.0, 0.05, 0.02, Median(f"{name}: noise", spread=0.12)))
    return tuple(made)


def measure(plan: Plan, draw: Draw) -> Data:
    """Drift along C_1 and growth of |w|^2 outside V*, both over their predictions, by replica."""
    data = {}
    for name, setting in plan.settings.items():
        run = draw(name, setting, record=("overlaps", "gram"), at=(0, 1))
        law = first_step(setting)
        signal = drift(along(run, law.direction, 1), run.alpha, 1)
        outside = np.einsum("rtii->rti", run.gram) - np.sum(run.overlaps**2, axis=-1)
        growth = np.sum(outside[:, 1] - outside[:, 0], axis=1) / np.sum(run.alpha**2, axis=1)
        data[f"{name}: signal"] = signal / law.signal
        data[f"{name}: noise"] = growth / law.noise
    return data


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong theories, as the factor by which each gets a number wrong."""
    noises = {f"{name}: noise": setting for name, setting in plan.settings.items()}
    signals = [f"{name}: signal" for name in plan.settings]
    silent = {key: first_step(_noiseless(s)).noise / first_step(s).noise for key, s in noises.items()}
    ratio = {key: s.n / (s.n + s.regime.d) for key, s in noises.items()}
    return {
        "label noise forgotten": silent,
        "d/n read as d/(n + d)": ratio,
        "normalised C_1, eta per neuron sqrt(p) too large": dict.fromkeys(signals, sqrt(32)),
        "leap off by one (no signal at n = O(d))": dict.fromkeys(signals, 0.0),
    }


def _noiseless(setting: Setting) -> Setting:
    return Setting(Target(setting.target, noise=0.0), setting.student, setting.regime)


CLAIM = Claim(
    id="giant-step/one-step-norm",
    title="signal and noise of the first step at n = O(d)",
    statement=(
        "For a leap-one target with E f* = 0 and n = alpha d, eta = eta_bar p, one step gives <w_i, C_1/||C_1||> = "
        "eta_bar alpha_i c_1 ||C_1||, and |w_i|^2 outside V* grows by eta_bar^2 alpha_i^2 E[sigma'(g)^2] E[y^2] d/n: "
        "the numerator and the denominator of the squared cosine."
    ),
    source="arXiv 2305.18270, Theorem 5 with l = 1; constants derived in docs/notes/gradient.md",
    blind="The joint law of signal and noise over neurons; sizes other than n = 4 d.",
    domain=first_step_at_leap_one,
    plans={"quick": PLAN},
    components=components,
    measure=measure,
    foils=foils,
    mutants={
        "eta doubled": eta_doubled,
        "n halved": n_halved,
        "noise dropped": noise_dropped,
        "another activation": activation_replaced("sin"),
    },
)
