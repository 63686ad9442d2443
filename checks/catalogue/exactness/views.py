"""Numbers to look at a trajectory through: equal laws of trajectories give equal laws of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from theory.problem import Setting

View = Callable[[Any], np.ndarray]  # of a Run with overlaps, gram and alpha, (R,)
DECIMALS = 9  # what is constant up to round-off shall tie


def views(setting: Setting) -> Mapping[str, View]:
    """Projections of (overlaps, Gram matrices) by name: some that theory speaks of, and some at random over all times.

    The weights of the random ones are fixed here, before any data.
    """
    p, k, steps = setting.student.p, setting.target.k, setting.regime.steps
    weights = np.random.default_rng([230518270, p, k, steps])
    chosen: dict[str, View] = {f"drift along z{r + 1}": partial(_drift, since=0, r=r) for r in range(k)}
    chosen |= {
        "overlaps, combined": partial(_combined, weights=weights.normal(size=(steps, p, k))),
        "overlaps times alpha, combined": partial(_weighted, weights=weights.normal(size=(steps, p, k))),
        "Gram matrix, combined": partial(_gram, weights=weights.normal(size=(steps, p, p))),
        "squared norms outside the teacher's span": _outside,
        "squared norm of sum alpha_i w_i": _linear_part,
    }
    if p > 1:
        chosen["cosine of the first and the last neuron"] = _angle
    if not setting.regime.normalize_rows:
        chosen["squared norms after one step"] = partial(_norms, step=1)
    if steps > 1:
        chosen["last drift along z1"] = partial(_drift, since=steps - 1, r=0)
    return {name: partial(_rounded, view=view) for name, view in chosen.items()}


def _rounded(run: Any, view: View) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.round(view(run), DECIMALS)


def _drift(run: Any, since: int, r: int) -> np.ndarray:
    return np.sum(run.alpha * (run.overlaps[:, -1, :, r] - run.overlaps[:, since, :, r]), axis=1)


def _combined(run: Any, weights: np.ndarray) -> np.ndarray:
    return np.einsum("rtik,tik->r", run.overlaps[:, 1:], weights)


def _weighted(run: Any, weights: np.ndarray) -> np.ndarray:
    return np.einsum("rtik,tik,ri->r", run.overlaps[:, 1:], weights, run.alpha)


def _gram(run: Any, weights: np.ndarray) -> np.ndarray:
    return np.einsum("rtij,tij->r", run.gram[:, 1:], weights)


def _outside(run: Any) -> np.ndarray:
    return np.einsum("rii->r", run.gram[:, -1]) - np.sum(run.overlaps[:, -1] ** 2, axis=(1, 2))


def _linear_part(run: Any) -> np.ndarray:
    return np.einsum("rij,ri,rj->r", run.gram[:, -1], run.alpha, run.alpha)


def _angle(run: Any) -> np.ndarray:
    last = run.gram[:, -1]
    return last[:, 0, -1] / np.sqrt(last[:, 0, 0] * last[:, -1, -1])


def _norms(run: Any, step: int) -> np.ndarray:
    return np.einsum("rii->r", run.gram[:, step])
