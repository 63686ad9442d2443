"""Every compiled kernel does what the plain Python function beside it does."""

import numpy as np
import pytest

from sim.expressions import evaluate as ev
from sim.expressions.lower import lower
from theory.problem import Activation

EPSILON = np.finfo(float).eps


OPERANDS = np.array([0.0, -0.0, 1.5, -1.5, 3.0, -0.25, 1e-8, np.nan])
A, B = (grid.ravel() for grid in np.meshgrid(OPERANDS, OPERANDS))


@pytest.mark.parametrize("operation", range(ev.RECIPROCAL))
def test_binary_operations(operation: int) -> None:
    results = np.empty((2, A.size))
    ev.binary(operation, results[0], A, B)
    ev._binary(operation, results[1], A, B)
    np.testing.assert_allclose(results[0], results[1], rtol=4 * EPSILON)  # a power comes from two libraries, 1 ulp each


@pytest.mark.parametrize("operation", range(ev.RECIPROCAL, ev.COSH + 1))
def test_unary_operations(operation: int) -> None:
    results = np.empty((2, A.size))
    ev.binary(ev.ADD, results[0], A, B)
    arguments = results[0][results[0] != 0].copy()  # plain Python raises where a reciprocal gives infinity
    compiled, plain = np.empty((2, arguments.size))
    ev.unary(operation, compiled, arguments)
    ev._unary(operation, plain, arguments)
    np.testing.assert_allclose(compiled, plain, rtol=8 * EPSILON)  # two mathematical libraries, each good to 4 ulp


@pytest.mark.parametrize("name", ["relu", "tanh", "He3", "softplus"])
def test_the_evaluation_loop(name: str) -> None:
    activation = Activation(name)
    program = lower((activation.expr, activation.derivative), (activation.symbol,))
    inputs = np.random.default_rng(1).normal(size=(1, 1111))
    outputs = np.empty((2, 2, 1111))
    for kernel, output in zip((ev.evaluate, ev._evaluate), outputs, strict=True):
        work = np.empty((program.registers, ev.BLOCK))
        kernel(program.code, program.constants, program.results, work, inputs, output)
    np.testing.assert_array_equal(outputs[0], outputs[1])
