"""The feature spectrum after one gradient step whose rate grows with n."""

from .kernel import SpikeKernel, step_kernel, step_strengths
from .step import StepConstants, step_constants

__all__ = ["SpikeKernel", "StepConstants", "step_constants", "step_kernel", "step_strengths"]
