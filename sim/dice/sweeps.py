"""Passes over the samples of a batch of which only some combinations are known; see ``sim.dice.ledger``.

Samples lie in chunks: numbers of a chunk have a stream of their own, and sums are taken over spans of chunks. A span
is (replica, end, chunk, end); arrays of sums have its replicas on their first axis, all others all replicas.
"""

from typing import NamedTuple

import numpy as np

from ..algebra.products import add_combinations, add_products
from ..expressions.evaluate import BLOCK as REGISTER
from ..expressions.evaluate import evaluate
from ..expressions.signals import signals
from ..kernels import kernel
from ..random.normals import fill
from ..random.streams import FIELDS, NOISE
from ..random.words import open_stream

DONE, CLEAN, KEEP = range(3)  # what `refine` does to the errors of a replica


class Known(NamedTuple):
    """What is known of the data matrices X (n, d) that R replicas have for one batch.

    right (R, a, D): orthonormal directions of R^d, the first rights[r] rows in use, and images (R, chunks, a, width):
    X times them. left (R, chunks, m, width): orthonormal directions of R^n, the first lefts[r] in use, and back
    (R, m, D): X^T times them. In the last chunk samples from n on are zeros.
    """

    right: np.ndarray
    images: np.ndarray
    rights: np.ndarray
    left: np.ndarray
    back: np.ndarray
    lefts: np.ndarray


class Query(NamedTuple):
    """Vectors w whose images X w are wanted: coefficients (R, p, a) give them in terms of the directions known.

    before (R,): from this direction on they are new; inside (R, p, m): S^T X of the new ones less S^T of the normals.
    """

    coefficients: np.ndarray
    before: np.ndarray
    inside: np.ndarray


def _draw(
    key: np.ndarray, first: int, batch: int, number: int, n: int, known: Known, before: np.ndarray, span: tuple,
    inner: np.ndarray,
) -> None:  # fmt: skip
    """Normals for the images of new directions; inner (., p, m) += their products with the left directions."""
    chunks, width = known.images.shape[1], known.images.shape[3]
    for r in range(span[0], span[1]):
        new, m = known.rights[r] - before[r], known.lefts[r]
        products = np.zeros((new, m))
        for c in range(span[2], span[3]):
            images, count = known.images[r, c, before[r] : known.rights[r]], min(width, n - c * width)
            state = open_stream(key, first + r, FIELDS, batch, number * chunks + c)
            if count == width:
                fill(state, images)
            else:
                part = np.empty((new, count))
                fill(state, part)
                images[:, :count] = part
                images[:, count:] = 0.0
            add_products(products, images, known.left[r, c, :m])
        inner[r - span[0], :new, :m] = products


def _label(
    key: np.ndarray, first: int, batch: int, n: int, known: Known, teacher: tuple, noise: float, labels: np.ndarray,
    span: tuple, moments: np.ndarray,
) -> None:  # fmt: skip
    """labels (R, chunks, width) from the first images, which are those of the teacher; moments (., 2) += y and y^2."""
    code, constants, results, registers = teacher
    width = labels.shape[2]
    work, normals = np.empty((registers, REGISTER)), np.empty(width)
    for r in range(span[0], span[1]):
        for c in range(span[2], span[3]):
            count = min(width, n - c * width)
            values = labels[r, c : c + 1]
            evaluate(code, constants, results, work, known.images[r, c], values)
            if noise > 0.0:
                fill(open_stream(key, first + r, NOISE, batch, c), normals[:count])
                values[0] += noise * normals
            values[0, count:] = 0.0
            moments[r - span[0], 0] += values.sum()
            moments[r - span[0], 1] += (values * values).sum()


def _complete(known: Known, query: Query, r: int, c: int) -> None:
    """From normals to images: their part along the left directions is known."""
    before, end, m = query.before[r], known.rights[r], known.lefts[r]
    inside = np.ascontiguousarray(query.inside[r, : end - before, :m])
    complete_images = known.images[r, c, before:end]
    add_combinations(complete_images, 1.0, inside, known.left[r, c, :m])


def _remove_linear(n: int, known: Known, query: Query, mean: np.ndarray, labels: np.ndarray, span: tuple) -> None:
    """labels -= mean + X w, for the only vector w of `query`."""
    width = labels.shape[2]
    for r in range(span[0], span[1]):
        weights = np.ascontiguousarray(query.coefficients[r, :, : known.rights[r]])
        for c in range(span[2], span[3]):
            complete(known, query, r, c)
            values = labels[r, c : c + 1]
            add_combinations(values, -1.0, weights, known.images[r, c, : known.rights[r]])
            values -= mean[r]
            values[:, min(width, n - c * width) :] = 0.0


