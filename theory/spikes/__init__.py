"""The feature spectrum after one gradient step whose rate grows with n."""

from .kernel import SpikeKernel, step_kernel, step_strengths
from .regime import SpikeSize, spike_regime, spike_sizes, spike_threshold
from .spectrum import SpikeSpectrum, spike_spectrum
from .step import StepConstants, step_constants
from .visible import visible_from

__all__ = [
    "SpikeKernel",
    "SpikeSize",
    "SpikeSpectrum",
    "StepConstants",
    "spike_regime",
    "spike_sizes",
    "spike_spectrum",
    "spike_threshold",
    "step_constants",
    "step_kernel",
    "step_strengths",
    "visible_from",
]
