"""One step of the correlation loss on explicit data, in a few lines of NumPy: rows for what theory says of them."""

from __future__ import annotations

import numpy as np

from theory.problem import Setting

from .parts import Problem


def one_step_rows(setting: Setting, rng: np.random.Generator) -> np.ndarray:
    """Rows (2, p, d) before and after one step of the correlation loss from `Problem.start`."""
    problem, regime, k = Problem(setting), setting.regime, setting.target.k
    rows, _, bias, output = (part[0] for part in problem.start(rng, 1))
    inputs = rng.normal(size=(setting.n, regime.d))
    y = problem.labels(inputs[None, :, :k], rng)[0]
    slopes = problem.slope(inputs @ rows.T + bias)
    step = output[:, None] * ((slopes * y[:, None]).T @ inputs) / setting.n
    return np.stack([rows, problem.decay(setting.eta) * rows + setting.eta * step])
