"""What the fitted network gets wrong, on samples of its own and clean labels."""

from typing import NamedTuple

import numpy as np

from ..random.streams import cut
from ..student.network import Buffers
from ..threads import Crew
from .degrees import Degrees
from .design import Features
from .samples import Samples


class Errors(NamedTuple):
    """E (f* - f)^2 and, for polynomial targets, R_j, each with its standard error; see ``Readout``."""

    test_error: float
    test_error_stderr: float
    learned: np.ndarray | None
    learned_stderr: np.ndarray | None


def evaluate(
    features: Features,
    samples: Samples,
    coefficients: np.ndarray,
    degrees: Degrees | None,
    buffers: Buffers,
    crew: Crew,
) -> Errors:
    """f = Phi a for a (p,), over the clean `samples`."""
    p = len(features.rows)
    scaled = coefficients / np.sqrt(p)

    def sums(part: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        inputs = buffers.take("readout inputs", (part[1], samples.columns), np.dtype(float))
        values = buffers.take("readout features", (part[1], p), np.dtype(float))
        labels = samples.draw(part[0], inputs)
        features.fill(inputs, values)
        output = values @ scaled
        squares = (labels - output) ** 2
        moments = _moments(output, labels, degrees(inputs)) if degrees else np.zeros(0)
        return np.array([squares.sum(), squares @ squares]), moments

    totals = list(crew.stream(sums, cut(samples.size, samples.slab)))
    total, squares = np.sum([part for part, _ in totals], axis=0) / samples.size
    stderr = np.sqrt(max(squares - total**2, 0.0) / (samples.size - 1))
    if degrees is None:
        return Errors(float(total), float(stderr), None, None)
    learned = _fractions(np.sum([part for _, part in totals], axis=0), degrees.energies)
    return Errors(float(total), float(stderr), *learned)


def _moments(output: np.ndarray, labels: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Sums of 1, x, c, x^2, x c, c^2, x = f P_j f* and c = f* P_j f*: (2 halves, 6, J + 1); samples alternate."""
    x, c = output * parts, labels * parts
    each = np.stack([np.ones_like(x), x, c, x * x, x * c, c * c])
    return np.stack([each[..., half::2].sum(axis=-1) for half in (0, 1)])


def _fractions(sums: np.ndarray, energies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """R_j = E[f P_j f*] / E (P_j f*)^2 and its standard error; NaN where the target has no part of degree j.

    f* P_j f* has the known mean E (P_j f*)^2, and what its average misses is taken off that of f P_j f*, times a
    slope: that of a regression on the other half of the samples, so that each half stays unbiased given the other.
    For f = f* this leaves R_j = 1 for certain, and for f = 0 R_j = 0.
    """
    counts = sums[:, 0]
    x, c, xx, xc, cc = np.moveaxis(sums[:, 1:] / counts[:, None], 1, 0)
    spread = np.maximum(cc - c * c, 0.0)
    with np.errstate(all="ignore"):
        slope = np.where(spread > 1e-12 * cc, (xc - x * c) / spread, 0.0)[::-1]
        means = x - slope * (c - energies)
        variances = np.maximum(xx - x * x - 2 * slope * (xc - x * c) + slope**2 * spread, 0.0)
        weights = counts / counts.sum(axis=0)
        mean = (weights * means).sum(axis=0) / energies
        stderr = np.sqrt((weights**2 * variances / (counts - 1)).sum(axis=0)) / energies
    empty = energies == 0.0
    return np.where(empty, np.nan, mean), np.where(empty, np.nan, stderr)
