"""What does happen: gradient descent, simulated. Knows the statement of a problem and no prediction.

The compiled kernels load with the first use of ``simulate`` or ``Run``; importing this package is cheap.
"""

from typing import TYPE_CHECKING, Any

from .kernel_cache import keep_kernels_apart

if TYPE_CHECKING:
    from .features.record import FeatureSpectrum
    from .features.spectrum import feature_spectrum
    from .readout.fit import fit_readout
    from .readout.record import Readout
    from .run import Run
    from .simulator import estimate, simulate

keep_kernels_apart()

__all__ = ["FeatureSpectrum", "Readout", "Run", "estimate", "feature_spectrum", "fit_readout", "simulate"]


# No module is called `simulate`: importing a submodule binds its name here and would hide the function. `readout` is
# one, so the function is called `fit_readout`; `features` another, beside `feature_spectrum`.


def __getattr__(name: str) -> Any:
    if name in ("simulate", "estimate"):
        from . import simulator

        return getattr(simulator, name)
    if name == "Run":
        from .run import Run

        return Run
    if name == "fit_readout":
        from .readout.fit import fit_readout

        return fit_readout
    if name == "Readout":
        from .readout.record import Readout

        return Readout
    if name == "feature_spectrum":
        from .features.spectrum import feature_spectrum

        return feature_spectrum
    if name == "FeatureSpectrum":
        from .features.record import FeatureSpectrum

        return FeatureSpectrum
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
