"""What a simulation returns."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.problem import Setting

if TYPE_CHECKING:
    import xarray

    from .features.record import FeatureSpectrum
    from .readout.record import Readout

DIMENSIONS = {
    "overlaps": ("replica", "step", "neuron", "teacher"),
    "cosines": ("replica", "step", "neuron", "teacher"),
    "gram": ("replica", "step", "neuron", "other_neuron"),
    "rows": ("replica", "step", "neuron", "input"),
    "test_error": ("replica", "step"),
    "test_error_stderr": ("replica", "step"),
    "train_error": ("replica", "step"),
    "alpha": ("replica", "neuron"),
    "bias": ("replica", "neuron"),
    "diverged": ("replica",),
}


@dataclass(frozen=True, eq=False)
class Run:
    """Trajectories of `replicas` independent networks. What was not recorded is None.

    overlaps (replicas, len(at), p, k): <w_i, w*_r>. cosines, same shape: overlap / |w_i|. gram (replicas,
    len(at), p, p): <w_i, w_j>. rows (replicas, len(at), p, d). at: the steps kept; 0 is before training.
    test_error (replicas, len(at)): Monte Carlo estimate of E (f* - f)^2 on clean labels, with its standard
    error test_error_stderr. train_error (replicas, len(at)): (1/n) sum (y - f)^2 over the batch of the step
    about to be taken (at the end: of the last one), with label noise and preprocessing.
    alpha, bias (replicas, p): second layer alpha_i and biases, frozen. diverged (replicas,): the last rows
    are not finite, in a neuron or more; NaN and infinities are kept as they came. Rows are looked at as far as they
    were computed: "conditioned" leaves out what lies outside the teacher's span after a last step of which nothing
    else is recorded, and an overflow there goes unseen. method, why: the simulator and the reason it was
    chosen. first: number of the first replica.
    """

    setting: Setting
    method: str
    why: str
    at: tuple[int, ...]
    alpha: np.ndarray
    bias: np.ndarray
    diverged: np.ndarray
    overlaps: np.ndarray
    gram: np.ndarray | None = None
    cosines: np.ndarray | None = None
    rows: np.ndarray | None = None
    test_error: np.ndarray | None = None
    test_error_stderr: np.ndarray | None = None
    train_error: np.ndarray | None = None
    first: int = 0

    def readout(
        self, n: int | str, ridge: "float | Sequence[float]", rng: "int | np.random.SeedSequence" = 0, **options: Any
    ) -> "Readout":
        """Fit the second layer on n fresh samples: ``sim.fit_readout`` of this run, with its options and errors."""
        from .readout.fit import fit_readout

        return fit_readout(self, n, ridge, rng, **options)

    def features(self, n: int | str, rng: "int | np.random.SeedSequence" = 0, **options: Any) -> "FeatureSpectrum":
        """Singular values of features on n fresh samples: ``sim.feature_spectrum`` of this run, with its options."""
        from .features.spectrum import feature_spectrum

        return feature_spectrum(self, n, rng, **options)

    def arrays(self) -> dict[str, np.ndarray]:
        """What was recorded, by name."""
        return {name: getattr(self, name) for name in DIMENSIONS if getattr(self, name) is not None}

    def to_xarray(self) -> "xarray.Dataset":
        """Everything recorded, with labelled dimensions; the setting is in the attributes, as JSON."""
        import xarray

        return xarray.Dataset(
            {name: (DIMENSIONS[name], values) for name, values in self.arrays().items()},
            coords={"step": list(self.at), "replica": np.arange(self.first, self.first + len(self.alpha))},
            attrs={"setting": json.dumps(self.setting.to_json()), "method": self.method, "why": self.why},
        )
