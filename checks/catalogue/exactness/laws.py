"""What the claims on equality in law share: two simulators, the same settings, the same views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from theory import Regime, Setting, Student, Target

from ...claim import Plan
from ...draw import Draw
from ...verdict import Component, Data, Distance
from . import solvable
from .views import views

MARGIN = 0.12  # Kolmogorov distance: what a shift by 0.3 standard deviations makes of a Gaussian law
BLIND = (
    "Laws are compared one number at a time, projections of (M, Q) over all steps: a difference that none of them "
    "shows, or one within the margin."
)
LARGEST = 10**6  # n d p T of explicit descent, thousands of which are asked for

RADEMACHER: dict[str, Any] = {"second_layer": "rademacher"}  # students, as arguments; |alpha_i| = 1 blurs the least
PLAIN: dict[str, Any] = {"init": "plain", **RADEMACHER}
NTK: dict[str, Any] = {"init": "plain", "second_layer": "gaussian", "bias": "gaussian", "scaling": "ntk"}


def corner(target: str, activation: str, p: int, noise: float, student: dict[str, Any], **regime: Any) -> Setting:
    """A setting in one line."""
    return Setting(Target(target, noise=noise), Student(activation, p, **student), Regime(**regime))


def margin(plan: Plan) -> float:
    """MARGIN in two stages; every further stage has four times the replicas and halves it."""
    return MARGIN * 2.0 ** (2 - plan.stages)


def components(plan: Plan) -> tuple[Component, ...]:
    """Kolmogorov distances between the laws of a view under two simulators, predicted 0, at every d: nothing to allow.

    The margin (of `margin`) is how far a law may be off: 0.12 is a Gaussian law shifted by 0.3 standard deviations,
    or 1.65 times as wide. The random walk is compared with its closed form instead.
    """
    size = margin(plan)
    found: list[Component] = []
    for name, setting in plan.settings.items():
        if name == solvable.NAME:
            found += solvable.components(setting, size)
        else:
            keys = [f"{name}: {view}" for view in views(setting)]
            found += [Component(key, 0.0, size, 0.0, Distance(key, _direct(key))) for key in keys]
    return tuple(found)


def measure(method: str) -> Callable[[Plan, Draw], Data]:
    """Every view of `method` and, from streams of its own, of "direct"."""

    def measured(plan: Plan, draw: Draw) -> Data:
        data: dict[str, np.ndarray] = {}
        for name, setting in plan.settings.items():
            run = draw(name, setting, method=method, record=("overlaps", "gram"))
            if name == solvable.NAME:
                data |= solvable.measure(run)
                continue
            direct = draw(_direct(name), setting, method="direct", record=("overlaps", "gram"))
            for view, look in views(setting).items():
                key = f"{name}: {view}"
                data |= {key: look(run), _direct(key): look(direct)}
        return data

    return measured


def affordable(setting: Setting) -> str | None:
    """None, or why explicit descent cannot be run thousands of times."""
    regime = setting.regime
    if setting.n * regime.d * setting.student.p * regime.steps > LARGEST:
        return f"n d p T is above {LARGEST}: explicit descent costs too much for thousands of replicas"
    return None


def _direct(key: str) -> str:
    return f"{key} (direct)"
