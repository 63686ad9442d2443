"""Two-time kernels of a trajectory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from .path import Descent

_SINGULAR = 1e-9  # relative to the largest singular value of the rows a gradient is expanded in


@dataclass(frozen=True)
class Path:
    """overlaps (T + 1, p, k); correlation, response (T + 1, T + 1, p, p); the rest (T + 1,)."""

    overlaps: "np.ndarray"
    correlation: "np.ndarray"
    response: "np.ndarray"
    test_error: "np.ndarray"
    train_error: "np.ndarray"
    determined: "np.ndarray"


def kernels(descent: "Descent") -> Path:
    """What is left when coordinates are forgotten."""
    import numpy as np

    size = descent.rows[-1].shape[1]
    rows = np.array([np.pad(w, ((0, 0), (0, size - w.shape[1]))) for w in descent.rows])
    response, determined = _response(descent, rows)
    return Path(
        overlaps=rows[:, :, : descent.problem.target.k],
        correlation=np.einsum("tix,sjx->tsij", rows, rows),
        response=response,
        test_error=np.array(descent.test_error),
        train_error=np.array(descent.train_error),
        determined=determined,
    )


def _response(descent: "Descent", rows: "np.ndarray") -> "tuple[np.ndarray, np.ndarray]":
    """R(t + 1, s) = N (D R(t, s) + [t = s] + eta sum_r Gamma(t, r) R(r, s)), N the factors of renormalised rows; and
    for each t whether rows were independent enough for R(t, .) to be the only one."""
    import numpy as np

    problem, p, k = descent.problem, rows.shape[1], descent.problem.target.k
    response = np.zeros((len(rows), len(rows), p, p))
    determined = np.ones(len(rows), dtype=bool)
    for t, scale in enumerate(descent.scales):
        moved = problem.decay * response[t]
        moved[t] += np.eye(p)
        times = sharing(descent.ids, t)
        along = np.concatenate([np.eye(k, rows.shape[2]), *rows[times]])
        gamma = expand(descent.drifts[t], along)[:, k:]
        moved += problem.eta * np.einsum("irj,rsjl->sil", gamma.reshape(p, len(times), p), response[times])
        response[t + 1] = scale[:, None] * moved
        unique = t == 0 or np.linalg.matrix_rank(along, rtol=_SINGULAR) == len(along)  # R(0, .) = 0
        determined[t + 1] = determined[t] and unique
    return response, determined


def sharing(ids: Sequence[int], t: int) -> list[int]:
    """The steps r <= t on the batch of step t."""
    return [r for r in range(t + 1) if ids[r] == ids[t]]


def expand(drift: "np.ndarray", rows: "np.ndarray") -> "np.ndarray":
    """Coefficients (q, m), drift = coefficients @ rows; of least norm where the rows (m, coordinates) are dependent.

    A gradient's drift is gamma* W* + sum_r Gamma(t, r) W_r with Gamma(t, r) = E[de^t/dg^r], over the r <= t that share
    the batch of t: this is Stein's lemma, and no derivative is taken.
    """
    import numpy as np

    return drift @ np.linalg.pinv(rows[:, : drift.shape[1]], rcond=_SINGULAR)
