"""A plain NumPy implementation of the recursion behind ``sim.dice``: one reused batch, whole arrays, d in coordinates.

Descent of a tanh network with p neurons on y = He3(z1), squared loss, mean-field scaling and eta = p.
"""

import numpy as np


def triangle(rng: np.random.Generator, rows: int, degrees: int) -> np.ndarray:
    """Lower triangular T with T T^T a Wishart matrix."""
    lower = np.tril(rng.standard_normal((rows, rows)), -1)
    return lower + np.diag(np.sqrt(rng.chisquare(degrees - np.arange(rows))))


def orthonormal(vectors: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(new directions, coefficients along them, along `known`) of `vectors` (n, p); `known` has orthonormal columns."""
    inside = known.T @ vectors
    rest = vectors - known @ inside
    more = known.T @ rest
    new, upper = np.linalg.qr(rest - known @ more)
    return new, upper, inside + more


def plain_reused_descent(d: int, n: int, p: int, steps: int, rng: np.random.Generator) -> np.ndarray:
    """Rows after `steps` steps, in coordinates of which the first is the teacher's."""
    rows = np.concatenate([rng.standard_normal((p, 1)), triangle(rng, p, d - 1)], axis=1)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    output = rng.uniform(-1, 1, p) / p
    right, images = np.eye(p + 1)[:, :1], rng.standard_normal((n, 1))  # asked directions (columns) and X times them
    left, back = np.empty((n, 0)), np.empty((p + 1, 0))  # told directions (columns) and X^T times them
    y = images[:, 0] ** 3 - 3 * images[:, 0]
    for _ in range(steps):
        new, _, _ = orthonormal(rows.T, right)
        fresh = rng.standard_normal((n, p))
        fresh += left @ (back.T @ new - left.T @ fresh)
        right, images = np.hstack([right, new]), np.hstack([images, fresh])
        fields = images @ (right.T @ rows.T)
        sigma = np.tanh(fields)
        errors = (1 - sigma**2) * (y - sigma @ output)[:, None]
        told, upper, inside = orthonormal(errors, left)
        seen = images.T @ told
        coordinates = len(right)
        noise = rng.standard_normal((coordinates, p))
        answer = right @ seen + noise - right @ (right.T @ noise)
        corner = triangle(rng, p, d - coordinates).T
        back = np.block([[back, answer], [np.zeros((p, back.shape[1])), corner]])
        left, right = np.hstack([left, told]), np.vstack([right, np.zeros((p, right.shape[1]))])
        move = back @ np.vstack([inside, upper])
        rows = np.hstack([rows, np.zeros((p, p))]) + p / n * output[:, None] * move.T
    return rows
