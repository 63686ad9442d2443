"""Two-time kernels of a trajectory."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from .path import Descent

_SINGULAR = 1e-9  # relative to the largest singular value of the rows a gradient is expanded in


@dataclass(frozen=True)
class Path:
    """overlaps (T + 1, p, k); correlation, response (T + 1, T + 1, p, p); test_error, train_error (T + 1,)."""

    overlaps: "np.ndarray"
    correlation: "np.ndarray"
    response: "np.ndarray"
    test_error: "np.ndarray"
    train_error: "np.ndarray"


def kernels(descent: "Descent") -> Path:
    """What is left when coordinates are forgotten."""
    import numpy as np

    size = descent.rows[-1].shape[1]
    rows = np.array([np.pad(w, ((0, 0), (0, size - w.shape[1]))) for w in descent.rows])
    return Path(
        overlaps=rows[:, :, : descent.problem.target.k],
        correlation=np.einsum("tix,sjx->tsij", rows, rows),
        response=_response(descent, rows),
        test_error=np.array(descent.test_error),
        train_error=np.array(descent.train_error),
    )


def _response(descent: "Descent", rows: "np.ndarray") -> "np.ndarray":
    """R(t + 1, s) = N (D R(t, s) + [t = s] + eta sum_r Gamma(t, r) R(r, s)), N the factors of renormalised rows."""
    import numpy as np

    problem, p = descent.problem, rows.shape[1]
    response = np.zeros((len(rows), len(rows), p, p))
    for t, scale in enumerate(descent.scales):
        moved = problem.decay * response[t]
        moved[t] += np.eye(p)
        for r, gamma in _slopes(descent, rows, t).items():
            moved += problem.eta * gamma @ response[r]
        response[t + 1] = scale[:, None] * moved
    return response


def _slopes(descent: "Descent", rows: "np.ndarray", t: int) -> "dict[int, np.ndarray]":
    """Gamma(t, r) = E[de^t/dg^r] for the r <= t that share the batch of t, by Stein's lemma: the gradient's drift is
    gamma* W* + sum_r Gamma(t, r) W_r. Of least norm where these rows are dependent."""
    import numpy as np

    k, p = descent.problem.target.k, rows.shape[1]
    times = [r for r in range(t + 1) if descent.ids[r] == descent.ids[t]]
    against = np.concatenate([np.eye(k, rows.shape[2]), *rows[times]])[:, : descent.drifts[t].shape[1]]
    found = descent.drifts[t] @ np.linalg.pinv(against, rcond=_SINGULAR)
    return {r: found[:, k + i * p : k + (i + 1) * p] for i, r in enumerate(times)}
