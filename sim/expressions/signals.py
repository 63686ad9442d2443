"""The error signal of every sample at every neuron, from preactivations and labels."""

import numpy as np

from ..kernels import kernel, summing
from .evaluate import evaluate


def _signals(
    code: np.ndarray,
    constants: np.ndarray,
    results: np.ndarray,
    registers: np.ndarray,
    fields: np.ndarray,
    output: np.ndarray,
    labels: np.ndarray,
    correlation: bool,
    values: np.ndarray,
    errors: np.ndarray,
) -> float:
    """errors[i] = sigma'(h_i) r with r = y - f, or y if `correlation`; returns the sum of (y - f)^2.

    The program (first four arguments, see ``evaluate``) gives sigma and sigma'; or sigma' alone, and then f is
    taken to be 0. fields (p, m): preactivations h, bias included. output (p,): v. labels (m,). values (2 or 1, p m)
    and errors (p, m) are filled.
    """
    p, m = fields.shape
    evaluate(code, constants, results, registers, fields.reshape((1, p * m)), values)
    residual = labels.copy()
    if results.size == 3:
        sigma = values[0].reshape((p, m))
        for i in range(p):
            for j in range(m):
                residual[j] -= output[i] * sigma[i, j]
    slope = values[-1].reshape((p, m))
    signal = labels if correlation else residual
    for i in range(p):
        for j in range(m):
            errors[i, j] = slope[i, j] * signal[j]
    return sum_squares(residual)


def _sum_squares(values: np.ndarray) -> float:
    total = 0.0
    for j in range(values.size):
        total += values[j] * values[j]
    return total


sum_squares = summing(_sum_squares)  # in any order: many at a time
signals = kernel(_signals)
