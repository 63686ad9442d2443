"""The student before training."""

from dataclasses import dataclass

import numpy as np

from theory.problem import Setting

from ..random.normals import fill
from ..random.streams import BIAS, ROWS, SECOND_LAYER, Streams, block_rows, cut
from ..threads import Crew


@dataclass
class State:
    """rows W (p, d), which training changes, and alpha, bias and output weights v (p,), which stay frozen.

    f(x) = sum_i v_i sigma(<w_i, x> + b_i) with v_i = alpha_i / p ("mean-field") or alpha_i / sqrt(p) ("ntk").
    mirrored: rows and biases come in equal pairs (i, p - 1 - i) with opposite alpha, so that f = 0 exactly.
    """

    rows: np.ndarray
    alpha: np.ndarray
    bias: np.ndarray
    output: np.ndarray
    mirrored: bool

    def first_half(self) -> "State":
        """Neurons 0 .. p/2 - 1 of a mirrored student; the others are their images."""
        half = len(self.rows) // 2
        return State(self.rows[:half], self.alpha[:half], self.bias[:half], self.output[:half], False)


def initial_state(setting: Setting, streams: Streams, dtype: np.dtype, crew: Crew) -> State:
    """Rows uniform on the unit sphere of R^d, alpha and biases as the student says.

    "symmetric": w_{p-1-i} = w_i, alpha_{p-1-i} = -alpha_i, b_{p-1-i} = b_i (counted from 0): only the first
    p/2 are drawn. Given arrays are used as they are.
    """
    student, d = setting.student, setting.regime.d
    symmetric = student.init == "symmetric"
    drawn = student.p // 2 if symmetric else student.p
    rows = _unit_rows(drawn, d, streams, crew)
    if symmetric:
        rows = np.concatenate([rows, rows[::-1]])
    return State(rows.astype(dtype, copy=False), *second_layer(setting, streams), symmetric)


def second_layer(setting: Setting, streams: Streams) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """alpha, bias and output weights v, each (p,): what training leaves as it is. Given arrays are used as they are."""
    student = setting.student
    symmetric = student.init == "symmetric"
    drawn = student.p // 2 if symmetric else student.p
    alpha = _draw(student.second_layer, drawn, streams, SECOND_LAYER)
    bias = _draw(student.bias, drawn, streams, BIAS)
    if symmetric:
        alpha = np.concatenate([alpha, -alpha[::-1]]) if len(alpha) == drawn else alpha
        bias = np.concatenate([bias, bias[::-1]]) if len(bias) == drawn else bias
    return alpha, bias, alpha / (student.p if student.scaling == "mean-field" else np.sqrt(student.p))


def row_norms(rows: np.ndarray) -> np.ndarray:
    """Euclidean norms of the rows of a (p, d) array, as a column (p, 1)."""
    return np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]


def _unit_rows(count: int, d: int, streams: Streams, crew: Crew) -> np.ndarray:
    rows = np.empty((count, d))

    def draw(part: tuple[int, int]) -> None:
        block = rows[part[0] : part[0] + part[1]]
        fill(streams.open(ROWS, block=part[0] // block_rows(d)), block)
        block /= row_norms(block)

    crew.work(draw, cut(count, block_rows(d)))
    return rows


def _draw(law: str | float | tuple[float, ...], count: int, streams: Streams, purpose: int) -> np.ndarray:
    if isinstance(law, tuple):
        return np.array(law, dtype=np.float64)
    if not isinstance(law, str):
        return np.full(count, float(law))
    generator = streams.generator(purpose)
    if law == "uniform":
        return generator.uniform(-1.0, 1.0, count)
    if law == "gaussian":
        return generator.standard_normal(count)
    return generator.choice(np.array([-1.0, 1.0]), count)  # "rademacher"
