"""How strong the signal of two fresh steps is as d grows: what is weaker than the noise at hand is not to be judged."""

from __future__ import annotations

import numpy as np

from theory.fresh.functions import function
from theory.problem import ProblemError, Setting

from .decay import complement, unit

NODES, NOISE_NODES = 48, 24  # of Gauss-Hermite quadrature, in teacher space and for the rest of a field
SECOND_LAYER = np.linspace(-1.0, 1.0, 33)  # values of alpha that stand for a second layer of any law on [-1, 1]


def signals(setting: Setting, first: np.ndarray) -> tuple[float, float]:
    """Limits of the overlaps that a direction u learned in step one and, in step two, the rest v must show.

    first (k, 1): along u = C_1, of a target with k <= 2. With eta_bar = eta / p, f = 0 at the start and alpha_i = a
        m = eta_bar a E[sigma'(g + b)] E[z_u y],   w_v = eta_bar a E[sigma'(m z_u + r g + b) z_v y],
    r^2 = 1 + (eta_bar a)^2 E[sigma'(g + b)^2] E[y^2] d / n: the student's output, a function of z_u and of noise that
    is independent of z_v, moves no row along v (arXiv 2305.18270, Theorem 7's mechanism). Returned are the root mean
    square of m over a, and the least singular value of (m, w_v), scaled alike; the latter is infinite where k = 1.
    Raises ProblemError for more directions, biases that are no number, and batches or rows treated otherwise.
    """
    target, student, regime = setting.target, setting.student, setting.regime
    plain = regime.batch == "fresh" and regime.loss == "squared" and student.scaling == "mean-field"
    if target.k > 2 or not isinstance(student.bias, float) or not plain or student.init != "symmetric":
        raise ProblemError("signals are known for two directions, plain steps and one bias")
    x, weights = _gauss(NODES)
    g, g_weights = _gauss(NOISE_NODES)
    axes = np.hstack([unit(first), complement(first)])
    mesh = np.stack([axis.ravel() for axis in np.meshgrid(*[x] * target.k, indexing="ij")])
    measure = weights if target.k == 1 else np.outer(weights, weights).ravel()
    y = function(target.expr, target.symbols)(*(axes @ mesh))
    slope = function(student.activation.derivative, (student.activation.symbol,))
    pace = setting.eta / student.p * SECOND_LAYER
    at_start = slope(g + student.bias)
    moved = pace * (g_weights @ at_start) * (measure @ (mesh[0] * y))
    if target.k == 1:
        return float(np.sqrt(np.mean(moved**2))), np.inf
    noise = (g_weights @ at_start**2) * (measure @ y**2) * regime.d / setting.n
    across = (measure * mesh[1] * y).reshape(NODES, NODES).sum(axis=1)  # a function of z_u
    fields = moved[:, None, None] * x[None, :, None] + np.sqrt(1 + pace**2 * noise)[:, None, None] * g[None, None, :]
    opened = pace * ((slope(fields + student.bias) @ g_weights) @ across)
    least = np.linalg.svd(np.stack([moved, opened], axis=1), compute_uv=False)[-1]
    return float(np.sqrt(np.mean(moved**2))), float(least / np.sqrt(len(moved)))


def _gauss(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of N(0, 1)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return nodes, weights / weights.sum()
