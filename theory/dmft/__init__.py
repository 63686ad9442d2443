"""The deterministic limit of T steps on batches that may return: d -> infinity at fixed n/d, p and k."""

from .escape import Escape, escape_rate
from .limit import DmftLimit, solve_dmft

__all__ = ["DmftLimit", "Escape", "escape_rate", "solve_dmft"]
