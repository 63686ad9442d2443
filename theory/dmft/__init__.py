"""The deterministic limit of T steps on batches that may return: d -> infinity at fixed n/d, p and k."""

from .limit import DmftLimit, solve_dmft

__all__ = ["DmftLimit", "solve_dmft"]
