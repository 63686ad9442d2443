"""One sample a step as a Markov chain: overlaps, Gram matrix, and of the sample its fields and its squared norm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.problem import ProblemError, Setting

from .parts import Problem, Trajectories, root

NORM_INSIDE = "|x|^2 without the part outside the span"
DEGREES = "|x|^2 with d degrees outside the span"
RESAMPLED = "another sample at a second use"


def simulate(setting: Setting, rng: np.random.Generator, replicas: int, lie: str | None = None) -> Trajectories:
    """`replicas` trajectories. Raises ProblemError unless n = 1, labels are left alone and no sample comes back."""
    ids = setting.batch_ids
    returns = any(batch in ids[:step] and ids[step - 1] != batch for step, batch in enumerate(ids))
    if setting.n > 1 or setting.regime.preprocess is not None or returns:
        raise ProblemError("takes one sample a step, its label as it is, and not again after others")
    problem, k = Problem(setting), setting.target.k
    rows, alpha, bias, output = problem.start(rng, replicas)
    overlaps, gram = rows[:, :, :k], rows @ rows.swapaxes(1, 2)
    history, previous, sample = [(overlaps, gram)], -1, None
    for batch_id in ids:
        if sample is None or batch_id != previous or lie == RESAMPLED:
            sample = _draw(problem, overlaps, gram, rng, lie)
        overlaps, gram = _step(problem, overlaps, gram, sample, bias, output)
        history, previous = [*history, (overlaps, gram)], batch_id
    teacher, grams = (np.stack(parts, axis=1) for parts in zip(*history, strict=True))
    return Trajectories(alpha, teacher, grams)


@dataclass
class _Sample:
    """Along the teacher (R, k), along the rows (R, p) as they are now, squared norm (R, 1) and label (R, 1)."""

    teacher: np.ndarray
    fields: np.ndarray
    square: np.ndarray
    y: np.ndarray


def _draw(
    problem: Problem, overlaps: np.ndarray, gram: np.ndarray, rng: np.random.Generator, lie: str | None
) -> _Sample:
    """A sample as these rows see it."""
    count, p, k = overlaps.shape
    frame, counts = root(gram - overlaps @ overlaps.swapaxes(1, 2))
    teacher, span = rng.normal(size=(count, k)), rng.normal(size=(count, p)) * counts
    fields = np.einsum("rik,rk->ri", overlaps, teacher) + np.einsum("rij,rj->ri", frame, span)
    d = problem.setting.regime.d
    degrees = np.full(count, d) if lie == DEGREES else d - k - counts.sum(axis=1)
    outside = np.where(degrees > 0, rng.chisquare(np.maximum(degrees, 1)), 0.0)
    inside = np.sum(teacher**2, axis=1) + np.sum(span**2, axis=1)
    square = inside if lie == NORM_INSIDE else inside + outside
    return _Sample(teacher, fields, square[:, None], problem.labels(teacher[:, None, :], rng))


def _step(
    problem: Problem, overlaps: np.ndarray, gram: np.ndarray, sample: _Sample, bias: np.ndarray, output: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Overlaps and Gram matrix one step later; `sample` keeps up with the rows.

    The rows move by e x^T, so that their fields move by e |x|^2, whatever else x is.
    """

    def signals(fields: np.ndarray) -> np.ndarray:
        return problem.signals(fields[:, None, :], sample.y, bias, output)[:, 0]

    setting, fields = problem.setting, sample.fields
    ahead = fields + setting.extragradient * signals(fields) * sample.square if setting.extragradient else fields
    e, decay = setting.eta * signals(ahead), problem.decay(setting.eta)
    cross = decay * e[:, :, None] * fields[:, None, :]
    square = sample.square[:, :, None] * e[:, :, None] * e[:, None, :]
    gram = decay**2 * gram + cross + cross.swapaxes(1, 2) + square
    overlaps = decay * overlaps + e[:, :, None] * sample.teacher[:, None, :]
    sample.fields = decay * fields + e * sample.square
    if setting.regime.normalize_rows:
        norms = np.sqrt(np.einsum("rii->ri", gram))
        overlaps, gram = overlaps / norms[:, :, None], gram / (norms[:, :, None] * norms[:, None, :])
        sample.fields = sample.fields / norms
    return overlaps, gram
