"""Steps on one sample each, for replicas side by side: the last axis of every array, so that they fill vectors.

The remainders of the rows (what is left of them beside the teacher) are `root` (p, p + 1, R), in an orthonormal basis
of R^d that turns as we please: lower triangular between steps, its last column, 0 then, the direction of the sample
outside of teacher and rows. Proof: docs/notes/chain.md.
"""

import numpy as np

from ..expressions.evaluate import BLOCK as REGISTER
from ..expressions.evaluate import evaluate
from ..kernels import kernel


def _preactivations(
    overlaps: np.ndarray, root: np.ndarray, bias: np.ndarray, inputs: np.ndarray, index: int, sample: np.ndarray,
    fields: np.ndarray,
) -> None:  # fmt: skip
    """fields (p, R) = <w_i, x> + b_i, x being inputs[:k, index] along the teacher and `sample` (p + 1, R) beside it."""
    p, k, replicas = overlaps.shape
    for i in range(p):
        for r in range(replicas):
            fields[i, r] = bias[i, r]
        for j in range(k):
            for r in range(replicas):
                fields[i, r] += overlaps[i, j, r] * inputs[j, index, r]
        for j in range(i + 1):
            for r in range(replicas):
                fields[i, r] += root[i, j, r] * sample[j, r]


def _weighted_signals(
    network: tuple, work: np.ndarray, correlation: bool, fields: np.ndarray, output: np.ndarray, labels: np.ndarray,
    values: np.ndarray, errors: np.ndarray, squares: np.ndarray,
) -> None:  # fmt: skip
    """errors (p, R) = v_i sigma'(h_i) (y - f), or with y alone if `correlation`; squares (R,) = (y - f)^2.

    network: code, constants and results of the program of sigma and sigma'. labels (R,), values (2, p R) scratch.
    """
    p, replicas = fields.shape
    code, constants, results = network
    evaluate(code, constants, results, work, fields.reshape((1, p * replicas)), values)
    residual = np.empty(replicas)
    for r in range(replicas):
        residual[r] = labels[r]
    for i in range(p):
        for r in range(replicas):
            residual[r] -= output[i, r] * values[0, i * replicas + r]
    for r in range(replicas):
        squares[r] = residual[r] * residual[r]
        residual[r] = labels[r] if correlation else residual[r]
    for i in range(p):
        for r in range(replicas):
            errors[i, r] = output[i, r] * values[1, i * replicas + r] * residual[r]


def _look_ahead(rate: float, errors: np.ndarray, inputs: np.ndarray, index: int, sample: np.ndarray,
                fields: np.ndarray) -> None:  # fmt: skip
    """Add to `fields` what a step of `rate` along `errors` does to them: rate e_i |x|^2."""
    p, replicas = fields.shape
    square = np.zeros(replicas)
    for j in range(inputs.shape[0]):
        for r in range(replicas):
            square[r] += inputs[j, index, r] * inputs[j, index, r]
    for j in range(p + 1):
        for r in range(replicas):
            square[r] += sample[j, r] * sample[j, r]
    for i in range(p):
        for r in range(replicas):
            fields[i, r] += rate * errors[i, r] * square[r]


def _rotation(kept: np.ndarray, other: np.ndarray, cosine: np.ndarray, sine: np.ndarray) -> None:
    """The rotation that brings (kept, other) to (radius, 0), and do so; none where both are 0."""
    for r in range(kept.size):
        radius = np.sqrt(kept[r] * kept[r] + other[r] * other[r])
        inverse = 1.0 / radius if radius != 0.0 else 0.0
        cosine[r] = kept[r] * inverse if radius != 0.0 else 1.0
        sine[r] = other[r] * inverse
        kept[r], other[r] = radius, 0.0


def _rotate(a: np.ndarray, b: np.ndarray, cosine: np.ndarray, sine: np.ndarray) -> None:
    """(a, b) <- (cosine a + sine b, cosine b - sine a)."""
    for r in range(a.size):
        a_r, b_r = a[r], b[r]
        a[r] = cosine[r] * a_r + sine[r] * b_r
        b[r] = cosine[r] * b_r - sine[r] * a_r


