"""What things cost, for the models that tell a run's time beforehand and let "auto" choose.

Seconds on one core of the machine they were measured on; what matters is how they compare.
"""

import math
from typing import TypeVar

import numpy as np

from theory.problem import Activation, Setting

from .algebra.products import PANEL
from .expressions import evaluate as ev
from .expressions.lower import lower
from .record import Record

DRAW = 1.7e-9  # a normal number
LOOP, BLAS = 1.3e-10, 4.4e-11  # a multiplication in plain loops, and in products of large matrices;
NARROW = 3.7e-10  # ... with few rows it costs more: this much over their number
VALUE, KEEP = 1.2e-9, 4.2e-9  # a number copied or read again; one written to memory not used before, and copied there
SIGNAL = 8e-10  # an error signal, beside the activation
SIMPLE = 1.3e-10  # an operation on a value; and those that take longer:
SLOW = {ev.EXP: 6e-9, ev.ERF: 1.1e-8, ev.SIN: 1e-8, ev.COS: 1e-8, ev.TANH: 1.6e-8, ev.SOFTPLUS: 1.6e-8}
SLOWEST = 2e-8  # any other from POWER on
SECOND_CORE = 0.7  # what a further core adds: they share memory, and some work is done by one alone

# Of a replica, whatever its size: to begin; rows put back in R^d, reduced to fewer coordinates; a basis of R^d turned.
BEGIN, ROWS, REDUCE, TURN = 4.8e-5, 6e-6, 1.2e-5, 3.8e-5

Count = TypeVar("Count", float, np.ndarray)


def cores(threads: int, tasks: float) -> float:
    """How many times faster `threads` threads are than one, where there are `tasks` to hand out."""
    return 1.0 + SECOND_CORE * (max(1.0, min(threads, tasks)) - 1.0)


def signal(activation: Activation, silent: bool = False) -> float:
    """sigma and sigma' of a value, and the error signal made of them; if `silent`, sigma' alone: f is known to be 0."""
    expressions = (activation.expr, activation.derivative)[silent:]
    code = lower(expressions, (activation.symbol,)).code[:, 0].tolist()
    return SIGNAL + sum(_operation(operation) for operation in code)


def _operation(operation: int) -> float:
    slow = operation == ev.POWER or operation >= ev.EXP
    return SLOW.get(operation, SLOWEST) if slow else SIMPLE


def multiply(rows: int) -> float:
    """A multiplication in a product of matrices, the smaller of which has so many rows."""
    return LOOP if rows < PANEL else BLAS + NARROW / rows


def locked(record: Record, reduced: float, turned: float) -> float:
    """What a replica does under the interpreter's lock, which threads cannot share: turned so often, if rows are."""
    rows = len(record.at) * ROWS + reduced * REDUCE + (1 + turned) * TURN
    return BEGIN + (rows if "rows" in record.kinds else 0.0)


def beginning(setting: Setting, record: Record) -> float:
    """A replica's first rows, in coordinates; and where those point to, if rows are recorded."""
    p, k, d = setting.student.p, setting.target.k, setting.regime.d
    drawn = p // 2 if setting.student.init == "symmetric" else p
    directions = turning(d - k, 0, p, p) if "rows" in record.kinds else 0.0
    return drawn * (k + min(drawn, d - k)) * (DRAW + KEEP) + directions


def recording(setting: Setting, record: Record, width: int) -> float:
    """What is written down of a replica whose rows are held in `width` coordinates."""
    p, d = setting.student.p, setting.regime.d
    numbers = sum(math.prod(shape) for shape in record.shapes(setting).values())
    each = p * width * VALUE
    if "gram" in record.kinds:
        each += p * p * width * multiply(p)
    if "rows" in record.kinds and width < d:
        each += p * d * width * BLAS
    return len(record.at) * each + KEEP * numbers


def turning(d: int, old: Count, new: Count, kept: Count) -> Count:
    """`new` orthonormal vectors of R^d drawn beside `old` ones, and `kept` combinations of all."""
    products = 4 * new * (old + new) + kept * (old + new)
    return d * (new * DRAW + (4 * old + kept) * VALUE + products * BLAS)
