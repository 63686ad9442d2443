"""The first gradient's Hermite expansion, coefficient by coefficient."""

from __future__ import annotations

from collections.abc import Mapping
from math import factorial, sqrt

import numpy as np

from theory import Regime, Setting, Student, Target, gradient_terms

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import bias_dropped, eta_doubled
from ...verdict import Component, Data, Median
from ..domains import silent_start


def _plan(target: str, n: int) -> Plan:
    student = Student("relu", 64, second_layer="rademacher", bias=0.5)
    return Plan({"first step": Setting(Target(target), student, Regime(d=3, n=n, eta="p"))})


# d = 3 makes the overlaps M large, so that every power of M shows; the expansion is exact at any d.
PLANS = {"quick": _plan("1/2 + z1/2 + z1*z2", 20_000), "deep": _plan("1/2 + z1/2 + z1*z2 + He3(z2)/6", 200_000)}


def _degree(plan: Plan) -> int:
    return plan.settings["first step"].target.degree or 0


def _names(degree: int) -> list[str]:
    """Row terms c_{j+2} <C_j, M^j> w / j!, then teacher terms c_{j+1} C_{j+1} x M^j / j!."""
    return [*(f"row term {j}" for j in range(degree + 1)), *(f"teacher term {j}" for j in range(degree))]


def components(plan: Plan) -> tuple[Component, ...]:
    """Each term's regression coefficient, 1 in theory.

    Given the rows, least squares is unbiased at any n. Its median is off its mean by skewness * sd / 6 (Edgeworth):
    below 0.01 for the skewness below 0.5 and the standard deviation below 0.12 that a batch this size leaves.
    Five per cent of one coefficient is what a wrong constant would have to hide in.
    """
    spreads = {"row term 3": 0.12, "teacher term 2": 0.12}  # cubic terms (in the deep plan) are small and noisy
    return tuple(
        Component(name, 1.0, 0.05, 0.01, Median(name, spreads.get(name, 0.06))) for name in _names(_degree(plan))
    )


def measure(plan: Plan, draw: Draw) -> Data:
    """Least-squares coefficients of the measured displacement on the predicted terms, by replica."""
    setting = plan.settings["first step"]
    run = draw("first step", setting, record=("overlaps",), at=(0, 1))
    before, after = run.overlaps[:, 0], run.overlaps[:, 1]
    terms = gradient_terms(setting.target, setting.student.activation, before, float(setting.student.bias))  # type: ignore[arg-type]
    degree = _degree(plan)
    columns = [terms.row[j][..., None] * before for j in range(degree + 1)]
    columns += [terms.teacher[j] for j in range(degree)]
    scale = (setting.eta * run.alpha / setting.student.p)[..., None]
    design = np.stack([(column * scale).reshape(len(before), -1) for column in columns], axis=-1)
    moved = (after - before).reshape(len(before), -1)
    fits = np.array([_fit(a, y) for a, y in zip(design, moved, strict=True)])
    return {name: fits[:, j] for j, name in enumerate(_names(degree))}


def _fit(design: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Least squares; a run that diverged counts as off by infinity."""
    if not np.isfinite(moved).all():
        return np.full(design.shape[1], np.inf)
    return np.linalg.lstsq(design, moved, rcond=None)[0]


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong theories, as the factor by which each gets a term wrong."""
    degree = _degree(plan)
    row = {f"row term {j}": j for j in range(degree + 1)}
    teacher = {f"teacher term {j}": j for j in range(degree)}
    normalised = {name: 1 / sqrt(factorial(j + 2)) for name, j in row.items()}
    normalised |= {name: 1 / sqrt(factorial(j + 1)) for name, j in teacher.items()}
    return {
        "missing 1/k!": {"row term 2": 2.0},
        "normalised coefficients c_k / sqrt(k!)": normalised,
        "one factor 1/sqrt(p) missing": dict.fromkeys(_names(degree), 8.0),
        "leap off by one (no C_1)": {"teacher term 0": 0.0},
    }


CLAIM = Claim(
    id="giant-step/gradient-expansion",
    title="Hermite expansion of the first gradient",
    statement=(
        "For |w| = 1 the population gradient at f = 0 is E[z sigma'(<w, z> + b) f*] = sum_k (1/k!) "
        "{c_{k+2} <C_k, w^k> w + c_{k+1} C_{k+1} x w^k}, with c_k = E[sigma(g + b) He_k(g)] and C_k = E[f* H_k(z)]; "
        "a step moves row i by eta (a_i / sqrt p) times its empirical mean."
    ),
    source="arXiv 2305.18270, expansion of the gradient in Hermite tensors; docs/notes/gradient.md",
    blind="Fluctuations about the mean (giant-step/one-step-norm) and orders above the target's degree.",
    domain=silent_start,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"eta doubled": eta_doubled, "bias dropped": bias_dropped},
)
