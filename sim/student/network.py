"""The forward pass and the per-sample error signals of a two-layer network."""

import math
import threading
from dataclasses import dataclass

import numpy as np

from theory.problem import Activation

from ..expressions.lower import lower
from .initial import State


class Buffers(threading.local):
    """Scratch arrays, one set a thread, reused because fresh memory costs more than the arithmetic done in it."""

    def __init__(self) -> None:
        self._flat: dict[tuple[str, np.dtype], np.ndarray] = {}

    def take(self, role: str, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """An uninitialised C-ordered array; the next `take` of the same role in this thread overwrites it."""
        size = math.prod(shape)
        key = (role, dtype)
        if key not in self._flat or self._flat[key].size < size:
            self._flat[key] = np.empty(size, dtype)
        return self._flat[key][:size].reshape(shape)


@dataclass(frozen=True)
class Network:
    """f(x) = sum_i v_i sigma(<w_i, x> + b_i) at one state of the student."""

    activation: Activation
    state: State
    buffers: Buffers

    def output(self, inputs: np.ndarray) -> np.ndarray:
        """f for every row of `inputs` (m, d): shape (m,), in the dtype of the rows."""
        return self._fields(inputs, value=True, derivative=False)[0] @ self.state.output.astype(inputs.dtype)

    def output_and_derivative(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """f (m,) and sigma'(<w_i, x> + b_i) (m, p); the latter lives in a buffer."""
        values, derivative = self._fields(inputs, value=True, derivative=True)
        return values @ self.state.output.astype(inputs.dtype), derivative

    def derivative(self, inputs: np.ndarray) -> np.ndarray:
        """sigma'(<w_i, x> + b_i) alone, shape (m, p), in a buffer."""
        return self._fields(inputs, value=False, derivative=True)[0]

    def _fields(self, inputs: np.ndarray, *, value: bool, derivative: bool) -> np.ndarray:
        """sigma and/or sigma' of the preactivations, stacked: (1 or 2, m, p)."""
        expressions = (self.activation.expr,) * value + (self.activation.derivative,) * derivative
        fields = self.buffers.take("fields", (len(expressions), len(inputs), len(self.state.rows)), inputs.dtype)
        np.matmul(inputs, self.state.rows.T, out=fields[0])
        if self.state.bias.any():
            fields[0] += self.state.bias.astype(inputs.dtype)
        program = lower(expressions, (self.activation.symbol,))
        program(fields[0].reshape(1, -1), fields.reshape(len(expressions), -1))
        return fields
