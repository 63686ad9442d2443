"""Which simulator to take: the cheapest of those that are exact for the setting and fit in memory."""

import math
import os
from dataclasses import dataclass

import numpy as np

from theory.problem import ProblemError, Setting

from . import chain, conditioned, dice, direct
from .job import Estimate, Simulator
from .record import Record

SIMULATORS: dict[str, Simulator] = {"direct": direct, "conditioned": conditioned, "dice": dice, "chain": chain}
METHODS = tuple(SIMULATORS)
USUAL = (32, 2)  # replicas and threads


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


def options(setting: Setting, record: Record, dtype: np.dtype, replicas: int, threads: int) -> dict[str, Option]:
    """Every method's Option. Bytes include the arrays returned."""
    kept = 2 * replicas * sum(8 * math.prod(shape) for shape in record.shapes(setting).values())  # held, then stacked
    found = {}
    for name, simulator in SIMULATORS.items():
        reason = simulator.refusal(setting, record, dtype)
        if reason is None:
            cost = simulator.estimate(setting, record, replicas, threads)
            found[name] = Option(name, Estimate(cost.seconds, cost.bytes + kept), None)
        else:
            found[name] = Option(name, None, reason)
    return found


def choose(
    method: str, setting: Setting, record: Record, dtype: np.dtype, replicas: int, threads: int
) -> tuple[str, str]:
    """(method, why). Raises ProblemError where `method` cannot do it, or nothing fits in memory.

    "auto" compares costs at USUAL replicas and threads, whatever is asked for: results must not depend on either.
    """
    if method != "auto":
        reason = SIMULATORS[method].refusal(setting, record, dtype)
        if reason is not None:
            able = [name for name, other in SIMULATORS.items() if other.refusal(setting, record, dtype) is None]
            raise ProblemError(f"method = {method!r} cannot simulate this: {reason}; use {' or '.join(able)}")
        return method, "asked for"
    table = options(setting, record, dtype, replicas, threads)
    usual = options(setting, record, dtype, *USUAL)
    seconds = {name: option.cost.seconds for name, option in usual.items() if option.cost is not None}
    sizes = {name: option.cost.bytes for name, option in table.items() if option.cost is not None}
    fitting = sorted((name for name in seconds if sizes[name] <= 0.9 * memory()), key=lambda name: seconds[name])
    if not fitting:
        least = table[min(sizes, key=lambda name: sizes[name])]
        raise ProblemError(
            f"{least}, but this machine has {_bytes(memory())}: record fewer steps (at=), fewer kinds or fewer replicas"
        )
    return fitting[0], "; ".join(str(table[name]) for name in fitting)


def memory() -> float:
    """Bytes of memory of this machine; infinite where it cannot be told."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return math.inf


def _seconds(value: float) -> str:
    if value < 120:
        return f"{value:.2g} s"
    return f"{value / 60:.3g} min" if value < 7200 else f"{value / 3600:.3g} h"


def _bytes(value: float) -> str:
    return f"{value / 2**20:.3g} MiB" if value < 2**30 else f"{value / 2**30:.3g} GiB"
