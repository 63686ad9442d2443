"""One step and a second layer on explicit data; or, as a lie, a second layer fitted on the very batch of the step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.problem import ProblemError, Setting

from .one_step import OneStep, one_step
from .parts import Problem

BATCH_REUSED = "the second layer is fitted on the gradient's batch"


@dataclass(frozen=True)
class Errors:
    """train_error, test_error (R,): of sim's Readout, what claims read."""

    train_error: np.ndarray
    test_error: np.ndarray


@dataclass(frozen=True)
class Networks:
    """What claims read of a Run: rows (R, 2, p, d) before and after the step; and a readout after it."""

    setting: Setting
    steps: tuple[OneStep, ...]
    rng: np.random.Generator
    lie: str | None

    @property
    def rows(self) -> np.ndarray:
        """Of all replicas."""
        return np.stack([step.rows for step in self.steps])

    def readout(self, n: int, ridge: float, rng: Any = None, *, test_samples: int, threads: Any = None) -> Errors:
        """(Phi^T Phi + ridge I) a = Phi^T y; `rng` is not looked at: samples go on from those of the steps.

        Raises ProblemError where the gradient's batch has fewer than the n samples asked for.
        """
        if self.lie == BATCH_REUSED and n > self.setting.n:
            raise ProblemError(f"the gradient's batch has {self.setting.n} samples, and {n} are to be fitted")
        return Errors(*np.array(list(self._errors(n, ridge, test_samples))).T)

    def _errors(self, n: int, ridge: float, test_samples: int) -> Iterator[tuple[float, float]]:
        problem, p = Problem(self.setting), self.setting.student.p
        for step in self.steps:
            fresh, y = problem.samples(n, self.rng)
            if self.lie == BATCH_REUSED:
                fresh, y = step.inputs[:n], step.labels[:n]
            features = problem.features(fresh @ step.rows[1].T + step.bias) / np.sqrt(p)
            a = np.linalg.solve(features.T @ features + ridge * np.eye(p), features.T @ y)
            unseen, clean = problem.samples(test_samples, self.rng, clean=True)
            output = problem.features(unseen @ step.rows[1].T + step.bias) @ a / np.sqrt(p)
            yield float(np.mean((y - features @ a) ** 2)), float(np.mean((clean - output) ** 2))


def simulate(setting: Setting, rng: np.random.Generator, replicas: int, lie: str | None) -> Networks:
    """One step of the correlation loss each."""
    if setting.regime.loss != "correlation" or setting.regime.steps != 1:
        raise ProblemError("this sampler takes one step of the correlation loss")
    return Networks(setting, tuple(one_step(setting, rng) for _ in range(replicas)), rng, lie)
