"""What should happen: exact statements about targets, students and regimes. Imports nothing else of giantstep."""

from .conditioning import Conditioning, subspace_conditioning
from .dmft import DmftLimit, Escape, escape_rate, solve_dmft
from .exponents import information_exponent, leap_complexity, leap_index
from .floors import Floor, Planted, error_floor, planted_masses
from .fresh import FreshLimit, fresh_limit
from .hermite import HermiteCoefficients, hermite_coefficients, hermite_tensor
from .maximal_rate import MaximalRateErrors, maximal_rate_errors
from .one_step import FirstStep, GradientTerms, first_step, gradient_terms
from .one_step_exponent import one_step_exponent
from .one_step_law import OneStepLaw, one_step_law
from .predict import Prediction, predict
from .problem import Activation, ProblemError, Regime, Setting, Student, Target
from .reuse import ReuseThreshold, generative_exponent, reuse_threshold
from .ridge import (
    BulkDensity,
    ConditionalCoefficients,
    EquivalentErrors,
    RandomFeatureErrors,
    bulk_density,
    conditional_coefficients,
    equivalent_errors,
    random_feature_errors,
)
from .spikes import (
    SpikeErrors,
    SpikeGains,
    SpikeSize,
    SpikeSpectrum,
    WeightSpikes,
    spike_errors,
    spike_gains,
    spike_regime,
    spike_sizes,
    spike_spectrum,
    two_step_outliers,
    visible_from,
)
from .staircase import Staircase, staircase
from .stairs import ReuseStaircase

__all__ = [
    "Activation",
    "BulkDensity",
    "ConditionalCoefficients",
    "Conditioning",
    "DmftLimit",
    "EquivalentErrors",
    "Escape",
    "FirstStep",
    "Floor",
    "FreshLimit",
    "GradientTerms",
    "HermiteCoefficients",
    "MaximalRateErrors",
    "OneStepLaw",
    "Planted",
    "Prediction",
    "ProblemError",
    "RandomFeatureErrors",
    "Regime",
    "ReuseStaircase",
    "ReuseThreshold",
    "Setting",
    "SpikeErrors",
    "SpikeGains",
    "SpikeSize",
    "SpikeSpectrum",
    "Staircase",
    "Student",
    "Target",
    "WeightSpikes",
    "bulk_density",
    "conditional_coefficients",
    "equivalent_errors",
    "error_floor",
    "escape_rate",
    "first_step",
    "fresh_limit",
    "generative_exponent",
    "gradient_terms",
    "hermite_coefficients",
    "hermite_tensor",
    "information_exponent",
    "leap_complexity",
    "leap_index",
    "maximal_rate_errors",
    "one_step_exponent",
    "one_step_law",
    "planted_masses",
    "predict",
    "random_feature_errors",
    "reuse_threshold",
    "solve_dmft",
    "spike_errors",
    "spike_gains",
    "spike_regime",
    "spike_sizes",
    "spike_spectrum",
    "staircase",
    "subspace_conditioning",
    "two_step_outliers",
    "visible_from",
]
