"""One pass over a batch: the gradient of the loss, or the training error alone."""

from dataclasses import dataclass

import numpy as np

from ..data import Batch
from ..student.network import Network
from ..threads import Crew
from .layout import Layout


@dataclass(frozen=True)
class Pass:
    """A pass of `network` over `batch`.

    loss: "squared" (residual y - f), "correlation" (residual y), or None for no gradient at all.
    silent: f is known to be exactly 0 and need not be computed. want_error: whether sum (y - f)^2 is wanted.
    """

    batch: Batch
    network: Network
    layout: Layout
    loss: str | None
    silent: bool
    want_error: bool

    def run(self, crew: Crew) -> tuple[np.ndarray, float]:
        """(sum over samples of x sigma'(<w_i, x> + b_i) r, shape (p, d); sum over samples of (y - f)^2).

        Sums run over chunks in order, so they do not depend on `crew`. Without a loss the first is zero; the
        second means something only if wanted.
        """
        gradient = np.zeros_like(self.network.state.rows)
        total = 0.0
        if self.layout.narrow:
            for part, squares in crew.stream(self._chunk_alone, self.layout.chunks()):
                gradient += part
                total += squares
        else:
            for start, rows in self.layout.chunks():
                total += self._add_chunk(start, rows, gradient, crew)
        return gradient, total

    def _chunk_alone(self, chunk: tuple[int, int]) -> tuple[np.ndarray, float]:
        start, rows = chunk
        inputs, errors = self._chunk_buffers(rows)
        squares = self._errors(start, inputs, errors)
        return (errors.T @ inputs if self.loss else np.zeros_like(self.network.state.rows)), squares

    def _add_chunk(self, start: int, rows: int, gradient: np.ndarray, crew: Crew) -> float:
        inputs, errors = self._chunk_buffers(rows)

        def slab_errors(slab: tuple[int, int]) -> float:
            part = slice(slab[0], slab[0] + slab[1])
            return self._errors(start + slab[0], inputs[part], errors[part])

        def add_tile(tile: tuple[slice, slice]) -> None:
            neurons, columns = tile
            if start == 0 and columns == slice(None):  # the first chunk may write where later ones add
                np.matmul(errors[:, neurons].T, inputs, out=gradient[neurons])
                return
            part = gradient[neurons, columns]
            product = self.network.buffers.take("tile", part.shape, gradient.dtype)
            part += np.matmul(errors[:, neurons].T, inputs[:, columns], out=product)

        squares = sum(crew.stream(slab_errors, self.layout.slabs(rows)))
        if self.loss:
            crew.work(add_tile, self.layout.tiles())
        return squares

    def _chunk_buffers(self, rows: int) -> tuple[np.ndarray, np.ndarray]:
        weights, buffers = self.network.state.rows, self.network.buffers
        inputs = buffers.take("inputs", (rows, self.layout.d), weights.dtype)
        return inputs, buffers.take("errors", (rows, len(weights)), weights.dtype)

    def _errors(self, start: int, inputs: np.ndarray, errors: np.ndarray) -> float:
        """Draw samples into `inputs`, put sigma' r into `errors`, return the sum of (y - f)^2."""
        labels = self.batch.draw(start, inputs)
        derivative, residual = None, labels
        if self.silent or (self.loss == "correlation" and not self.want_error):
            derivative = self.network.derivative(inputs) if self.loss else None
        elif self.loss:
            output, derivative = self.network.output_and_derivative(inputs)
            residual = labels - output
        else:
            residual = labels - self.network.output(inputs)
        if derivative is not None:
            signal = labels if self.loss == "correlation" else residual
            np.multiply(derivative, signal[:, None].astype(inputs.dtype), out=errors)
        return float(residual @ residual)
