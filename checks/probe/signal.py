"""How strong the signal of two fresh steps is as d grows: what is weaker than the noise at hand is not to be judged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from theory.fresh.functions import function
from theory.problem import ProblemError, Setting

from .decay import complement, unit

VISIBLE = 0.05  # a weaker overlap stays below the noise at the smaller d of a ladder, and falls with it
# Nodes of Gauss-Hermite quadrature: along u and, of two directions, the other; along the others of three, whose
# targets are polynomials here; and of the rest of a field.
NODES, FEWER, NOISE_NODES = 48, 16, 24
SECOND_LAYER = np.linspace(-1.0, 1.0, 33)  # values of alpha that stand for a second layer of any law on [-1, 1]


def require_visible(setting: Setting, spaces: Sequence[np.ndarray]) -> None:
    """Raises ProblemError where a direction that spaces = U_0, U_1, ... hold is learned, but too weakly to be seen.

    spaces[t] (k, dim U_t). A confirmation at these d would hold such a direction against a conjecture that is true.
    """
    if min(signals(setting, spaces), default=np.inf) < VISIBLE:
        raise ProblemError("what is to be learned is too weak to be seen at these d")


def signals(setting: Setting, spaces: Sequence[np.ndarray]) -> list[float]:
    """Limits of the weakest overlap with U_1 and U_2 after one step and two; shorter where levels are missing.

    spaces[t] (k, dim U_t), U_1 spanned by u = C_1; k <= 3. With eta_bar = eta / p, f = 0 at the start, alpha_i = a and
    v in U_2, orthogonal to u,
        m = eta_bar a E[sigma'(g + b)] E[z_u y],   w_v = eta_bar a E[sigma'(m z_u + r g + b) z_v y],
    r^2 = 1 + (eta_bar a)^2 E[sigma'(g + b)^2] E[y^2] d / n: the student's output, a function of z_u and of noise that
    is independent of z_v, moves no row along v (arXiv 2305.18270, Theorem 7's mechanism). Weakest: the least singular
    value of (m, w_v, ...) over a, a root mean square.
    Raises ProblemError for more directions, biases that are no number, and batches or rows treated otherwise.
    """
    target, student, regime = setting.target, setting.student, setting.regime
    plain = regime.batch == "fresh" and regime.loss == "squared" and student.scaling == "mean-field"
    if target.k > 3 or not isinstance(student.bias, float) or not plain or student.init != "symmetric":
        raise ProblemError("signals are known for up to three directions, plain steps and one bias")
    if len(spaces) < 2:
        return []
    first = unit(spaces[1])
    if first.shape[1] != 1:
        raise ProblemError(f"one step learns one direction from one bias, not {first.shape[1]}")
    opens = unit(spaces[min(2, len(spaces) - 1)])
    opens = np.linalg.svd(opens - first @ (first.T @ opens))[0][:, : opens.shape[1] - 1]
    y, across = _moments(setting, np.hstack([first, opens, complement(np.hstack([first, opens]))]), opens.shape[1])
    x, weights = _gauss(NODES)
    g, g_weights = _gauss(NOISE_NODES)
    slope = function(student.activation.derivative, (student.activation.symbol,))
    pace = setting.eta / student.p * SECOND_LAYER
    at_start = slope(g + student.bias)
    moved = pace * (g_weights @ at_start) * (weights @ (x * y[0]))
    found = [_weakest(moved[:, None])]
    if opens.shape[1]:
        noise = (g_weights @ at_start**2) * (weights @ y[1]) * regime.d / setting.n
        fields = moved[:, None, None] * x[:, None] + np.sqrt(1 + pace**2 * noise)[:, None, None] * g
        opened = pace[:, None] * (slope(fields + student.bias) @ g_weights @ across)
        found.append(_weakest(np.hstack([moved[:, None], opened])))
    return found


def _moments(setting: Setting, axes: np.ndarray, opens: int) -> tuple[np.ndarray, np.ndarray]:
    """E[y | z_u] and E[y^2 | z_u] (2, NODES), and E[z_v y | z_u] times weights (NODES, opens), at the nodes of z_u.

    axes (k, k), orthonormal columns: u, then the v, then the rest.
    """
    target = setting.target
    rules = [_gauss(NODES if i == 0 or target.k < 3 else FEWER) for i in range(target.k)]
    mesh = np.stack([axis.ravel() for axis in np.meshgrid(*[x for x, _ in rules], indexing="ij")])
    y = np.broadcast_to(function(target.expr, target.symbols)(*(axes @ mesh)), mesh.shape[1:]).reshape(NODES, -1)
    beside = np.ones(1)
    for _, weights in rules[1:]:
        beside = np.outer(beside, weights).ravel()
    others = mesh[1 : 1 + opens].reshape(opens, *y.shape)
    return np.stack([y @ beside, y**2 @ beside]), rules[0][1][:, None] * ((others * y) @ beside).T


def _weakest(overlaps: np.ndarray) -> float:
    """The least singular value, over the root of the number of rows."""
    return float(np.linalg.svd(overlaps, compute_uv=False)[-1] / np.sqrt(len(overlaps)))


def _gauss(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of N(0, 1)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return nodes, weights / weights.sum()
