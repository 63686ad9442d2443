"""Floors of random polynomials against weighted least squares on a Gauss-Hermite grid: no Hermite expansion of ours."""

from itertools import product
from random import Random

import numpy as np

from theory import Target, error_floor

DEGREE = 5
NODES = 6  # exact to degree 11, and f^2 has degree 10 at most


def residual_energy(f: dict, k: int, columns: np.ndarray, degree: int) -> tuple[float, float]:
    """(energy that no sum of g_a(x) y^a, |a| <= degree, fits; E f^2), x along U and y across it.

    The least-squares fit in the monomials x^b y^a of total degree at most 5 is the projection: f is a polynomial of
    that degree, and so is its projection.
    """
    m = columns.shape[1]
    frame = np.linalg.qr(np.hstack([columns, np.eye(k)]))[0][:, :k]
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    grid = np.array(list(product(nodes, repeat=k)))
    root = np.sqrt(np.array([np.prod(w) for w in product(weights / weights.sum(), repeat=k)]))
    points = grid @ frame.T
    values = root * sum(c * np.prod(points ** np.array(key), axis=1) for key, c in f.items())
    keys = [key for key in product(range(DEGREE + 1), repeat=k) if sum(key) <= DEGREE and sum(key[m:]) <= degree]
    design = root[:, None] * np.stack([np.prod(grid ** np.array(key), axis=1) for key in keys], axis=1)
    rest = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    return float(rest @ rest), float(values @ values)


def random_case(draw: Random) -> tuple[dict, int, list[list[int]], int]:
    k = draw.randint(1, 3)
    keys = [key for key in product(range(DEGREE + 1), repeat=k) if sum(key) <= DEGREE]
    f = {key: draw.randint(-4, 4) or 1 for key in draw.sample(keys, min(len(keys), draw.randint(1, 6)))}
    while True:
        vectors = [[draw.randint(-5, 5) for _ in range(k)] for _ in range(draw.randint(0, k))]
        if not vectors or np.linalg.matrix_rank(np.array(vectors)) == len(vectors):
            return f, k, vectors, draw.randint(0, DEGREE)


def test_two_hundred_polynomials_in_random_frames() -> None:
    draw = Random()
    for _ in range(200):
        f, k, vectors, degree = random_case(draw)
        columns = np.array(vectors, dtype=float).reshape(len(vectors), k).T
        expected, energy = residual_energy(f, k, columns, degree)
        ours = float(error_floor(Target(f, k=k), degree, vectors))
        # orthonormalised, the monomials have condition below 1e5; least squares loses at most its square
        assert abs(ours - expected) <= 1e-9 * (1 + energy), (f, vectors, degree)
