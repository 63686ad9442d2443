"""The gradient against finite differences of the loss, seen through `simulate` alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from theory import Regime, Setting, Student, Target

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import eta_doubled, loss_swapped
from ...verdict import Component, Data, Exact

STEP = 1e-5  # so small that the loss is linear along the step: the ratio is off by about eta |Hessian| / 2


def _setting(activation: str, scaling: str = "mean-field", **regime: object) -> Setting:
    student = Student(activation, 3, init="plain", scaling=scaling, bias="gaussian", second_layer="gaussian")
    options: dict = {"d": 12, "n": 60, "eta": STEP, "batch": "reused", **regime}
    return Setting(Target("1/3 + z1 + z1*z2 + He3(z2)/6", noise=0.5), student, Regime(**options))


PLAN = Plan(
    {
        "tanh": _setting("tanh"),
        "gelu, ntk": _setting("gelu", scaling="ntk"),
        "softplus, weight decay": _setting("softplus", weight_decay=0.3),
        "erf, reused three times": _setting("erf", steps=3),
        "sigmoid, two batches in turn": _setting("sigmoid", steps=3, batch=(0, 0, 0), preprocess=1),
    },
    stages=1,
)


def components(plan: Plan) -> tuple[Component, ...]:
    """Fall of the objective over (1/eta) sum |step|^2: 1 up to eta times half the largest curvature.

    The curvature of these losses along a step is below 100 (unit rows, |alpha| of order one, d = 12), hence the
    allowance; the margin is round-off in the loss, 1e-16 / STEP, and far below any wrong factor.
    """
    return tuple(Component(name, 1.0, 1e-4, 50 * STEP, Exact(name)) for name in plan.settings)


def measure(plan: Plan, draw: Draw) -> Data:
    """The ratio at every step; its largest deviation from 1 by replica."""
    return {name: _ratio(setting, draw, name) for name, setting in plan.settings.items()}


def _ratio(setting: Setting, draw: Draw, name: str) -> np.ndarray:
    run = draw(name, setting, record=("rows", "train_error"))
    objective = run.train_error / 2 + setting.regime.weight_decay / 2 * np.sum(run.rows**2, axis=(2, 3))
    fall = objective[:, :-1] - objective[:, 1:]
    ratios = fall * setting.eta / np.sum(np.diff(run.rows, axis=1) ** 2, axis=(2, 3))
    worst = np.argmax(np.abs(ratios - 1), axis=1)
    return np.take_along_axis(ratios, worst[:, None], axis=1)[:, 0]


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong gradients and what they would make of the ratio."""
    return {
        "loss (1/n) sum (y - f)^2 without its 1/2": dict.fromkeys(plan.settings, 0.5),
        "one factor 1/sqrt(p) missing": dict.fromkeys(plan.settings, 1 / np.sqrt(3)),
    }


def domain(setting: Setting) -> str | None:
    """One batch, smooth activation, squared loss: then every step must lower the same function."""
    if len(set(setting.batch_ids)) > 1 or setting.regime.loss != "squared" or setting.regime.normalize_rows:
        return "needs one batch, the squared loss and rows left as they are"
    smooth = not setting.student.activation.derivative.atoms(*_KINKS)
    return None if smooth else "the activation has a kink"


def _kinks() -> tuple[type, ...]:
    import sympy

    return (sympy.Heaviside, sympy.sign)


_KINKS = _kinks()

CLAIM = Claim(
    id="exactness/descent",
    title="a step is a gradient step on the loss",
    statement=(
        "On one batch, a step of size eta lowers L = (1/2n) sum (y - f)^2 + (lambda/2) sum |w_i|^2 by "
        "(1/eta) sum_i |w_i' - w_i|^2 as eta -> 0, for any activation, scaling, bias and preprocessing. "
        "This holds for the true gradient and for no multiple of it."
    ),
    source="definition of the step, arXiv 2305.18270, section 2; finite difference along the step itself",
    blind=(
        "A wrong direction that has the same inner product with the gradient as with itself; coordinate-wise finite "
        "differences are in the test suite. Activations with kinks."
    ),
    domain=domain,
    plans={"quick": PLAN},
    components=components,
    measure=measure,
    foils=foils,
    mutants={"eta doubled": eta_doubled, "correlation loss": loss_swapped},
)
