"""What things cost, for the models that tell a run's time beforehand and let "auto" choose.

Seconds on one core of the machine they were measured on; what matters is how they compare.
"""

from theory.problem import Activation

from .expressions import evaluate as ev
from .expressions.lower import lower

DRAW = 1.7e-9  # a normal number
LOOP, BLAS = 1.1e-10, 3.3e-11  # a multiplication in plain loops, and in products of large matrices
SIGNAL = 3e-9  # an error signal, beside the activation
SIMPLE, TRANSCENDENTAL = 2e-10, 1e-8  # an operation on a value
SECOND_CORE = 0.7  # what a further core adds: they share memory, and some work is done by one alone


def cores(threads: int) -> float:
    """How many times faster `threads` threads are than one."""
    return 1.0 + SECOND_CORE * (threads - 1)


def signal(activation: Activation) -> float:
    """sigma and sigma' of a value, and the error signal made of them."""
    code = lower((activation.expr, activation.derivative), (activation.symbol,)).code[:, 0]
    slow = ((code >= ev.EXP) | (code == ev.POWER)).sum()
    return float(SIGNAL + SIMPLE * (len(code) - slow) + TRANSCENDENTAL * slow)
