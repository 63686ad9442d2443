"""One sample a step, for many replicas side by side."""

from .descent import estimate, refusal, run

__all__ = ["estimate", "refusal", "run"]
