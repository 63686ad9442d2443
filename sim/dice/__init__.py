"""Reused batches, rolled only where they are looked at."""

from .descent import estimate, refusal, run

__all__ = ["estimate", "refusal", "run"]
