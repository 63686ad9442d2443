"""The gradient against finite differences of the loss, seen through `simulate` alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy

from theory import Regime, Setting, Student, Target

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import eta_doubled, loss_swapped
from ...verdict import Component, Data, Median

METHODS = ("direct", "auto")  # the definition of a step, and what is taken unless asked otherwise
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
        "sigmoid, batch by its id, linear part removed": _setting("sigmoid", steps=3, batch=(7, 7, 7), preprocess=1),
    },
)


def components(plan: Plan) -> tuple[Component, ...]:
    """Distance from 1 of (fall of the objective) / ((1/eta) sum |step|^2), at the worst step of the median replica.

    It is 0 up to eta times half the largest curvature along the step. A curvature of 100 is allowed for, where those
    met are below 6 (n = 5 d samples, unit rows, alpha of order one). A wrong constant would have to hide in 1e-3.
    """
    return tuple(Component(key, 0.0, 1e-3, 50 * STEP, Median(key, spread=1e-4)) for key in _keys(plan))


def measure(plan: Plan, draw: Draw) -> Data:
    """The largest distance of the ratio from 1 over the steps, by replica."""
    return {key: _deviation(plan.settings[name], draw, key, method) for key, (name, method) in _keys(plan).items()}


def _keys(plan: Plan) -> Mapping[str, tuple[str, str]]:
    """(name of a setting, method) by component."""
    return {f"{name} ({method})": (name, method) for name in plan.settings for method in METHODS}


def _deviation(setting: Setting, draw: Draw, key: str, method: str) -> np.ndarray:
    run = draw(key, setting, method=method, record=("rows", "train_error"))
    objective = run.train_error / 2 + setting.regime.weight_decay / 2 * np.sum(run.rows**2, axis=(2, 3))
    fall = objective[:, :-1] - objective[:, 1:]
    ratios = fall * setting.eta / np.sum(np.diff(run.rows, axis=1) ** 2, axis=(2, 3))
    return np.max(np.abs(ratios - 1), axis=1)


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong gradients, and how far from 1 they would put the ratio."""
    return {
        "loss (1/n) sum (y - f)^2 without its 1/2": dict.fromkeys(_keys(plan), 0.5),
        "one factor 1/sqrt(p) missing": dict.fromkeys(_keys(plan), 1 - 1 / np.sqrt(3)),
    }


def domain(setting: Setting) -> str | None:
    """One batch, smooth activation, squared loss, eta at most 1e-4: each step then lowers one function linearly."""
    if setting.eta > 10 * STEP:
        return f"eta = {setting.eta:g} is too large for the loss to be linear along a step"
    if len(set(setting.batch_ids)) > 1 or setting.regime.loss != "squared" or setting.regime.normalize_rows:
        return "needs one batch, the squared loss and rows left as they are"
    kinked = setting.student.activation.derivative.has(sympy.Heaviside, sympy.sign)
    return "the activation has a kink" if kinked else None


CLAIM = Claim(
    id="exactness/descent",
    title="a step is a gradient step on the loss",
    statement=(
        "On one batch, a step of size eta lowers L = (1/2n) sum (y - f)^2 + (lambda/2) sum |w_i|^2 by "
        "(1/eta) sum_i |w_i' - w_i|^2 as eta -> 0, for any activation, scaling, bias and preprocessing. "
        "This holds for the true gradient and for no multiple of it, on explicit data and for the method chosen."
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
