"""What one sample a step needs to be drawn: its coordinates among teacher and rows, and its distance from them."""

import math

import numpy as np

from ..expressions.evaluate import BLOCK as REGISTER
from ..expressions.evaluate import evaluate
from ..kernels import kernel
from ..random.normals import chi_square, fill
from ..random.streams import FIELDS
from ..random.words import draw, open_stream

_TILE = 8  # replicas drawn before they are interleaved: a cache line of numbers
_12 = np.uint64(12)


def _roots(state: np.ndarray, df: int, values: np.ndarray) -> None:
    """Square roots of chi-squared numbers with `df` >= 0 degrees of freedom, made of the standard normals in `values`.

    From df = 2 on by rejection from a cubed normal (Marsaglia and Tsang, 2000), as in ``chi_square``, but the first
    try of all at once: x is taken with probability exp(d (3 log(1 + t) - 3 t + 3/2 t^2 - t^3)), t = x / sqrt(9 d),
    whose logarithm is at least -3/2 d t^4 where t >= -1/2 (Taylor), so that few need a logarithm.
    """
    if df < 2:
        for i in range(values.size):
            values[i] = abs(values[i]) if df == 1 else 0.0
        return
    d = 0.5 * df - 1.0 / 3.0
    words = np.empty(values.size, np.uint64)
    draw(state, words)
    sure, tries = np.empty(values.size, np.bool_), np.empty(values.size)
    for i in range(values.size):
        t = values[i] / math.sqrt(9.0 * d)
        u = (float(words[i] >> _12) + 0.5) * 2.0**-52
        sure[i] = (t >= -0.5) & (u < 1.0 - 1.5 * d * t * t * t * t)
        tries[i] = math.sqrt(2.0 * d * max(1.0 + t, 0.0)) * (1.0 + t)
    for i in range(values.size):
        if not sure[i] and not accepted(values[i], d, (float(words[i] >> _12) + 0.5) * 2.0**-52):
            tries[i] = math.sqrt(chi_square(state, df))
    values[:] = tries


def _accepted(x: float, d: float, u: float) -> bool:
    """Whether the uniform number u takes the normal number x for a chi-squared one."""
    t = x / math.sqrt(9.0 * d)
    if t <= -1.0:
        return False
    return math.log(u) < d * (3.0 * math.log1p(t) - t * (3.0 + t * (t - 1.5)))


def _draw_samples(
    key: np.ndarray, first: int, block: int, df: int, k: int, p: int, noise: float, teacher: tuple,
    inputs: np.ndarray, labels: np.ndarray,
) -> None:  # fmt: skip
    """Samples of one block, for replicas `first` .. `first` + R - 1, which are the fast axis.

    inputs (k + p + 1 or, with noise, + 2, samples, R): coordinates along the teacher, in the rows' remainders, length
    of what is outside both (chi with `df` degrees of freedom), label noise. labels (samples, R). teacher: code,
    constants, results and number of registers of f*.
    """
    width, samples, replicas = inputs.shape
    buffer = np.empty((_TILE, width, samples))
    for start in range(0, replicas, _TILE):
        tile = min(_TILE, replicas - start)
        for r in range(tile):
            state = open_stream(key, first + start + r, FIELDS, 0, block)
            fill(state, buffer[r])
            roots(state, df, buffer[r, k + p])
        for i in range(width):
            for s in range(samples):
                for r in range(tile):
                    inputs[i, s, start + r] = buffer[r, i, s]
    code, constants, results, registers = teacher
    work = np.empty((registers, REGISTER))
    flat = labels.reshape((1, labels.size))
    evaluate(code, constants, results, work, inputs.reshape((width, labels.size)), flat)
    if noise > 0.0:
        added = inputs[width - 1].reshape(labels.size)
        for i in range(labels.size):
            flat[0, i] += noise * added[i]


accepted = kernel(_accepted)
roots = kernel(_roots)
draw_samples = kernel(_draw_samples)
