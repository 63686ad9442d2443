"""Runs a register program on arrays, a block of values at a time.

A program (made by ``sim.expressions.lower``) is data, so one compiled kernel serves every target and every activation.
Each instruction works on a whole block held in cache: the compiler can vectorise it, and the cost of choosing
the instruction is spread over the block. Undefined values give NaN and NaN is handed on, so divergence stays
visible.
"""

import math

import numpy as np

from ..kernels import kernel

ADD, MULTIPLY, MAXIMUM, MINIMUM, POWER, STEP = range(6)
RECIPROCAL, ABSOLUTE, SIGN, EXP, SOFTPLUS, ERF, TANH, SIN, COS, SINH, COSH = range(6, 17)

BLOCK = 512  # values in a register: 4 KiB, so that a usual program stays in the nearest cache


def _binary(operation: int, to: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
    """to = operation(a, b), elementwise."""
    if operation == ADD:
        for j in range(to.size):
            to[j] = a[j] + b[j]
    elif operation == MULTIPLY:
        for j in range(to.size):
            to[j] = a[j] * b[j]
    elif operation == MAXIMUM:
        for j in range(to.size):
            larger = a[j] if a[j] >= b[j] else b[j]
            to[j] = a[j] if a[j] != a[j] else larger
    elif operation == MINIMUM:
        for j in range(to.size):
            smaller = a[j] if a[j] <= b[j] else b[j]
            to[j] = a[j] if a[j] != a[j] else smaller
    elif operation == POWER:
        for j in range(to.size):
            to[j] = a[j] ** b[j] if (a[j] > 0.0 or (a[j] == 0.0 and b[j] > 0.0)) else math.nan
    elif operation == STEP:  # Heaviside function of a, with the value b at 0
        for j in range(to.size):
            step = 1.0 if a[j] > 0.0 else 0.0
            step = b[j] if a[j] == 0.0 else step
            to[j] = a[j] if a[j] != a[j] else step


def _unary(operation: int, to: np.ndarray, a: np.ndarray) -> None:
    """to = operation(a), elementwise."""
    if operation == RECIPROCAL:
        for j in range(to.size):
            to[j] = 1.0 / a[j]
    elif operation == ABSOLUTE:
        for j in range(to.size):
            to[j] = abs(a[j])
    elif operation == SIGN:
        for j in range(to.size):
            negative = -1.0 if a[j] < 0.0 else a[j]
            to[j] = 1.0 if a[j] > 0.0 else negative
    elif operation == EXP:
        for j in range(to.size):
            to[j] = math.exp(a[j])
    elif operation == SOFTPLUS:  # log(1 + exp(a)) without overflow
        for j in range(to.size):
            to[j] = (a[j] if a[j] > 0.0 else 0.0) + math.log1p(math.exp(-abs(a[j])))
    elif operation == ERF:
        for j in range(to.size):
            to[j] = math.erf(a[j])
    elif operation == TANH:
        for j in range(to.size):
            to[j] = math.tanh(a[j])
    elif operation == SIN:
        for j in range(to.size):
            to[j] = math.sin(a[j])
    elif operation == COS:
        for j in range(to.size):
            to[j] = math.cos(a[j])
    elif operation == SINH:
        for j in range(to.size):
            to[j] = math.sinh(a[j])
    elif operation == COSH:
        for j in range(to.size):
            to[j] = math.cosh(a[j])


def _copy(to: np.ndarray, source: np.ndarray) -> None:
    """As many values as the shorter of the two holds (an assignment of slices would first look for overlaps)."""
    for j in range(min(to.size, source.size)):
        to[j] = source[j]


def _evaluate(
    code: np.ndarray,
    constants: np.ndarray,
    results: np.ndarray,
    registers: np.ndarray,
    inputs: np.ndarray,
    outputs: np.ndarray,
) -> None:
    """outputs[i, :] = expression i of the program on the leading rows of `inputs`.

    code (lines, 4): operation, target register, two operand registers. constants (c,) go to registers 0..c-1,
    the arguments to the next ones; results[0] is the number of arguments, results[1:] the registers of the
    outputs.
    registers (as many as needed, at most BLOCK): work space. inputs (>= arguments, n), outputs (outputs, n).
    An output may overlap a single-row input: a block is read before it is written.
    """
    for i in range(constants.size):
        registers[i, :] = constants[i]
    arguments, first, block, n = results[0], constants.size, registers.shape[1], inputs.shape[1]
    for start in range(0, n, block):
        m = min(block, n - start)
        for i in range(arguments):
            copy(registers[first + i], inputs[i, start : start + m])
        for line in range(code.shape[0]):
            operation, to, a, b = code[line, 0], code[line, 1], code[line, 2], code[line, 3]
            if operation < RECIPROCAL:
                binary(operation, registers[to, :m], registers[a, :m], registers[b, :m])
            else:
                unary(operation, registers[to, :m], registers[a, :m])
        for i in range(results.size - 1):
            copy(outputs[i, start : start + m], registers[results[i + 1]])


copy = kernel(_copy)
binary = kernel(_binary)
unary = kernel(_unary)
evaluate = kernel(_evaluate)
