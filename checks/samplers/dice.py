"""Reused batches by rolling dice: a data matrix is only ever asked for its products with vectors."""

from __future__ import annotations

import numpy as np

from theory.problem import Setting

from .parts import Problem, Trajectories

UNPROJECTED = "answers not projected off the vectors asked from the other side"
SEEN = 1e-9  # a vector whose new part is smaller, relative to its norm, has been asked before


def simulate(setting: Setting, rng: np.random.Generator, replicas: int, lie: str | None = None) -> Trajectories:
    """`replicas` trajectories."""
    problem, regime = Problem(setting), setting.regime
    rows, alpha, bias, output = problem.start(rng, replicas)
    batches: dict[int, _Batch] = {}
    history = [rows]
    for batch_id in setting.batch_ids:
        if batch_id not in batches:
            batches[batch_id] = _Batch(problem, replicas, rng, lie)
        batch = batches[batch_id]
        ahead = rows
        if setting.extragradient:
            ahead = rows + setting.extragradient * batch.gradient(rows, bias, output)
        rows = problem.decay(setting.eta) * rows + setting.eta * batch.gradient(ahead, bias, output)
        if regime.normalize_rows:
            rows = rows / np.linalg.norm(rows, axis=2, keepdims=True)
        history.append(rows)
    path = np.stack(history, axis=1)
    return Trajectories(alpha, path[..., : setting.target.k], path @ path.swapaxes(2, 3))


class _Batch:
    """A matrix X (R, n, d) of independent normals that is never formed, and its labels.

    Side 0 asks X v for v in R^d, side 1 asks X^T v for v in R^n. `asked[side]`: orthonormal vectors (R, ., dimension),
    `answers[side]`: their products (R, ., dimension of the other side).
    """

    def __init__(self, problem: Problem, replicas: int, rng: np.random.Generator, lie: str | None) -> None:
        setting = problem.setting
        self._problem, self._rng, self._lie = problem, rng, lie
        self._sizes = (setting.regime.d, setting.n)
        self.asked = [np.zeros((replicas, 0, size)) for size in self._sizes]
        self.answers = [np.zeros((replicas, 0, size)) for size in self._sizes[::-1]]
        teacher = np.tile(np.eye(setting.regime.d)[: setting.target.k], (replicas, 1, 1))
        y = problem.labels(self.products(0, teacher).swapaxes(1, 2), rng)
        self.y = y if setting.regime.preprocess is None else y - y.mean(axis=1, keepdims=True)
        if setting.regime.preprocess == 1:
            self.y = self.y - self.product(0, self.product(1, y) / setting.n)

    def gradient(self, rows: np.ndarray, bias: np.ndarray, output: np.ndarray) -> np.ndarray:
        """v_i (1/n) sum x sigma'(.) rho (R, p, d)."""
        fields = self.products(0, rows).swapaxes(1, 2)
        return self.products(1, self._problem.signals(fields, self.y, bias, output).swapaxes(1, 2))

    def products(self, side: int, vectors: np.ndarray) -> np.ndarray:
        """`product` of vectors (R, m, .), one after another."""
        return np.stack([self.product(side, vectors[:, i]) for i in range(vectors.shape[1])], axis=1)

    def product(self, side: int, vector: np.ndarray) -> np.ndarray:
        """X v (side 0) or X^T v (side 1) for v (R, .): what earlier answers say of it, and fresh noise."""
        asked, answers = self.asked[side], self.answers[side]
        other, replies = self.asked[1 - side], self.answers[1 - side]
        new = _off(asked, _off(asked, vector))
        length = np.linalg.norm(new, axis=1, keepdims=True)
        length = np.where(length > SEEN * np.linalg.norm(vector, axis=1, keepdims=True), length, 0.0)
        unit = new * np.divide(1.0, length, where=length > 0, out=np.zeros_like(length))
        noise = self._rng.normal(size=(len(vector), self._sizes[1 - side]))
        fresh = noise if self._lie == UNPROJECTED else _off(other, noise)
        answer = (_coefficients(replies, unit)[:, None, :] @ other)[:, 0] + fresh * (length > 0)
        known = (_coefficients(asked, vector)[:, None, :] @ answers)[:, 0]
        self.asked[side] = np.concatenate([asked, unit[:, None, :]], axis=1)
        self.answers[side] = np.concatenate([answers, answer[:, None, :]], axis=1)
        return known + length * answer


def _coefficients(vectors: np.ndarray, vector: np.ndarray) -> np.ndarray:
    return (vectors @ vector[:, :, None])[:, :, 0]


def _off(vectors: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """`vector` (R, .) less its part in the span of orthonormal vectors (R, ., .)."""
    return vector - (_coefficients(vectors, vector)[:, None, :] @ vectors)[:, 0]
