"""How much memory there is."""

import math
import os
from pathlib import Path

# Where a container says how much it may use, of Linux's control groups: version 2 and version 1.
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def memory() -> float:
    """Bytes this process may use: those of the machine, or fewer in a container; infinite where it cannot be told."""
    return min([_machine(), *(_limit(path) for path in LIMITS)])


def _machine() -> float:
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return math.inf


def _limit(path: Path) -> float:
    try:
        return float(int(path.read_text()))
    except (OSError, ValueError):  # no such group, or "max"
        return math.inf
