"""Gradient descent on explicit data."""

from .descent import estimate, refusal, run

__all__ = ["estimate", "refusal", "run"]
