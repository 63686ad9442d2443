"""Fresh batches by conditioning on the fields of teacher and rows: a chain of (overlaps, Gram matrix of the rest)."""

from __future__ import annotations

import numpy as np

from theory.problem import ProblemError, Setting

from .parts import Problem, Trajectories, root

WISHART_FORGOTTEN = "nothing of the gradient outside the span of teacher and rows"
DEGREES = "a Wishart matrix with the degrees of the teacher's complement, d - k"
UNPROJECTED = "noise outside the span along the labels too, whose linear part was looked at"


def simulate(setting: Setting, rng: np.random.Generator, replicas: int, lie: str | None = None) -> Trajectories:
    """`replicas` trajectories. Raises ProblemError where a batch is used twice."""
    if setting.extragradient or setting.regime.repeats_batches:
        raise ProblemError("a batch is used twice")
    problem, k = Problem(setting), setting.target.k
    rows, alpha, bias, output = problem.start(rng, replicas)
    overlaps, rest = rows[:, :, :k], rows[:, :, k:]
    gram = rest @ rest.swapaxes(1, 2)
    history = [(overlaps, gram)]
    for _ in setting.batch_ids:
        overlaps, gram = _step(problem, overlaps, gram, bias, output, rng, lie)
        if setting.regime.normalize_rows:
            norms = np.sqrt(np.sum(overlaps**2, axis=2) + np.einsum("rii->ri", gram))
            overlaps, gram = overlaps / norms[:, :, None], gram / (norms[:, :, None] * norms[:, None, :])
        history.append((overlaps, gram))
    teacher, remainder = (np.stack(parts, axis=1) for parts in zip(*history, strict=True))
    return Trajectories(alpha, teacher, remainder + teacher @ teacher.swapaxes(2, 3))


def _step(
    problem: Problem,
    overlaps: np.ndarray,
    gram: np.ndarray,
    bias: np.ndarray,
    output: np.ndarray,
    rng: np.random.Generator,
    lie: str | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Overlaps and the Gram matrix of the rest, one step later."""
    setting = problem.setting
    (count, p, k), n, d, eta = overlaps.shape, setting.n, setting.regime.d, setting.eta
    frame, counts = root(gram)  # coordinates of the rest of the rows along their own span
    unseen = d - k - (0 if lie == DEGREES else counts.sum(axis=1))  # dimensions outside the span
    along = rng.normal(size=(count, n, k))
    span = rng.normal(size=(count, n, p)) * counts[:, None, :]
    y = problem.labels(along, rng)
    y, direction, field = _preprocessed(setting, y, np.concatenate([along, span], axis=2), unseen, rng)
    fields = along @ overlaps.swapaxes(1, 2) + span @ frame.swapaxes(1, 2)
    errors = eta * problem.signals(fields, y, bias, output)
    turned = errors.swapaxes(1, 2)
    decay = problem.decay(eta)
    inside = decay * frame + turned @ span
    moved = [inside]
    if field is not None and direction is not None:  # one unseen dimension was looked at
        moved.append(turned @ field[:, :, None])
        if lie != UNPROJECTED:
            errors = errors - direction[:, :, None] * np.einsum("rn,rnp->rp", direction, errors)[:, None, :]
        unseen = np.maximum(unseen - 1, 0)
    free = rng.normal(size=(count, p, d)) * (np.arange(d) < np.reshape(unseen, (-1, 1)))[:, None, :]
    moved.append(root(errors.swapaxes(1, 2) @ errors)[0] @ free)
    kept = moved[:-1] if lie == WISHART_FORGOTTEN else moved
    return decay * overlaps + turned @ along, sum(part @ part.swapaxes(1, 2) for part in kept)


def _preprocessed(
    setting: Setting, y: np.ndarray, seen: np.ndarray, unseen: np.ndarray | int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Labels as the step sees them; y / |y|, and the samples' fields along N^T y, if that direction was looked at.

    N (n x m) are the unseen coordinates. With u = y / |y|, N = u q^T + (1 - u u^T) N', q and N' independent: N^T y is
    |y| q, and along it the fields are u |q| + (1 - u u^T) xi, xi = N' q / |q| normal whatever q is.
    """
    degree, n = setting.regime.preprocess, setting.n
    if degree is None:
        return y, None, None
    centred = y - y.mean(axis=1, keepdims=True)
    if degree == 0:
        return centred, None, None
    norm = np.linalg.norm(y, axis=1, keepdims=True)
    u = y / norm
    unseen = np.broadcast_to(unseen, len(y))
    length = np.sqrt(np.where(unseen > 0, rng.chisquare(np.maximum(unseen, 1)), 0.0))[:, None]
    xi = rng.normal(size=y.shape)
    field = (u * length + xi - u * np.sum(u * xi, axis=1, keepdims=True)) * (unseen > 0)[:, None]
    linear = np.einsum("rns,rms,rm->rn", seen, seen, y, optimize=True) / n
    return centred - linear - norm * length / n * field, u, field
