"""Sums over a fresh batch, drawn block by block in the few coordinates that its samples are seen through."""

import numpy as np

from ..algebra.products import add_combinations, add_products
from ..expressions.evaluate import BLOCK as REGISTER
from ..expressions.evaluate import evaluate
from ..expressions.signals import signals
from ..kernels import kernel
from ..random.normals import fill
from ..random.streams import FIELDS
from ..random.words import open_stream

SLICE = 512  # samples seen at a time: few enough for their fields to stay in cache


def _draw(state: np.ndarray, noise: float, teacher: tuple, inputs: np.ndarray) -> np.ndarray:
    """Fill `inputs` (columns, m), the last row with label noise if there is any, and return the labels (m,).

    teacher: code, constants, results and number of registers of f* (see ``evaluate``), whose arguments are the
    first rows of `inputs`.
    """
    code, constants, results, registers = teacher
    fill(state, inputs)
    labels = np.empty((1, inputs.shape[1]))
    evaluate(code, constants, results, np.empty((registers, REGISTER)), inputs, labels)
    if noise > 0.0:
        for s in range(inputs.shape[1]):
            labels[0, s] += noise * inputs[-1, s]
    return labels[0]


draw = kernel(_draw)


def _accumulate(
    key: np.ndarray, first: int, batch: int, n: int, blocks: tuple, noise: float, teacher: tuple, network: tuple,
    correlation: bool, rows: np.ndarray, bias: np.ndarray, output: np.ndarray, correction: np.ndarray, q: int,
    along: np.ndarray, beside: np.ndarray, gram: np.ndarray, against: np.ndarray, squares: np.ndarray,
) -> None:  # fmt: skip
    """Add what the samples of blocks[0] <= block < blocks[1] contribute, for replicas `first` .. `first` + R - 1.

    A block has blocks[2] samples, which share a stream.
    rows (R, p, D), bias and output (R, p): the network; `network`: program of sigma and sigma', or sigma' alone where
    f = 0. Labels are gain y - mean - <linear, fields>, correction (R, .) = (gain, mean, *linear).
    With e_i = sigma'(h_i) times the residual and q >= D fields drawn: along (R, p, k) receives sum e_i times the first
    k fields, beside (R, p, q - k) times the others, gram (R, p, p) sum e_i e_j, against (R, p, 1) sum e_i y, and
    squares (R,) sum (y - f)^2. beside, gram and against may be empty: (R, p, 0).
    """
    replicas, p, k = along.shape
    work = np.empty((network[3], REGISTER))
    for r in range(replicas):
        for block in range(blocks[0], blocks[1]):
            state = open_stream(key, first + r, FIELDS, batch, block)
            end = min(n, (block + 1) * blocks[2])
            for start in range(block * blocks[2], end, SLICE):
                m = min(SLICE, end - start)
                inputs = np.empty((q + (1 if noise > 0.0 else 0), m))
                raw = draw(state, noise, teacher, inputs)
                labels = correction[r, 0] * raw - correction[r, 1]
                for j in range(correction.shape[1] - 2):
                    for s in range(m):
                        labels[s] -= correction[r, 2 + j] * inputs[j, s]
                fields, errors, values = np.empty((p, m)), np.empty((p, m)), np.empty((network[2].size - 1, p * m))
                for i in range(p):
                    fields[i] = bias[r, i]
                add_combinations(fields, 1.0, rows[r], inputs[: rows.shape[2]])
                squares[r] += signals(
                    network[0], network[1], network[2], work, fields, output[r], labels, correlation, values, errors
                )
                add_products(along[r], errors, inputs[:k])
                add_products(beside[r], errors, inputs[k : k + beside.shape[2]])
                add_products(gram[r], errors, errors[: gram.shape[2]])
                add_products(against[r], errors, raw.reshape((1, m))[: against.shape[2]])


accumulate = kernel(_accumulate)


def _add_moments(
    key: np.ndarray, first: int, batch: int, n: int, blocks: tuple, noise: float, teacher: tuple, moments: np.ndarray
) -> None:
    """moments (R, q + 2) += sum over the samples of `blocks` of y, y^2 and y times each of q fields."""
    q = moments.shape[1] - 2
    for r in range(moments.shape[0]):
        for block in range(blocks[0], blocks[1]):
            state = open_stream(key, first + r, FIELDS, batch, block)
            end = min(n, (block + 1) * blocks[2])
            for start in range(block * blocks[2], end, SLICE):
                inputs = np.empty((q + (1 if noise > 0.0 else 0), min(SLICE, end - start)))
                labels = draw(state, noise, teacher, inputs).reshape((1, -1))
                add_products(moments[r : r + 1, :1], labels, np.ones(labels.shape))
                add_products(moments[r : r + 1, 1:2], labels, labels)
                add_products(moments[r : r + 1, 2:], labels, inputs[:q])


add_moments = kernel(_add_moments)
