"""Test error E (f* - f)^2 on clean labels, by Monte Carlo over inputs no batch has seen."""

import numpy as np

from theory.problem import Activation

from .data import Teacher
from .inputs import Inputs
from .random.normals import fill
from .random.streams import HELD_OUT, HELD_OUT_SHARED, Streams
from .student.initial import State
from .student.network import Buffers, Network
from .threads import Crew

SAMPLES = 2**14
_BLOCK = 1024


def held_out_error(
    teacher: Teacher,
    activation: Activation,
    state: State,
    streams: Streams,
    crew: Crew,
    buffers: Buffers,
    law: Inputs | None = None,
) -> tuple[float, float]:
    """(mean, its Monte Carlo standard error) of (f*(x) - f(x))^2 over SAMPLES held-out inputs, in float64.

    Labels carry neither noise nor preprocessing. f* and f see x only through the teacher coordinates and the
    preactivations, so x is drawn in the span of teacher and rows where that is smaller than R^d: with
    W = [M, W_perp], the rows [M, (W_perp W_perp^T)^{1/2}] give preactivations of the same law. The same
    inputs serve every step. (nan, nan) if the rows are not finite. law: of inputs that are not turned as easily; these
    are drawn in R^d.
    """
    whole = law is not None and law.special
    rows = state.rows.astype(np.float64)
    rows = rows if whole else _reduced_rows(rows, teacher.k)
    if not np.isfinite(rows).all():
        return float("nan"), float("nan")
    reduced = State(rows, state.alpha, state.bias, state.output, False)
    network = Network(activation, reduced, buffers)

    def block_errors(block: int) -> tuple[float, float]:
        inputs = np.empty((_BLOCK, rows.shape[1]))
        if law is not None and whole:
            law.fill((HELD_OUT, HELD_OUT_SHARED), 0, block, inputs)
            labels = teacher(law.along_teacher(inputs))
        else:
            fill(streams.open(HELD_OUT, block=block), inputs)
            labels = teacher(inputs)
        squares = (labels - network.output(inputs)) ** 2
        return squares.sum(), (squares**2).sum()

    sums = np.array(list(crew.stream(block_errors, range(SAMPLES // _BLOCK)))).sum(axis=0)
    mean, second_moment = sums / SAMPLES
    return float(mean), float(np.sqrt(max(second_moment - mean**2, 0.0) / (SAMPLES - 1)))


def _reduced_rows(rows: np.ndarray, k: int) -> np.ndarray:
    p, d = rows.shape
    gram = rows[:, k:] @ rows[:, k:].T
    if d <= p + k or not np.isfinite(gram).all():
        return rows if np.isfinite(gram).all() else np.full_like(rows, np.nan)
    values, vectors = np.linalg.eigh(gram)
    root = vectors * np.sqrt(np.maximum(values, 0.0))  # equal rows: rounding may leave an eigenvalue below 0
    return np.concatenate([rows[:, :k], root], axis=1)
