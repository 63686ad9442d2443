"""The limit itself, by two routes that share no nodes, with its numerical error."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..problem import ProblemError, Setting
from ..problem.scalars import integer
from .cubature import LEVELS, Cubature, TooLarge
from .domain import Problem, problem
from .functions import is_piecewise
from .sobol import Sobol
from .trajectory import Trajectory, trajectory

if TYPE_CHECKING:
    import numpy as np

METHODS = ("auto", "quadrature", "qmc")
SCRAMBLES = 8
_GOOD = 1e-5  # coarse rules may agree by accident, but hardly that well
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class FreshLimit:
    """Limits of <w_i, w*_r> and <w_i, w_j> after t = 0 .. T steps; at finite d they are met up to O(d^(-1/2)).

    overlaps (T + 1, p, k), gram (T + 1, p, p). error, gram_error (T + 1,): estimated numerical error of the worst
    entry of either at each step. method "quadrature": the change from a rule coarser by 3/2. "qmc": four standard
    errors of the mean of 8 independently scrambled trajectories, the largest of all entries.
    """

    setting: Setting
    overlaps: "np.ndarray"
    gram: "np.ndarray"
    error: "np.ndarray"
    gram_error: "np.ndarray"
    method: str

    @property
    def cosines(self) -> "np.ndarray":
        """Overlaps over norms, (T + 1, p, k)."""
        import numpy as np

        return self.overlaps / np.sqrt(np.einsum("tii->ti", self.gram))[..., None]


def fresh_limit(
    setting: Setting,
    *,
    alpha: Sequence[float] | None = None,
    bias: Sequence[float] | float | None = None,
    method: str = "auto",
    samples: int | None = None,
    rng: int = 0,
) -> FreshLimit:
    """The deterministic limit of T steps on fresh batches, d -> infinity at fixed n/d, p and k.

    Derived in docs/notes/fresh_limit.md for the steps of arXiv 2305.18270. The limit does not depend on the setting's
    d: n and eta are read as expressions in d. Noise is a standard deviation, eta is never rescaled.
    alpha, bias: the p values of second layer and biases where the student only names their law.
    method: "quadrature" (deterministic; see Cubature), "qmc" (`samples`, a power of two, Sobol points in each of 8
        scrambles drawn from `rng`; by default 2^17 for a piecewise activation, else 2^18), "auto": quadrature where it
        is possible and its error below 1e-5 (of the largest entry, if that is above 1), else "qmc".
    Raises ProblemError for repeated batches, looking ahead, n not proportional to d, eta not of order d^0, a random
    second layer or bias without values, an activation of more than exponential growth, a limit that overflows, and
    "quadrature" where no rule fits.
    """
    if method not in METHODS:
        raise ProblemError(f"method = {method!r}; known: {', '.join(METHODS)}")
    stated, found = problem(setting, alpha, bias), None
    piecewise = is_piecewise(stated.student.activation.expr)
    samples = integer((1 << 17 if piecewise else 1 << 18) if samples is None else samples, "samples", low=2)
    if samples & (samples - 1):
        raise ProblemError(f"samples = {samples} is no power of two")
    if method != "qmc":
        try:
            found = _quadrature(setting, stated)
        except TooLarge:
            if method == "quadrature":
                raise
    if found is not None and (method == "quadrature" or _is_good(found)):
        return found
    return _qmc(setting, stated, samples, integer(rng, "rng", low=0), piecewise)


def _quadrature(setting: Setting, stated: Problem) -> FreshLimit:
    """Finer and finer, until the last change is small or the next rule too large."""
    coarse, found = trajectory(stated, Cubature(stated, 0)), None
    for level in range(1, LEVELS):
        try:
            fine = trajectory(stated, Cubature(stated, level))
        except TooLarge:
            if found is None:
                raise
            return found
        found = _compare(setting, fine, coarse)
        if _is_good(found):
            break
        coarse = fine
    assert found is not None
    return found


def _compare(setting: Setting, fine: Trajectory, coarse: Trajectory) -> FreshLimit:
    import numpy as np

    size = np.maximum(np.abs(fine[1]).max(axis=(1, 2)), 1)
    error, gram_error = (np.abs(a - b).max(axis=(1, 2)) + _ROUNDING * size for a, b in zip(fine, coarse, strict=True))
    return FreshLimit(setting, *fine, error, gram_error, "quadrature")


def _is_good(found: FreshLimit) -> bool:
    return max(found.error.max(), found.gram_error.max()) <= _GOOD * max(found.gram.max(), 1)


def _qmc(setting: Setting, stated: Problem, samples: int, rng: int, piecewise: bool) -> FreshLimit:
    import numpy as np

    dimension = stated.target.k + stated.student.p  # the rows' rank, the teacher included, is no larger
    seeds = np.random.SeedSequence(rng).spawn(SCRAMBLES)
    runs = [trajectory(stated, Sobol(dimension, samples, seed, piecewise)) for seed in seeds]
    overlaps, gram = (np.stack(part) for part in zip(*runs, strict=True))
    error, gram_error = (4 * x.std(axis=0, ddof=1).max(axis=(1, 2)) / np.sqrt(SCRAMBLES) for x in (overlaps, gram))
    return FreshLimit(setting, overlaps.mean(axis=0), gram.mean(axis=0), error, gram_error, "qmc")
