"""What claims on one step look at: what it gains along the direction it can learn, and the share of V* in a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from theory import Target, hermite_tensor


def learned_part(target: Target, order: int, overlaps: np.ndarray) -> np.ndarray:
    """C_l x M_i^(l-1), l = `order`: where the first gradient points at overlaps M (..., p, k); shape (..., p, k)."""
    tensor = np.array(hermite_tensor(target, order), dtype=float)
    part = np.broadcast_to(tensor, (*overlaps.shape[:-1], *tensor.shape))
    for _ in range(order - 1):
        part = np.einsum("rp...a,rpa->rp...", part, overlaps)
    return part


def gained_cosine(run: Any, order: int, sign: int = 1) -> np.ndarray:
    """Cosine with C_l x M_i^(l-1), M the initial overlaps, that one step gives to a neuron of a typical start: (R,).

    The regression over neurons of <w_i, .> on that part, signed by alpha_i c_l (`sign`: of c_l), over the root mean
    square norm, times the part's usual size d^(-(l-1)/2). Noise has mean 0 in it and so, over mirrored pairs, has the
    start: a power of d shows as such, where a root mean square shows it only once it stands out from d^(-1/2). Needs
    overlaps and gram at steps 0 and 1.
    """
    part = learned_part(run.setting.target, order, run.overlaps[:, 0])
    signed = part * np.sign(sign * run.alpha)[:, :, None]
    size = np.sqrt(np.mean(_squares(run), axis=1)) * run.setting.regime.d ** ((order - 1) / 2)
    return np.sum(run.overlaps[:, 1] * signed, axis=(1, 2)) / np.sum(part**2, axis=(1, 2)) / size


def ratios(run: Any, index: int = -1) -> np.ndarray:
    """|Pi* w_i|^2 / |w_i|^2 at the step recorded at `index`: (R, p)."""
    return np.sum(run.overlaps[:, index] ** 2, axis=2) / _squares(run, index)


def mean_cosine(run: Any, direction: Sequence[float]) -> np.ndarray:
    """Root mean square over neurons of the cosine with `direction` after the last step: (R,)."""
    v = np.asarray(direction, dtype=float)
    along = run.overlaps[:, -1] @ (v / np.linalg.norm(v))
    return np.sqrt(np.mean(along**2 / _squares(run), axis=1))


def share(run: Any) -> np.ndarray:
    """Root mean square over neurons of |Pi* w_i| / |w_i| after the last step: (R,)."""
    return np.sqrt(np.mean(ratios(run), axis=1))


def _squares(run: Any, index: int = -1) -> np.ndarray:
    """|w_i|^2."""
    return np.einsum("rii->ri", run.gram[:, index])
