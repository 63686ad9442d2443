"""Fresh batches, drawn only where they are looked at."""

from .cost import estimate
from .descent import refusal, run

__all__ = ["estimate", "refusal", "run"]
