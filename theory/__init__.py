"""What should happen: exact statements about targets, students and regimes. Imports nothing else of giantstep.

Every name loads with its first use: importing this package costs nothing, and `from theory import Target` only sympy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .climb import Staircase, staircase
    from .conditioning import Conditioning, subspace_conditioning
    from .dmft import DmftLimit, Escape, escape_rate, solve_dmft
    from .exponents import information_exponent, leap_complexity, leap_index
    from .floors import Floor, Planted, error_floor, planted_masses
    from .fresh import FreshLimit, fresh_limit
    from .hermite import HermiteCoefficients, hermite_coefficients, hermite_tensor
    from .maximal_rate import MaximalRateErrors, maximal_rate_errors
    from .one_step import FirstStep, GradientTerms, first_step, gradient_terms
    from .one_step_exponents import one_step_exponent
    from .one_step_laws import OneStepLaw, one_step_law
    from .prediction import Prediction, predict
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
    from .stairs import ReuseStaircase

# No module here bears a public function's name: importing a submodule binds its name and would hide the function.
_HOMES = {
    "climb": ("Staircase", "staircase"),
    "conditioning": ("Conditioning", "subspace_conditioning"),
    "dmft": ("DmftLimit", "Escape", "escape_rate", "solve_dmft"),
    "exponents": ("information_exponent", "leap_complexity", "leap_index"),
    "floors": ("Floor", "Planted", "error_floor", "planted_masses"),
    "fresh": ("FreshLimit", "fresh_limit"),
    "hermite": ("HermiteCoefficients", "hermite_coefficients", "hermite_tensor"),
    "maximal_rate": ("MaximalRateErrors", "maximal_rate_errors"),
    "one_step": ("FirstStep", "GradientTerms", "first_step", "gradient_terms"),
    "one_step_exponents": ("one_step_exponent",),
    "one_step_laws": ("OneStepLaw", "one_step_law"),
    "prediction": ("Prediction", "predict"),
    "problem": ("Activation", "ProblemError", "Regime", "Setting", "Student", "Target"),
    "reuse": ("ReuseThreshold", "generative_exponent", "reuse_threshold"),
    "ridge": (
        "BulkDensity",
        "ConditionalCoefficients",
        "EquivalentErrors",
        "RandomFeatureErrors",
        "bulk_density",
        "conditional_coefficients",
        "equivalent_errors",
        "random_feature_errors",
    ),
    "spikes": (
        "SpikeErrors",
        "SpikeGains",
        "SpikeSize",
        "SpikeSpectrum",
        "WeightSpikes",
        "spike_errors",
        "spike_gains",
        "spike_regime",
        "spike_sizes",
        "spike_spectrum",
        "two_step_outliers",
        "visible_from",
    ),
    "stairs": ("ReuseStaircase",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

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


if not TYPE_CHECKING:  # or checkers would take every name for one of ours

    def __getattr__(name: str) -> Any:
        """The public names, from the modules that hold them; and these modules, which type checkers see here too."""
        if name in _HOMES:
            return import_module(f".{name}", __name__)
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
