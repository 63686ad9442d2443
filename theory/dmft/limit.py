"""The limit of T steps on batches that may return, and its sampling error."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ..fresh.domain import Problem
from ..problem import ProblemError, Setting
from ..problem.scalars import integer
from .domain import problem
from .path import Descent

if TYPE_CHECKING:
    import numpy as np


Seed: TypeAlias = "int | np.random.SeedSequence | np.random.Generator"

PARTS = 16
_ROOM = 4  # samples of a part for each of the functions that it makes orthonormal


@dataclass(frozen=True, eq=False)
class DmftLimit:
    """Limits at steps t = 0 .. T, n/d fixed as d -> infinity; at finite d they are met up to O(d^(-1/2)).

    overlaps (T + 1, p, k): <w_i, w*_r>. gram (T + 1, p, p): <w_i, w_j>. correlation (T + 1, T + 1, p, p): entry
    (t, s) is w_t w_s^T, so gram is its diagonal. response (T + 1, T + 1, p, p): entry (t, s), for s < t, is
    d w_t / d w_{s+1} for a change of w_{s+1} along a direction of its own, and 0 for s >= t.
    response_determined (T + 1,): false from the step on where rows are linearly dependent, up to 1e-9 (mirrored rows;
    steps so small that rows hardly differ): response is then one of many, that of least norm, and its *_stderr says
    nothing of the others. Nothing else depends on it.
    test_error (T + 1,): E (f* - f)^2 on unseen inputs, clean labels. train_error (T + 1,): (1/n) sum (y - f)^2, noise
    included, over the batch of the step about to be taken (at the end: of the last one).
    *_stderr, of the same shapes: standard errors, from the spread of `PARTS` = 16 independent solutions whose mean is
    given. samples: those of all parts together. What is nonlinear in averages has a bias of order PARTS/samples, too.
    """

    setting: Setting
    overlaps: "np.ndarray"
    gram: "np.ndarray"
    test_error: "np.ndarray"
    train_error: "np.ndarray"
    correlation: "np.ndarray"
    response: "np.ndarray"
    overlaps_stderr: "np.ndarray"
    gram_stderr: "np.ndarray"
    test_error_stderr: "np.ndarray"
    train_error_stderr: "np.ndarray"
    correlation_stderr: "np.ndarray"
    response_stderr: "np.ndarray"
    response_determined: "np.ndarray"
    samples: int

    @property
    def cosines(self) -> "np.ndarray":
        """Overlaps over norms, (T + 1, p, k)."""
        import numpy as np

        return self.overlaps / np.sqrt(np.einsum("tii->ti", self.gram))[..., None]


def solve_dmft(
    setting: Setting,
    samples: int = 10**6,
    rng: Seed = 0,
    *,
    alpha: Sequence[float] | None = None,
    bias: Sequence[float] | float | None = None,
) -> DmftLimit:
    """The deterministic limit of T steps on batches that may return, d -> infinity at fixed n/d, p and k.

    Discrete-time dynamical mean-field theory: derived in docs/notes/dmft.md for the steps of arXiv 2402.03220, solved
    forward in time by Monte Carlo over samples. It does not depend on the setting's d: n and eta are read as
    expressions in d. Any sequence of batch ids; "fresh" gives fresh_limit. Noise is a standard deviation, eta is never
    rescaled.
    samples: Monte Carlo samples, in 16 parts; time grows as samples (p T)^2, memory as samples p T. rng: int,
        SeedSequence or Generator.
    alpha, bias: the p values of second layer and biases where the student only names their law.
    Raises ProblemError for preprocessed labels, looking ahead, n not proportional to d, eta not of order d^0, a random
    second layer or bias without values, an activation of more than exponential growth, a limit that overflows, and
    too few samples.
    """
    import numpy as np

    stated, ids = problem(setting, alpha, bias), setting.regime.batch_ids
    part = enough_samples(samples, stated, ids)
    paths = [Descent(stated, ids, part, stream).run() for stream in streams(rng)]
    found = {name: np.array([getattr(path, name) for path in paths]) for name in paths[0].__dataclass_fields__}
    found["gram"] = np.einsum("ntt...->nt...", found["correlation"])
    determined = np.all(found.pop("determined"), axis=0)
    means = {name: values.mean(axis=0) for name, values in found.items()}
    errors = {f"{name}_stderr": x.std(axis=0, ddof=1) / np.sqrt(PARTS) for name, x in found.items()}
    return DmftLimit(setting, **means, **errors, response_determined=determined, samples=part * PARTS)


def enough_samples(samples: int, stated: Problem, ids: Sequence[int]) -> int:
    """The samples of one part. Raises ProblemError if they are too few."""
    samples = integer(samples, "samples", low=1)
    least = _ROOM * PARTS * (2 + stated.target.k + stated.student.p * (2 * max(map(ids.count, ids)) + 1))
    if samples < least:
        raise ProblemError(f"samples = {samples} is too few for this setting: at least {least}")
    return samples // PARTS


def streams(rng: Seed) -> "list[np.random.Generator]":
    """One independent generator for every part."""
    import numpy as np

    if isinstance(rng, np.random.Generator):
        return rng.spawn(PARTS)
    if not isinstance(rng, np.random.SeedSequence):
        rng = np.random.SeedSequence(integer(rng, "rng", low=0))
    return [np.random.default_rng(seed) for seed in rng.spawn(PARTS)]