def _add_sample(root: np.ndarray, sample: np.ndarray, rate: float, errors: np.ndarray) -> None:
    """root <- root + rate errors sample^T, and back to triangular form by turning the basis, with the sample.

    Two sweeps of rotations: the first turns the sample into the first basis vector, which leaves one diagonal above
    the main one, so that the step only changes the first column; the second takes that diagonal away. Lengths below
    1e-154 count as 0, above 1e154 as infinite.
    """
    p, _, replicas = root.shape
    cosine, sine = np.empty(replicas), np.empty(replicas)
    for j in range(p - 1, -1, -1):
        rotation(sample[j], sample[j + 1], cosine, sine)
        for i in range(j, p):
            rotate(root[i, j], root[i, j + 1], cosine, sine)
    for i in range(p):
        for r in range(replicas):
            root[i, 0, r] += rate * errors[i, r] * sample[0, r]
    for j in range(p):
        rotation(root[j, j], root[j, j + 1], cosine, sine)
        for i in range(j + 1, p):
            rotate(root[i, j], root[i, j + 1], cosine, sine)
        rotate(sample[j], sample[j + 1], cosine, sine)


def _scale(overlaps: np.ndarray, root: np.ndarray, decay: float, unit: bool) -> None:
    """Rows times `decay`, or to norm one if `unit`."""
    p, k, replicas = overlaps.shape
    factor = np.empty(replicas)
    for i in range(p):
        factor[:] = 0.0 if unit else decay
        if unit:
            for j in range(k):
                for r in range(replicas):
                    factor[r] += overlaps[i, j, r] * overlaps[i, j, r]
            for j in range(i + 1):
                for r in range(replicas):
                    factor[r] += root[i, j, r] * root[i, j, r]
            for r in range(replicas):
                factor[r] = 1.0 / np.sqrt(factor[r])
        for j in range(k):
            for r in range(replicas):
                overlaps[i, j, r] *= factor[r]
        for j in range(i + 1):
            for r in range(replicas):
                root[i, j, r] *= factor[r]


def _advance(
    uses: np.ndarray, kept: np.ndarray, moves: int, rule: tuple, network: tuple, inputs: np.ndarray,
    labels: np.ndarray, student: tuple, state: tuple, records: tuple,
) -> None:  # fmt: skip
    """Look at one sample after the other, and move after each of the first `moves` looks.

    uses (looks, 2): the sample's place in the block, and whether it is a new one. kept (looks,): whether to record.
    rule: (eta, decay, look-ahead's step size, correlation loss, unit rows). inputs, labels: see ``sim.chain.draws``.
    student: bias and output (p, R). state: overlaps (p, k, R), root (p, p + 1, R), sample (p + 1, R).
    records: coordinates (kept, p, k + p, R) and squared errors of the samples (kept, R).
    """
    (code, constants, results, registers), (bias, output) = network, student
    (eta, decay, ahead, correlation, unit), (overlaps, root, sample) = rule, state
    p, k, replicas = overlaps.shape
    fields, errors = np.empty((p, replicas)), np.empty((p, replicas))
    values, squares = np.empty((2, p * replicas)), np.empty(replicas)
    work = np.empty((registers, min(REGISTER, p * replicas)))
    program = (code, constants, results)
    position = 0
    for look in range(kept.size):
        index = uses[look, 0]
        if uses[look, 1]:
            for j in range(p + 1):
                for r in range(replicas):
                    sample[j, r] = inputs[k + j, index, r]
        preactivations(overlaps, root, bias, inputs, index, sample, fields)
        weighted_signals(program, work, correlation, fields, output, labels[index], values, errors, squares)
        if kept[look]:
            records[0][position, :, :k] = overlaps
            records[0][position, :, k:] = root[:, :p]
            records[1][position] = squares
            position += 1
        if look >= moves:
            continue
        if ahead > 0.0:
            look_ahead(ahead, errors, inputs[:k], index, sample, fields)
            weighted_signals(program, work, correlation, fields, output, labels[index], values, errors, squares)
        if decay != 1.0:
            scale(overlaps, root, decay, False)
        for i in range(p):
            for j in range(k):
                for r in range(replicas):
                    overlaps[i, j, r] += eta * errors[i, r] * inputs[j, index, r]
        add_sample(root, sample, eta, errors)
        if unit:
            scale(overlaps, root, 1.0, True)


preactivations = kernel(_preactivations)
weighted_signals = kernel(_weighted_signals)
look_ahead = kernel(_look_ahead)
rotation = kernel(_rotation)
rotate = kernel(_rotate)
add_sample = kernel(_add_sample)
scale = kernel(_scale)
advance = kernel(_advance)
