"""The feature spectrum after one gradient step whose rate grows with n, and what ridge regression gains from it."""

from .crossover import SpikeErrors, spike_errors
from .gains import SpikeGains, spike_gains
from .kernel import SpikeKernel, step_kernel, step_strengths
from .regime import SpikeSize, spike_regime, spike_sizes, spike_threshold
from .spectrum import SpikeSpectrum, spike_spectrum
from .step import StepConstants, step_constants
from .two_steps import WeightSpikes, two_step_outliers
from .visible import visible_from

__all__ = [
    "SpikeErrors",
    "SpikeGains",
    "SpikeKernel",
    "SpikeSize",
    "SpikeSpectrum",
    "StepConstants",
    "WeightSpikes",
    "spike_errors",
    "spike_gains",
    "spike_regime",
    "spike_sizes",
    "spike_spectrum",
    "spike_threshold",
    "step_constants",
    "step_kernel",
    "step_strengths",
    "two_step_outliers",
    "visible_from",
]
