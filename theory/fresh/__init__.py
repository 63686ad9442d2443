"""The deterministic limit of T steps on fresh batches: d -> infinity at fixed n/d, p and k."""

from .limit import FreshLimit, fresh_limit

__all__ = ["FreshLimit", "fresh_limit"]
