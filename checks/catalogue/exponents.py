"""What claims about exponents share: a ladder of dimensions, overlaps turned into positive numbers, slopes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from theory import Setting, predict
from theory.problem import ProblemError, Regime, Student, Target

from ..claim import Plan
from ..draw import Draw
from ..verdict import Component, Data, Exponent

LADDER = (64, 1024, 16384)  # the slope of each stretch is judged by itself: a curved line fails
DEEP_LADDER = (64, 8192, 2**20)
MARGIN, BIAS = 0.1, 0.05
HEAVY = 0.15  # margin where the tails are heavy: with twice the allowance still half of what parts neighbours, 1/2


@dataclass(frozen=True)
class Case:
    """A student and a target, to be run at every d of a ladder with n, eta in proportion."""

    name: str
    target: str
    student: Student
    n: str
    eta: str
    steps: int
    noise: float = 0.0
    batch: str = "fresh"
    dims: tuple[int, ...] | None = None  # where the claim's ladder starts too low

    def setting(self, d: int) -> Setting:
        """The setting at dimension d."""
        target = Target(self.target, noise=self.noise)
        return Setting(target, self.student, Regime(d=d, n=self.n, eta=self.eta, steps=self.steps, batch=self.batch))


@dataclass(frozen=True)
class Watch:
    """One direction at one step: how its overlap is measured, and how well the slope must be known.

    power: None measures sqrt(mean_i <w_i, v>^2), which noise of size d^(-1/2) cannot escape; m measures
    |sum_i alpha_i^m <w_i, v>| / sum_i alpha_i^(2m), which keeps a drift proportional to alpha_i^m and averages the
    noise away, so that a slope of 0 shows at small d. spread: see verdict.Median, of the logarithm.
    """

    case: str
    direction: tuple[int, ...]
    step: int
    power: int | None
    spread: float
    margin: float = MARGIN
    bias: float = BIAS

    @property
    def name(self) -> str:
        """Such as "relu: (0, 1) at step 2"."""
        return f"{self.case}: {self.direction} at step {self.step}"


def ladder_plan(cases: Sequence[Case], dims: Sequence[int] = LADDER, stages: int = 2) -> Plan:
    """Every case at every d; names are "case@d"."""
    return Plan({f"{case.name}@{d}": case.setting(d) for case in cases for d in case.dims or dims}, stages)


def settings_by_case(plan: Plan) -> dict[str, list[Setting]]:
    """The settings of every case, d ascending."""
    found: dict[str, list[Setting]] = {}
    for name, setting in plan.settings.items():
        found.setdefault(name.partition("@")[0], []).append(setting)
    return {case: sorted(settings, key=lambda setting: setting.regime.d) for case, settings in found.items()}


def stretches(plan: Plan, case: str, name: str) -> Iterator[tuple[str, tuple[tuple[float, str], ...]]]:
    """(name of the component, its ladder) for neighbouring dimensions of a case, for what is called `name` there."""
    for low, high in pairwise(setting.regime.d for setting in settings_by_case(plan)[case]):
        yield f"{name}, d = {low}..{high}", ((float(low), key(name, low)), (float(high), key(name, high)))


def everywhere(plan: Plan, watches: Iterable[Watch], slope: float) -> dict[str, float]:
    """`slope` for the components of these watches, on every stretch: what a wrong theory says."""
    return {part: slope for watch in watches for part, _ in stretches(plan, watch.case, watch.name)}


def slope_components(plan: Plan, watches: Sequence[Watch]) -> tuple[Component, ...]:
    """Slopes of log overlap against log d, stretch by stretch.

    The allowance BIAS is that of relative corrections kappa/d with |kappa| up to 7; derived for the first step and
    bounded by simulation later, in docs/notes/finite_size.md.
    """
    theory = {case: predict(settings[0]) for case, settings in settings_by_case(plan).items()}
    components = []
    for watch in watches:
        exponent = theory[watch.case].overlap_exponent(watch.direction, watch.step)
        if exponent is None:
            raise ProblemError(
                f"{watch.name}: no exponent is predicted, since n = Theta(d), eta = Theta(p) does not hold"
            )
        for name, ladder in stretches(plan, watch.case, watch.name):
            slope = Exponent(ladder, spread=watch.spread)
            components.append(Component(name, float(exponent), watch.margin, watch.bias, slope))
    return tuple(components)


def measure_overlaps(
    plan: Plan, draw: Draw, watches: Sequence[Watch], also: Callable[[str, int, Any], Data] | None = None
) -> dict[str, np.ndarray]:
    """The watched numbers, positive, by replica, and whatever also(case, d, run) makes of the same runs."""
    data: dict[str, np.ndarray] = {}
    for name, setting in plan.settings.items():
        case, _, d = name.partition("@")
        own = [watch for watch in watches if watch.case == case]
        if not own:
            raise ProblemError(f"nothing is watched in {name}")
        run = draw(name, setting, record=("overlaps",))
        for watch in own:
            data[key(watch.name, int(d))] = _size(run, watch)
        data |= also(case, int(d), run) if also else {}
    return data


def _size(run: Any, watch: Watch) -> np.ndarray:
    overlaps = along(run, watch.direction, watch.step)
    if watch.power is None:
        return np.sqrt(np.mean(overlaps**2, axis=1))
    return np.abs(drift(overlaps, run.alpha, watch.power))


def along(run: Any, direction: Sequence[float], step: int) -> np.ndarray:
    """<w_i, v> for the unit vector v along `direction`, shape (replicas, p)."""
    v = np.asarray(direction, dtype=float)
    return run.overlaps[:, run.at.index(step)] @ (v / np.linalg.norm(v))


def drift(overlaps: np.ndarray, alpha: np.ndarray, power: int) -> np.ndarray:
    """Least-squares coefficient of alpha_i^power in the overlaps of neuron i, by replica; shapes (replicas, p)."""
    weight = alpha**power
    return np.sum(weight * overlaps, axis=1) / np.sum(weight**2, axis=1)


def key(name: str, d: int) -> str:
    """Where the data of `name` at dimension d are."""
    return f"{name}@{d}"
