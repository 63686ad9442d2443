"""After a giant step features are Gaussian only given what the rows have learned."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from theory import ProblemError, Regime, Setting, Student, Target, equivalent_errors

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import target_replaced
from ...samplers import readout as sampler
from ...samplers.one_step import one_step
from ...samplers.parts import planted
from ...verdict import Component, Data, Median
from ..domains import linear_batches
from .reach import shared_directions

RIDGE = 0.2
FOIL_ROWS = 5
TRAINING, TEST = "training", "test"
SPREAD = {TRAINING: 1.15, TEST: 0.5}  # of a ratio, times d^(1/2)
LABELS = Target("sin(z1) + 2*cos(z1) - 2*exp(-1/2)", noise=0.25)  # bounded: y^2 averages fast


def _setting(d: int, activation: str) -> Setting:
    student = Student(activation, p=d, init="plain")  # mirrored neurons have features that are not independent
    return Setting(LABELS, student, Regime(d, n="4*d", eta="12*p", loss="correlation"))


PLANS = {
    "quick": Plan({"relu": _setting(64, "relu")}, stages=1),
    "deep": Plan(
        {"relu": _setting(64, "relu"), "softplus": _setting(64, "softplus"), "relu, larger": _setting(160, "relu")}
    ),
}


def components(plan: Plan) -> tuple[Component, ...]:
    """Training and test error over those of the equivalent given U: 1 up to 6/d. Without U they are about 1.4."""
    return tuple(
        Component(_key(name, part), 1.0, 0.2, 6 / s.regime.d, Median(_key(name, part), SPREAD[part] / s.regime.d**0.5))
        for name, s in plan.settings.items()
        for part in SPREAD
    )


def _key(name: str, part: str) -> str:
    return f"{name}: {part}"


def measure(plan: Plan, draw: Draw) -> Data:
    """These ratios by replica: the same rows, other samples."""
    data: dict[str, np.ndarray] = {}
    for name, setting in plan.settings.items():
        run = draw(name, setting, record=("rows",))
        found = draw.readout(run, name, setting.n, RIDGE, test_samples=2**12)
        seed = int(draw.stream(f"{name}: equivalent").generate_state(1)[0]) + draw.first
        predicted = np.array([_given_u(setting, rows, rng=seed + i) for i, rows in enumerate(run.rows)])
        data[_key(name, TRAINING)] = found.train_error / predicted[:, 0]
        data[_key(name, TEST)] = found.test_error / predicted[:, 1]
    return data


def _given_u(setting: Setting, rows: np.ndarray, rng: int) -> tuple[float, float]:
    """Training and test error of the conditional equivalent of rows (2, p, d) before and after the step; NaN where they
    are no rows of a gradient step.
    """
    try:
        return _equivalent(setting, rows, rng, directions=shared_directions(rows, setting.target.k))
    except (ProblemError, np.linalg.LinAlgError):
        return np.nan, np.nan


def _equivalent(
    setting: Setting, rows: np.ndarray, rng: int, ridge: float = RIDGE, **options: Any
) -> tuple[float, float]:
    found = equivalent_errors(
        setting.target, setting.student.activation, rows[1], samples=setting.n, gamma=ridge,
        replicas=2, test_samples=2**10, rng=rng, **options,
    )  # fmt: skip
    return found.train_error, found.test_error


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Other equivalents, as they are for rows of an explicit step."""
    everything: dict[str, dict[str, float]] = {}
    for name, setting in plan.settings.items():
        for foil, ratios in _others(setting).items():
            everything.setdefault(foil, {}).update(
                {_key(name, part): r for part, r in zip(SPREAD, ratios, strict=True)}
            )
    return everything


@cache
def _others(setting: Setting) -> dict[str, tuple[float, float]]:
    """The ratios that wrong equivalents predict: their errors over those of the right one, in the median."""
    found: dict[str, list[np.ndarray]] = {}
    for seed in range(FOIL_ROWS):
        rows = one_step(setting, np.random.default_rng(seed)).rows
        right, shared = _given_u(setting, rows, seed), shared_directions(rows, setting.target.k)
        wrong = {
            "unconditional equivalent": _equivalent(setting, rows, seed, unconditional=True),
            "no step: random features": _equivalent(setting, rows[[0, 0]], seed),
            "penalty times n": _equivalent(setting, rows, seed, RIDGE * setting.n, directions=shared),
        }
        for name, errors in wrong.items():
            found.setdefault(name, []).append(np.divide(errors, right))
    return {name: tuple(map(float, np.median(ratios, axis=0))) for name, ratios in found.items()}  # type: ignore[misc]


def domain(setting: Setting) -> str | None:
    """One step on a fresh batch, n = Theta(d), by independent neurons without bias."""
    if setting.student.init != "plain" or setting.student.bias != 0.0:
        return "needs independent rows (init = plain) and no bias"
    if setting.regime.steps != 1:
        return "needs one step"
    return linear_batches(setting)


CLAIM = Claim(
    id="readout/conditional-equivalent",
    title="after a giant step features are Gaussian given U, and not otherwise",
    statement=(
        "At n, p = Theta(d), after one step of size eta = Theta(p), replacing sigma(<w_i, z>) by mu_0(kappa) + "
        "mu_1(kappa) <w_perp, z_perp> + mu_*(kappa) zeta, kappa = P_U z, U what the rows share, changes the errors "
        "of ridge regression on fresh samples by o(1); with coefficients that do not depend on kappa it changes them "
        "by O(1)."
    ),
    source="arXiv 2305.18270, Theorem 2; derived in docs/notes/ridge.md",
    blind=("Mirrored neurons, whose features are dependent given U; more than one step; the rate in d."),
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={
        "another target": target_replaced("z1 - 2*He2(z1)"),
        "readout on the gradient's batch": planted(sampler.simulate, sampler.BATCH_REUSED),
    },
)
