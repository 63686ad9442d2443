"""Ridge regression on the conditional Gaussian equivalent of trained features, solved at finite n, p and d."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..fresh.functions import function
from ..problem import Activation, ProblemError, Target
from ..problem.scalars import integer
from .arrays import matrix, row
from .penalty import penalties
from .tables import Tables

if TYPE_CHECKING:
    import numpy as np

_SAME = 0.99  # absolute cosine of two remainders that are one


@dataclass(frozen=True)
class EquivalentErrors:
    """Means over replicas and their standard errors (`*_stderr`), given the rows.

    train_loss: (1/n)|y - F a|^2 + ridge |a|^2, noisy labels; train_error: without the penalty; test_error: E(f* - f)^2,
    clean labels; test_loss adds noise^2. coherence: the largest eigenvalue of the remainders' cosines over
    (1 + sqrt(p/d))^2, near 1 for random remainders; well above, `directions` miss one that the rows share.
    error: numerical, of the coefficients.
    """

    train_loss: float
    train_error: float
    test_error: float
    test_loss: float
    train_loss_stderr: float
    train_error_stderr: float
    test_error_stderr: float
    coherence: float
    error: float


def equivalent_errors(
    target: Target | str,
    activation: Activation | str,
    rows: Any,
    directions: Any = None,
    *,
    samples: int,
    ridge: float | None = None,
    gamma: float | None = None,
    bias: Any = 0.0,
    unconditional: bool = False,
    test_samples: int = 4096,
    replicas: int = 8,
    rng: int = 0,
) -> EquivalentErrors:
    """Ridge on n = `samples` draws of mu_0(kappa) + mu_1(kappa) <w_perp, z_perp> + mu_star(kappa) zeta in place of
    sigma(<w, z> + b): the conditional Gaussian equivalent, whose errors are those of the features up to o(1) at
    n, p ~ d (arXiv 2305.18270, Theorem 2; docs/notes/ridge.md).

    rows (p, d): the rows w_i; the first k coordinates are the teacher's. directions (d, m), any basis of U, kappa = P_U
    z: every direction with which many rows overlap by O(1), the noise direction common to all rows after a giant step
    included. Not centred, no intercept. zeta ~ N(0, 1), independent over samples and neurons.
    unconditional: the equivalent with U = {0}, coefficients of |w_i| alone; it fails once rows have learned.
    ridge: penalty ridge n on sigma(W z); gamma: on sigma(W z)/sqrt(p), not times n; give one.
    Raises ProblemError for shapes that do not fit, zero or both penalties, and two rows with one remainder (symmetric
    starts: their zetas are not independent).
    """
    import numpy as np

    target, activation = Target(target), Activation(activation)
    rows = matrix(rows, "rows")
    (p, d), n = rows.shape, integer(samples, "samples", low=1)
    replicas, test = integer(replicas, "replicas", low=2), integer(test_samples, "test_samples", low=2)
    if not p:
        raise ProblemError("rows is empty")
    if target.k > d:
        raise ProblemError(f"rows of length {d}, and the target has k = {target.k} coordinates")
    ridge, gamma = penalties(ridge, gamma, n / p)
    if not ridge > 0:
        raise ProblemError("the equivalent problem needs a positive penalty")
    basis = np.zeros((d, 0)) if unconditional or directions is None else _basis(directions, d)
    overlaps = rows @ basis
    rest = rows - overlaps @ basis.T
    tables = Tables(activation, overlaps, np.linalg.norm(rest, axis=1), row(bias, "bias", p))
    coherence = _coherence(rest, check=not unconditional)
    label, found = function(target.expr, target.symbols), []
    for seed in np.random.SeedSequence(integer(rng, "rng", low=0)).spawn(replicas):
        draw = np.random.default_rng(seed)
        linear, spread, clean = _features(tables, basis, rest, label, target.k, n, draw)
        features = linear + spread * draw.standard_normal((n, p))
        y = clean + target.noise * draw.standard_normal(n)
        a = _fit(features, y, ridge * n)
        train = float(np.mean((y - features @ a) ** 2))
        linear, spread, clean = _features(tables, basis, rest, label, target.k, test, draw)
        error = float(np.mean((clean - linear @ a) ** 2 + spread**2 @ a**2))
        found.append((train + ridge * float(a @ a), train, error))
    mean, deviation = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(replicas)
    values = dict(zip(("train_loss", "train_error", "test_error"), map(float, mean), strict=True))
    errors = dict(zip((f"{name}_stderr" for name in values), map(float, deviation), strict=True))
    test_loss = values["test_error"] + target.noise**2
    return EquivalentErrors(**values, **errors, test_loss=test_loss, coherence=coherence, error=tables.error)


def _features(
    tables: Tables, basis: "np.ndarray", rest: "np.ndarray", label: Any, k: int, count: int, draw: Any
) -> "tuple[np.ndarray, np.ndarray, np.ndarray]":
    """mu_0 + mu_1 <w_perp, z_perp> and mu_star, (count, p), and f*(z), (count,)."""
    z = draw.standard_normal((count, rest.shape[1]))
    mu_0, mu_1, mu_star = tables(z @ basis)
    return mu_0 + mu_1 * (z @ rest.T), mu_star, label(*z[:, :k].T)


def _fit(features: "np.ndarray", y: "np.ndarray", penalty: float) -> "np.ndarray":
    """argmin |y - F a|^2 + penalty |a|^2, on the smaller side."""
    import numpy as np
    from scipy.linalg import solve

    n, p = features.shape
    if p <= n:
        return solve(features.T @ features + penalty * np.eye(p), features.T @ y, assume_a="pos")
    return features.T @ solve(features @ features.T + penalty * np.eye(n), y, assume_a="pos")


def _basis(directions: Any, d: int) -> "np.ndarray":
    """An orthonormal basis of the columns' span, (d, rank)."""
    import numpy as np

    columns = matrix(directions, "directions")
    if columns.shape[0] != d:
        raise ProblemError(f"directions of shape {columns.shape}: columns of length d = {d} are needed")
    left, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    return left[:, sizes > 1e-12 * sizes.max(initial=0)]


def _coherence(rest: "np.ndarray", check: bool) -> float:
    import numpy as np

    p, d = rest.shape
    sizes = np.linalg.norm(rest, axis=1, keepdims=True)
    units = np.divide(rest, sizes, out=np.zeros_like(rest), where=sizes > 0)
    if check and (np.abs(units @ units.T - np.eye(p)) > _SAME).any():
        raise ProblemError("two rows have the same remainder, so their zetas are not independent; use init='plain'")
    return float(np.linalg.norm(units, 2) ** 2 / (1 + np.sqrt(p / d)) ** 2)
