"""What the plain samplers share: the network, the labels, the start. R replicas lie along the first axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import sympy

from theory.problem import Setting, Student

from ..claim import Mutant
from ..draw import Simulate


@dataclass(frozen=True)
class Trajectories:
    """alpha (R, p), overlaps (R, T + 1, p, k), gram (R, T + 1, p, p): the part of a Run that claims on laws read."""

    alpha: np.ndarray
    overlaps: np.ndarray
    gram: np.ndarray


Sampler = Callable[[Setting, np.random.Generator, int, str | None], Any]  # Trajectories, or what else a claim reads


def planted(sampler: Sampler, lie: str) -> Mutant:
    """A simulator that is right about explicit data (`method="direct"`), and whose other methods tell `lie`."""

    def mutant(simulate: Simulate) -> Simulate:
        def wrong(setting: Setting, **options: object) -> object:
            if options.get("method") == "direct":
                return simulate(setting, **options)
            stream = np.random.PCG64(options["rng"]).jumped(options.get("first", 0))  # type: ignore
            return sampler(setting, np.random.Generator(stream), options["replicas"], lie)  # type: ignore

        return wrong

    return mutant


class Problem:
    """A setting, as functions of stacked arrays."""

    def __init__(self, setting: Setting) -> None:
        target, activation = setting.target, setting.student.activation
        self.setting, self.noise, self.squared = setting, target.noise, setting.regime.loss == "squared"
        self._target = _compiled(target.symbols, target.expr)
        self._sigma = _compiled((activation.symbol,), activation.expr)
        self._derivative = _compiled((activation.symbol,), activation.derivative)

    def samples(self, count: int, rng: np.random.Generator, clean: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Inputs (count, d) and labels (count,), without noise if `clean`."""
        inputs = rng.normal(size=(count, self.setting.regime.d))
        fields = inputs[:, : self.setting.target.k]
        return inputs, self._target(*fields.T) if clean else self.labels(fields[None], rng)[0]

    def labels(self, fields: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """y (R, n) with noise, from the teacher's fields (R, n, k)."""
        clean = self._target(*np.moveaxis(fields, -1, 0))
        return clean + self.noise * rng.normal(size=clean.shape)

    def signals(self, fields: np.ndarray, y: np.ndarray, bias: np.ndarray, output: np.ndarray) -> np.ndarray:
        """v_i sigma'(h_i) rho / n (R, n, p): eta times the sum of them times x is a step. fields: <w_i, x>, alike."""
        biased = fields + bias[:, None, :]
        fit = np.einsum("rnp,rp->rn", self._sigma(biased), output) if self.squared else 0.0
        return self._derivative(biased) * output[:, None, :] * (y - fit)[:, :, None] / fields.shape[1]

    def features(self, fields: np.ndarray) -> np.ndarray:
        """sigma of fields of any shape."""
        return self._sigma(fields)

    def slope(self, fields: np.ndarray) -> np.ndarray:
        """sigma' of fields of any shape."""
        return self._derivative(fields)

    def decay(self, rate: float) -> float:
        """1 - eta weight_decay."""
        return 1.0 - rate * self.setting.regime.weight_decay

    def start(self, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """rows (R, p, d), alpha, bias and output v (R, p)."""
        student, d = self.setting.student, self.setting.regime.d
        symmetric = student.init == "symmetric"
        drawn = student.p // 2 if symmetric else student.p
        rows = rng.normal(size=(count, drawn, d))
        rows /= np.linalg.norm(rows, axis=2, keepdims=True)
        alpha, bias = (_law(law, rng, (count, drawn)) for law in (student.second_layer, student.bias))
        if symmetric:
            rows, bias = (np.concatenate([half, half[:, ::-1]], axis=1) for half in (rows, bias))
            alpha = np.concatenate([alpha, -alpha[:, ::-1]], axis=1)
        return rows, alpha, bias, alpha / _width(student)


def root(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A (R, p, p) with A A^T = gram, and whether each of its columns counts (R, p); the others are 0."""
    values, vectors = np.linalg.eigh(gram)
    counts = values > 1e-10 * np.maximum(values[:, -1:], 1e-300)
    return vectors * np.sqrt(np.where(counts, values, 0.0))[:, None, :], counts


def _law(law: object, rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    if law == "uniform":
        return rng.uniform(-1, 1, shape)
    if law == "rademacher":
        return rng.choice([-1.0, 1.0], shape)
    if law == "gaussian":
        return rng.normal(size=shape)
    given = np.atleast_1d(np.asarray(law, dtype=float))[: shape[1]]  # of a symmetric student's, the first half
    return np.broadcast_to(given, shape)


def _width(student: Student) -> float:
    return student.p if student.scaling == "mean-field" else student.p**0.5


@cache
def _compiled(symbols: tuple[sympy.Symbol, ...], expr: sympy.Expr) -> Callable[..., np.ndarray]:
    function = sympy.lambdify(symbols, expr, modules=["scipy", "numpy"])
    return lambda *arrays: np.broadcast_to(function(*arrays), arrays[0].shape)
