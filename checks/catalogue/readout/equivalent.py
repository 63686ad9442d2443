"""After a giant step features are Gaussian only given what the rows have learned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from theory import ProblemError, Regime, Setting, Student, Target, equivalent_errors

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import activation_replaced, target_replaced
from ...samplers.one_step import one_step_rows
from ...verdict import Component, Data, Median
from ..domains import linear_batches

RIDGE = 0.05
FOIL_ROWS = 5
TEXT = "z1 + He2(z1)/sqrt(2)"


def _setting(d: int, activation: str) -> Setting:
    student = Student(activation, p=3 * d // 2, init="plain")  # mirrored neurons have features that are not independent
    return Setting(Target(TEXT), student, Regime(d, n="4*d", eta="6*p", loss="correlation"))


PLANS = {
    "quick": Plan({"relu": _setting(64, "relu")}),
    "deep": Plan(
        {"relu": _setting(64, "relu"), "softplus": _setting(64, "softplus"), "relu, larger": _setting(160, "relu")}
    ),
}


def components(plan: Plan) -> tuple[Component, ...]:
    """The test error over that of the equivalent given U: 1 up to 6/d. Without U the ratio is about 1/2."""
    return tuple(
        Component(name, 1.0, 0.2, 6 / s.regime.d, Median(name, spread=1.6 / s.regime.d**0.5))
        for name, s in plan.settings.items()
    )


def measure(plan: Plan, draw: Draw) -> Data:
    """This ratio by replica: the same rows, other samples."""
    data: dict[str, np.ndarray] = {}
    for name, setting in plan.settings.items():
        run = draw(name, setting, record=("rows",))
        found = draw.readout(run, name, _samples(setting), RIDGE, test_samples=2**12)
        seed = int(draw.stream(f"{name}: equivalent").generate_state(1)[0]) + draw.first
        predicted = [_given_u(setting, rows, rng=seed + i) for i, rows in enumerate(run.rows)]
        data[name] = found.test_error / np.array(predicted)
    return data


def _given_u(setting: Setting, rows: np.ndarray, rng: int) -> float:
    """The test error of the conditional equivalent of rows (2, p, d) before and after the step; NaN where they are no
    rows of a gradient step.

    U holds the teacher's directions, and the one along which all rows moved: it holds the batch's noise.
    """
    try:
        common = np.linalg.svd(rows[1] - rows[0], full_matrices=False)[2][0]
        directions = np.column_stack([np.eye(rows.shape[2])[:, : setting.target.k], common])
        return _equivalent(setting, rows, rng, directions=directions)
    except (ProblemError, np.linalg.LinAlgError):
        return np.nan


def _equivalent(setting: Setting, rows: np.ndarray, rng: int, **options: Any) -> float:
    found = equivalent_errors(
        setting.target, setting.student.activation, rows[1], samples=_samples(setting), gamma=RIDGE,
        replicas=2, test_samples=2**11, rng=rng, **options,
    )  # fmt: skip
    return found.test_error


def _samples(setting: Setting) -> int:
    return 2 * setting.regime.d


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Other equivalents, as they are for rows of an explicit step."""
    return {
        "unconditional equivalent": {name: _other(s, unconditional=True) for name, s in plan.settings.items()},
        "no step: random features": {name: _other(s, before=True) for name, s in plan.settings.items()},
    }


def _other(setting: Setting, before: bool = False, **options: Any) -> float:
    """The ratio that a wrong equivalent predicts: its test error over that of the right one, in the median."""
    ratios = []
    for seed in range(FOIL_ROWS):
        rows = one_step_rows(setting, np.random.default_rng(seed))
        wrong = _equivalent(setting, rows[[0, 0]] if before else rows, seed, **options)
        ratios.append(wrong / _given_u(setting, rows, seed))
    return float(np.median(ratios))


def domain(setting: Setting) -> str | None:
    """One step on a fresh batch, n = Theta(d), by independent neurons without bias; a polynomial target."""
    if setting.student.init != "plain" or setting.student.bias != 0.0:
        return "needs independent rows (init = plain) and no bias"
    if setting.regime.steps != 1 or setting.target.degree is None:
        return "needs one step and a polynomial target"
    return linear_batches(setting)


CLAIM = Claim(
    id="readout/conditional-equivalent",
    title="after a giant step features are Gaussian given U, and not otherwise",
    statement=(
        "At n, p = Theta(d), after one step of size eta = Theta(p), replacing sigma(<w_i, z>) by mu_0(kappa) + "
        "mu_1(kappa) <w_perp, z_perp> + mu_*(kappa) zeta, kappa = P_U z, U what the rows share, changes the errors "
        "of ridge regression by o(1); with coefficients that do not depend on kappa it changes them by O(1)."
    ),
    source="arXiv 2305.18270, Theorem 2; derived in docs/notes/ridge.md",
    blind=(
        "Training errors; mirrored neurons, whose features are dependent given U; more than one step; the rate in d."
    ),
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"another target": target_replaced("z1 - 2*He2(z1)"), "another activation": activation_replaced("tanh(u)")},
)