def _look(
    n: int, known: Known, query: Query, network: tuple, bias: np.ndarray, output: np.ndarray, correlation: bool,
    labels: np.ndarray, errors: np.ndarray, span: tuple, squares: np.ndarray, inner: np.ndarray, gram: np.ndarray,
) -> None:  # fmt: skip
    """Completes the images and fills errors (R, chunks, >= p, width) with sigma'(h) times the residual.

    squares (.,) += (y - f)^2; inner (., p, m) += errors times left directions; gram (., p, p) += errors times errors.
    `network`: the program of sigma and sigma', or of sigma' alone where f = 0. bias, output (R, p).
    """
    code, constants, results, registers = network
    p, width = bias.shape[1], labels.shape[2]
    work, values = np.empty((registers, REGISTER)), np.empty((results.size - 1) * p * width)
    fields, found = np.empty(p * width), np.empty(p * width)
    for r in range(span[0], span[1]):
        m, weights = known.lefts[r], np.ascontiguousarray(query.coefficients[r, :, : known.rights[r]])
        products, squared = np.zeros((p, m)), np.zeros((p, p))
        for c in range(span[2], span[3]):
            complete(known, query, r, c)
            count = min(width, n - c * width)
            images, error = known.images[r, c, : known.rights[r]], errors[r, c, :p]
            if count < width:
                images = np.ascontiguousarray(images[:, :count])
            h, e = fields[: p * count].reshape((p, count)), found[: p * count].reshape((p, count))
            for i in range(p):
                h[i] = bias[r, i]
            add_combinations(h, 1.0, weights, images)
            sigma = values[: (results.size - 1) * p * count].reshape((results.size - 1, p * count))
            squares[r - span[0]] += signals(
                code, constants, results, work, h, output[r], labels[r, c, :count], correlation, sigma, e
            )
            error[:, :count] = e
            error[:, count:] = 0.0
            add_products(products, error, known.left[r, c, :m])
            add_products(squared, error, error)
        inner[r - span[0], :, :m] = products
        gram[r - span[0]] = squared


def _refine(
    errors: np.ndarray, known: Known, stage: np.ndarray, removed: np.ndarray, inverse: np.ndarray, norms: np.ndarray,
    fresh: np.ndarray, span: tuple, inner: np.ndarray, gram: np.ndarray, seen: np.ndarray,
) -> None:  # fmt: skip
    """One step of ``sim.algebra.orthonormal.separate`` for all samples: errors become inverse (errors - removed left).

    removed (R, p, m), inverse (R, p, p), inner and gram as in `look`. norms (R, p), of the errors as they were first:
    where not finite, they are lost. Where stage[r] is KEEP, the first fresh[r] new errors become left directions
    instead, and seen (., p, a) receives their products with the images.
    """
    p, width = inverse.shape[1], errors.shape[3]
    rest, result = np.empty((p, width)), np.empty((p, width))
    for r in range(span[0], span[1]):
        if stage[r] == DONE:
            continue
        m, a, q = known.lefts[r], known.rights[r], fresh[r] if stage[r] == KEEP else p
        weights = np.ascontiguousarray(removed[r, :, :m])
        products, squared, images = np.zeros((q, m)), np.zeros((q, q)), np.zeros((q, a))
        for c in range(span[2], span[3]):
            rest[:] = errors[r, c, :p]
            for i in range(p):
                if not np.isfinite(norms[r, i]):
                    rest[i] = 0.0
            add_combinations(rest, -1.0, weights, known.left[r, c, :m])
            new = result[:q]
            new[:] = 0.0
            add_combinations(new, 1.0, inverse[r, :q], rest)
            if stage[r] == KEEP:
                known.left[r, c, m : m + q] = new
                add_products(images, new, known.images[r, c, :a])
            else:
                errors[r, c, :p] = new
                add_products(products, new, known.left[r, c, :m])
                add_products(squared, new, new)
        if stage[r] == KEEP:
            seen[r - span[0], :q, :a] = images
        else:
            inner[r - span[0], :, :m] = products
            gram[r - span[0]] = squared


complete = kernel(_complete)
draw = kernel(_draw)
label = kernel(_label)
remove_linear = kernel(_remove_linear)
look = kernel(_look)
refine = kernel(_refine)
