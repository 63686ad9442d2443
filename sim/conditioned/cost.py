"""What fresh batches cost, in time and memory, and how much of the last step is needed."""

import sympy

from theory.problem import Setting

from ..costs import DRAW, beginning, locked, multiply, recording, signal, turning
from ..groups import Replica, bytes_held, seconds
from ..job import Estimate, Means
from ..record import Record
from .accumulate import SLICE
from .batch_sums import divisible, part_size, samples_sharing

# Seconds of linear algebra a step, of order p^0, p, p^2 and p^3; where the signals' Gram matrix is singular, of order
# p^0 and p^2 more; and of a step of any number of replicas:
FEW, NEURON, PAIR, CUBE = 1.8e-6, 4e-7, 5.4e-9, 1.2e-10
SINGULAR, SINGULAR_PAIR = 1.4e-5, 5.4e-8
STEP = 1.3e-4
ALIKE = 3.0  # neurons, of those that began as mirror images, times samples


def held(setting: Setting, record: Record) -> float:
    """Bytes a replica holds: rows, sums and what becomes of them, and vectors of R^d if those are recorded."""
    p, width = setting.student.p, setting.student.p + setting.target.k
    return 8 * (10 * p * width + (5 * p * setting.regime.d if "rows" in record.kinds else 0))


def estimate(setting: Setting, record: Record, means: Means) -> Estimate:
    """Drawing n (p + k) numbers and three products n p (p + k) a step; some linear algebra of order p^3."""
    p, k, d, steps, threads = setting.student.p, setting.target.k, setting.regime.d, setting.regime.steps, means.threads
    width, glance = k + min(p, d - k), last_overlaps_do(setting, record)
    first = p // 2 if setting.student.init == "symmetric" else p  # half of the neurons decide a mirrored step
    neurons = [(first, 1), (p, steps - 1)]  # how many, in how many steps
    full = [(first, int(not glance or steps > 1)), (p, max(0, steps - 1 - glance))]  # not counting a glance
    shared = sum(count * _look(setting, rows) for rows, count in neurons)
    shared += sum(count * _sums(setting, rows) for rows, count in full)
    alone = beginning(setting, record) + recording(setting, record, width)
    alone += sum(count * _algebra(setting, rows) for rows, count in full)
    if "rows" in record.kinds:
        alone += (steps - glance) * turning(d - k, p, p, p)
    size, divided, tasks = held(setting, record), divisible(setting, threads), _tasks(setting)
    each = Replica(shared, alone, locked(record, steps - glance, steps - glance), tasks)
    total = seconds(means.replicas, threads, size, divided, each, steps * STEP)
    most = bytes_held(means.replicas, threads, size, divided)
    if tasks > 1:  # their sums wait for those before them
        most += 8 * p * (p + width) * min(2 * threads + 2 if threads > 1 else 1, tasks)
    at_once = min(threads, max(tasks, means.replicas))
    return Estimate(total, most + 8 * at_once * SLICE * (width + 5 * p))


def _tasks(setting: Setting) -> int:
    """Into how many a batch is cut."""
    return max(1, -(-setting.n // (samples_sharing(setting) * part_size(setting))))


def _look(setting: Setting, rows: int) -> float:
    """Fields of a step's samples, drawn, and error signals of so many neurons."""
    width = setting.target.k + min(rows, setting.regime.d - setting.target.k)
    passes = 1 + (setting.regime.preprocess is not None)
    product = rows * width * multiply(min(rows, width))
    each = rows * signal(setting.student.activation, silent=rows < setting.student.p)
    return setting.n * (passes * width * DRAW + product + each)


def _sums(setting: Setting, rows: int) -> float:
    """Products of the error signals with the fields and with each other."""
    width = min(rows, setting.regime.d - setting.target.k)
    return setting.n * rows * (width * multiply(min(rows, width)) + rows * multiply(rows))


def _algebra(setting: Setting, rows: int) -> float:
    """What follows from the sums, a step."""
    seconds = FEW + NEURON * rows + PAIR * rows**2 + CUBE * rows**3
    return seconds + _singular(setting, rows) * (SINGULAR + SINGULAR_PAIR * rows**2)


def _singular(setting: Setting, rows: int) -> float:
    """How often the signals' Gram matrix is: with fewer samples than neurons, or two neurons alike on all samples.

    Such are neurons that began as mirror images and have hardly parted, if sigma' is constant but for jumps.
    """
    jumps = setting.student.activation.derivative.has(sympy.Heaviside, sympy.sign)
    alike = jumps and setting.student.init == "symmetric" and rows == setting.student.p
    return 1.0 if setting.n < rows else min(1.0, ALIKE * rows / setting.n) if alike else 0.0


def last_overlaps_do(setting: Setting, record: Record) -> bool:
    """Whether nothing else is asked of the rows after the last step: then most of that step can be left out."""
    more = {"gram", "cosines", "test_error", "rows"}
    return not setting.regime.normalize_rows and not (setting.regime.steps in record.position and record.kinds & more)
