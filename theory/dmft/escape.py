"""Directions that no finite number of steps learns: how fast the d^(-1/2) overlaps of a random start grow on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..fresh.trajectory import start
from ..problem import ProblemError, Setting
from .batch import Batch
from .domain import problem
from .kernels import expand, sharing
from .limit import PARTS, Seed, enough_samples, streams
from .path import Descent

if TYPE_CHECKING:
    import numpy as np

_CERTAIN = 6.0  # standard errors by which overlaps must differ from 0


@dataclass(frozen=True, eq=False)
class Escape:
    """The linear map from overlaps at the start to overlaps after t = 0 .. T steps, where the limit of all is 0.

    growth (T + 1, p, k, q, k): d<w_i, w*_r> at step t over d<w_j, w*_s> at step 0, j one of the q rows that differ at
    the start (q = p/2 for a symmetric one). gain (T + 1,): largest factor by which the Euclidean norm of all cosines
    (overlaps over norms of rows) can have grown. *_stderr: standard errors from the spread of 16 independent solutions.
    At finite d the gradient's own fluctuations, of size d^(-1/2) too, are amplified likewise.
    """

    setting: Setting
    growth: "np.ndarray"
    gain: "np.ndarray"
    growth_stderr: "np.ndarray"
    gain_stderr: "np.ndarray"

    @property
    def rate(self) -> float:
        """Mean factor a step over the second half: above 1 overlaps escape after a number of steps of order log d.

        Of an even number of steps if there are two or more, as gains may alternate.
        """
        steps = len(self.gain) - 1
        span = min(steps, 2 * -(-steps // 4))
        return float((self.gain[-1] / self.gain[-1 - span]) ** (1 / span))


def escape_rate(
    setting: Setting,
    samples: int = 10**6,
    rng: Seed = 0,
    *,
    alpha: Sequence[float] | None = None,
    bias: Sequence[float] | float | None = None,
) -> Escape:
    """Growth of small overlaps, linearised at the limit without any (derived in docs/notes/dmft.md, item 6).

    Assumes E[u | y] = 0, u the input along the teacher, or an even sigma without bias: then nothing but the overlaps
    changes to first order. The setting's steps must be many enough for Escape.rate to have settled: look at gain.
    Parameters and errors raised are those of solve_dmft; raises ProblemError, too, where overlaps do not stay 0, by
    more than six standard errors.
    """
    import numpy as np

    stated, ids = problem(setting, alpha, bias), setting.regime.batch_ids
    part = enough_samples(samples, stated, ids)
    blind = [Blind(stated, ids, part, stream) for stream in streams(rng)]
    for descent in blind:
        descent.descend()
    hidden = np.array([descent.hidden for descent in blind])
    error = hidden.std(axis=0, ddof=1) / np.sqrt(PARTS)
    seen = np.abs(hidden.mean(axis=0)) > _CERTAIN * error + 1e-9
    if seen.any():
        raise ProblemError(f"overlaps do not stay 0: step {int(np.argwhere(seen)[0, 0]) + 1} learns a direction")
    growth = np.array([descent.growth() for descent in blind])
    norms = np.array([[np.linalg.norm(rows, axis=1) for rows in descent.rows] for descent in blind])
    cosines = growth / norms[:, :, :, None, None, None]
    k, q = growth.shape[-1], growth.shape[-2]
    gain = np.linalg.norm(cosines.reshape(*growth.shape[:2], -1, q * k), 2, axis=(-2, -1))
    gain = gain / gain[:, :1]
    growth_error, gain_error = (x.std(axis=0, ddof=1) / np.sqrt(PARTS) for x in (growth, gain))
    return Escape(setting, growth.mean(axis=0), gain.mean(axis=0), growth_error, gain_error)


class Blind(Descent):
    """Descent whose rows are kept orthogonal to the teacher, with the drift that small overlaps would add."""

    def descend(self) -> None:
        """All steps; `hidden` (T, p, k): what was kept from the rows; `slopes` (T, k, k, p, coordinates)."""
        self.hidden: list[np.ndarray] = []
        self.slopes: list[np.ndarray] = []
        super().descend()

    def _gradient(self, batch: Batch, errors: "np.ndarray") -> "tuple[np.ndarray, np.ndarray]":
        import numpy as np

        k = self.problem.target.k
        u = batch.teacher(k)
        self.slopes.append(np.array([[batch.drift(errors * u[b] * u[r]) for r in range(k)] for b in range(k)]))
        drift, total = batch.gradient(errors)
        self.hidden.append(drift[:, :k].copy())
        drift[:, :k] = total[:, :k] = 0
        return drift, total

    def growth(self) -> "np.ndarray":
        """M^{t+1}_r = N (D M^t_r + eta sum_{b, s} K_br(t, s) M^s_b), K_br(t, s) = E[u_b u_r de^t/dg^s], as maps of M^0:
        (T + 1, p, k, q, k)."""
        import numpy as np

        problem, k = self.problem, self.problem.target.k
        own = start(problem)[:, k:]
        size = self.rows[-1].shape[1]
        rows = [np.pad(w, ((0, 0), (0, size - w.shape[1]))) for w in self.rows]
        maps = [np.einsum("ij,rs->irjs", own, np.eye(k))]
        for t, slope in enumerate(self.slopes):
            times = sharing(self.ids, t)
            moved = problem.decay * maps[t]
            known = np.concatenate([maps[s] for s in times])
            for b in range(k):
                for r in range(k):
                    kernel = expand(slope[b, r], np.concatenate([rows[s] for s in times]))
                    moved[:, r] += problem.eta * np.einsum("im,mjs->ijs", kernel, known[:, b])
            maps.append(self.scales[t][:, None, None, None] * moved)
        return np.array(maps)
