"""The feature spectrum after one gradient step whose rate grows with n."""

from .step import StepConstants, step_constants

__all__ = ["StepConstants", "step_constants"]
