"""Reused batches: what gradient descent reaches when every step sees the same samples (arXiv 2402.03220)."""

from .climb import reuse_staircase
from .generative import generative_exponent
from .threshold import ReuseThreshold, reuse_threshold

__all__ = ["ReuseThreshold", "generative_exponent", "reuse_staircase", "reuse_threshold"]
