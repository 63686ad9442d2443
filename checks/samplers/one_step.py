"""One step of the correlation loss on explicit data, in a few lines of NumPy: rows for what theory says of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from theory.problem import Setting

from .parts import Problem


class OneStep(NamedTuple):
    """rows (2, p, d) before and after, bias (p,), and the batch: inputs (n, d), labels (n,) as they were drawn."""

    rows: np.ndarray
    bias: np.ndarray
    inputs: np.ndarray
    labels: np.ndarray


def one_step(setting: Setting, rng: np.random.Generator) -> OneStep:
    """One step of the correlation loss from `Problem.start`."""
    problem, regime = Problem(setting), setting.regime
    rows, _, bias, output = (part[0] for part in problem.start(rng, 1))
    inputs, labels = problem.samples(setting.n, rng)
    slopes = problem.slope(inputs @ rows.T + bias)
    slopes = slopes * _preprocessed(labels, inputs, regime.preprocess)[:, None]
    step = output[:, None] * (slopes.T @ inputs) / setting.n
    return OneStep(np.stack([rows, problem.decay(setting.eta) * rows + setting.eta * step]), bias, inputs, labels)


def _preprocessed(labels: np.ndarray, inputs: np.ndarray, degree: int | None) -> np.ndarray:
    """Labels less their mean on the batch (degree 0), and less <x, mean(y x)> too (1)."""
    if degree is None:
        return labels
    left = labels - labels.mean()
    return left - inputs @ (labels @ inputs / len(labels)) if degree else left
