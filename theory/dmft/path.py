"""T steps at d = infinity, with the expectations over samples taken by Monte Carlo."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..fresh.domain import Problem
from ..fresh.functions import function
from ..fresh.trajectory import start
from ..problem import ProblemError
from .batch import Batch
from .kernels import Path, kernels
from .white import White

if TYPE_CHECKING:
    import numpy as np

_VANISHING = 1e-13  # of a row's norm: what rounding leaves of 0
_LARGEST = 1e145  # of rows and error signals: sums of their squares must be doubles


@dataclass(frozen=True)
class _Samples:
    """A batch with its labels: clean f*(u) and noisy y, both (N,)."""

    batch: Batch
    clean: "np.ndarray"
    labels: "np.ndarray"


@dataclass
class Descent:
    """Rows at steps 0, 1, ... in coordinates that grow, and what moved them."""

    problem: Problem
    ids: tuple[int, ...]
    samples: int
    rng: "np.random.Generator"
    new_batch: "Callable[[White, np.ndarray, float], Batch]" = Batch
    rows: "list[np.ndarray]" = field(default_factory=list)
    drifts: "list[np.ndarray]" = field(default_factory=list)
    scales: "list[np.ndarray]" = field(default_factory=list)
    test_error: list[float] = field(default_factory=list)
    train_error: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        student, target = self.problem.student, self.problem.target
        self._batches: dict[int, _Samples] = {}
        self._sigma = function(student.activation.expr, [student.activation.symbol])
        self._slope = function(student.activation.derivative, [student.activation.symbol])
        self._target = function(target.expr, target.symbols)

    def run(self) -> Path:
        """All steps, as kernels. Raises ProblemError where they overflow or a row to be renormalised vanishes."""
        self.descend()
        return kernels(self)

    def descend(self) -> None:
        """All steps, in coordinates."""
        import numpy as np

        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            self.rows.append(start(self.problem))
            for step, batch in enumerate(self.ids):
                self._step(step, batch)
            self._look(self.ids[-1])

    def _gradient(self, batch: Batch, errors: "np.ndarray") -> "tuple[np.ndarray, np.ndarray]":
        return batch.gradient(errors)

    def _step(self, step: int, batch: int) -> None:
        import numpy as np

        errors = self._look(batch)
        self._check(errors, step)
        drift, total = self._gradient(self._batches[batch].batch, errors)
        if batch not in self.ids[step + 1 :] and step + 1 < len(self.ids):
            del self._batches[batch]
        new = self.problem.decay * np.pad(self.rows[-1], ((0, 0), (0, total.shape[1] - drift.shape[1])))
        new += self.problem.eta * total
        self._check(new, step)
        norms = np.linalg.norm(new, axis=1) if self.problem.unit else np.ones(len(new))
        if norms.min() < _VANISHING:
            row = int(np.argmin(norms)) + 1
            raise ProblemError(f"row {row} vanishes at step {step + 1} and cannot be renormalised")
        self.rows.append(new / norms[:, None])
        self.drifts.append(drift)
        self.scales.append(1 / norms)

    @staticmethod
    def _check(values: "np.ndarray", step: int) -> None:
        import numpy as np

        if not np.abs(values).max() < _LARGEST:  # NaN too
            raise ProblemError(f"the limit diverges: step {step + 1} leaves the range of doubles")

    def _look(self, batch: int) -> "np.ndarray":
        """Note the errors over `batch` and unseen samples; the error signals v sigma'(h + b) (residual), (p, N)."""
        import numpy as np

        if batch not in self._batches:
            self._batches[batch] = self._new(self.ids.count(batch))
        seen = self._batches[batch]
        free, memory = seen.batch.fields(self.rows[-1])
        output, bias = self.problem.output, self.problem.bias[:, None]
        own = free + memory + bias
        unseen = output @ self._sigma(free + bias)
        there = output @ self._sigma(own) if memory.any() else unseen
        self.test_error.append(float(np.mean((seen.clean - unseen) ** 2)))
        self.train_error.append(float(np.mean((seen.labels - there) ** 2)))
        residual = seen.labels - there if self.problem.squared else seen.labels
        return self._slope(own) * output[:, None] * residual

    def _new(self, uses: int) -> _Samples:
        target, p = self.problem.target, self.problem.student.p
        normals = target.k + bool(target.noise) + p * (uses + 1)
        white = White(self.samples, 2 + normals + p * uses, normals, self.rng)
        seen = white.draw(target.k)
        clean = labels = self._target(*white.rows(seen))
        if target.noise:
            labels = clean + target.noise * white.rows(white.draw(1))[0]
        white.expand(labels[None].copy())  # later normals have no covariance with labels
        return _Samples(self.new_batch(white, seen, self.problem.ratio), clean, labels)
