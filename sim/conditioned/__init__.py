"""Fresh batches, drawn only where they are looked at."""

from .descent import estimate, refusal, run

__all__ = ["estimate", "refusal", "run"]
