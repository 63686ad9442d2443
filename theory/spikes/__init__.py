"""The feature spectrum after one gradient step whose rate grows with n, and what ridge regression gains from it."""

from .crossover import SpikeErrors, spike_errors
from .gains import SpikeGains, spike_gains
from .kernel import SpikeKernel, step_kernel, step_strengths
from .step import StepConstants, step_constants

__all__ = [
    "SpikeErrors",
    "SpikeGains",
    "SpikeKernel",
    "StepConstants",
    "spike_errors",
    "spike_gains",
    "step_constants",
    "step_kernel",
    "step_strengths",
]
