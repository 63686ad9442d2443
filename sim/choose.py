"""Which simulator to take: the cheapest of those that are exact for the setting."""

import math
from dataclasses import dataclass

import numpy as np

from theory.problem import ProblemError, Setting

from . import chain, conditioned, dice, direct
from .costs import BLAS, DRAW, cores, signal
from .errors import SAMPLES
from .job import Estimate, Means, Simulator
from .memory import memory
from .record import Record

SIMULATORS: dict[str, Simulator] = {"direct": direct, "conditioned": conditioned, "dice": dice, "chain": chain}
METHODS = tuple(SIMULATORS)
USUAL = Means(replicas=32, threads=2)
TEST_ERROR, TEST_TASK = 1e-3, 1024  # seconds, beside what its samples cost; samples that are a task


@dataclass(frozen=True)
class Option:
    """What a method would cost, or why it cannot be used (`refusal`, and then `cost` is None)."""

    method: str
    cost: Estimate | None
    refusal: str | None

    @property
    def time(self) -> str:
        """Such as "3.2 s"; empty without a cost."""
        return "" if self.cost is None else _seconds(self.cost.seconds)

    @property
    def memory(self) -> str:
        """Such as "12 MiB"; empty without a cost."""
        return "" if self.cost is None else _bytes(self.cost.bytes)

    def __str__(self) -> str:
        return f"{self.method}: {self.refusal or f'about {self.time} and {self.memory}'}"


def options(setting: Setting, record: Record, means: Means) -> dict[str, Option]:
    """Every method's Option."""
    return {name: option(name, setting, record, means) for name in METHODS}


def option(method: str, setting: Setting, record: Record, means: Means) -> Option:
    """What `method` would need: beside its own model, time for test errors, and memory for the arrays returned."""
    reason = SIMULATORS[method].refusal(setting, record, means.dtype)
    if reason is not None:
        return Option(method, None, reason)
    cost = SIMULATORS[method].estimate(setting, record, means)
    replicas, size = means.replicas, means.dtype.itemsize
    kept = (
        2 * replicas * sum(size * math.prod(shape) for shape in record.shapes(setting).values())
    )  # held, then stacked
    tests = replicas * len(record.at) if "test_error" in record.kinds else 0
    p, k = setting.student.p, setting.target.k
    each = (p + k) * DRAW + p * signal(setting.student.activation) + p * p * BLAS
    seconds = tests * (TEST_ERROR + SAMPLES * each / cores(means.threads, replicas * SAMPLES / TEST_TASK))
    return Option(method, Estimate(cost.seconds + seconds, cost.bytes + kept), None)


def cheapest_first(setting: Setting, record: Record, dtype: np.dtype) -> list[Option]:
    """The methods that can simulate the setting, at USUAL replicas and threads."""
    table = [o for o in options(setting, record, USUAL._replace(dtype=dtype)).values() if o.cost is not None]
    return sorted(table, key=lambda o: o.cost.seconds)  # type: ignore[union-attr]


def choose(method: str, setting: Setting, record: Record, means: Means) -> tuple[str, str]:
    """(method, why). Raises ProblemError where `method` is unknown or cannot do it, or it does not fit in memory.

    "auto" compares costs at USUAL replicas and threads, whatever is asked for and whatever the machine: results must
    not depend on either.
    """
    why = "asked for"
    if method not in ("auto", *METHODS):
        raise ProblemError(f"method = {method!r}; known: auto, {', '.join(METHODS)}")
    if method == "auto":
        able = cheapest_first(setting, record, means.dtype)
        method, others = able[0].method, ", ".join(f"{o.method} {o.time}" for o in able)
        why = f"{method}: the cheapest for {USUAL.replicas} replicas on {USUAL.threads} threads ({others})"
    elif reason := SIMULATORS[method].refusal(setting, record, means.dtype):
        able_names = [name for name, other in SIMULATORS.items() if other.refusal(setting, record, means.dtype) is None]
        raise ProblemError(f"method = {method!r} cannot simulate this: {reason}; use {' or '.join(able_names)}")
    needed = option(method, setting, record, means)
    if needed.cost is not None and needed.cost.bytes > 0.9 * memory():
        table = [o for o in options(setting, record, means).values() if o.cost is not None]
        others = ", ".join(f"{o.method} {o.memory}" for o in table)
        more = "; direct needs less with a smaller chunk_bytes, or dtype = 'float32'" if method == "direct" else ""
        raise ProblemError(
            f"not enough memory: {method} needs about {needed.memory} of {_bytes(memory())} (all methods: {others}); "
            f"record fewer steps (at=) or kinds, or ask for fewer replicas or threads{more}"
        )
    return method, why


def _seconds(value: float) -> str:
    if value < 120:
        return f"{value:.2g} s"
    return f"{value / 60:.3g} min" if value < 7200 else f"{value / 3600:.3g} h"


def _bytes(value: float) -> str:
    return f"{value / 2**20:.3g} MiB" if value < 2**30 else f"{value / 2**30:.3g} GiB"
