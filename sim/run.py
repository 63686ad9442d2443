"""What a simulation returns."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.problem import ProblemError, Setting

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
MEANS = {
    "overlaps": "<w_i, w*_r>",
    "cosines": "<w_i, w*_r> / |w_i|",
    "gram": "<w_i, w_j>",
    "rows": "w_i",
    "test_error": "E (f* - f)^2 on clean labels",
    "test_error_stderr": "standard error of test_error",
    "train_error": "(1/n) sum (y - f)^2 over the batch of the next step",
    "alpha": "second layer alpha_i",
    "bias": "bias b_i",
    "diverged": "whether the last rows are not finite",
}
REQUIRED = ("overlaps", "alpha", "bias", "diverged")


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
            {name: (DIMENSIONS[name], values, {"long_name": MEANS[name]}) for name, values in self.arrays().items()},
            coords={"step": list(self.at), "replica": np.arange(self.first, self.first + len(self.alpha))},
            attrs={"setting": json.dumps(self.setting.to_json()), "method": self.method, "why": self.why},
        )

    @classmethod
    def from_xarray(cls, data: "xarray.Dataset") -> "Run":
        """The run that `to_xarray` wrote, also read back from NetCDF. Raises ProblemError for any other dataset."""
        missing = [name for name in ("setting", "method", "why") if name not in data.attrs]
        missing += [name for name in (*REQUIRED, "step", "replica") if name not in data.variables]
        if missing:
            raise ProblemError(f"this dataset is not a run: it lacks {', '.join(missing)}")
        arrays = {name: data[name].values for name in DIMENSIONS if name in data}
        for name, values in arrays.items():
            if data[name].dims != DIMENSIONS[name]:
                raise ProblemError(f"{name} has dimensions {data[name].dims}; in a run they are {DIMENSIONS[name]}")
            arrays[name] = values.astype(bool) if name == "diverged" else values.astype(values.dtype.newbyteorder("="))
        try:
            setting = Setting.from_json(json.loads(data.attrs["setting"]))
        except json.JSONDecodeError as error:
            raise ProblemError(f"the attribute setting is not JSON: {error}") from None
        at, first = tuple(map(int, data["step"].values)), int(data["replica"].values[0])
        return cls(setting, data.attrs["method"], data.attrs["why"], at, first=first, **arrays)

    def plot(self, kind: str = "cosines", ax: Any = None) -> Any:
        """Draw against steps, and return the Axes: "cosines", "overlaps" (root mean square over the neurons, for each
        teacher direction), "test_error" or "train_error"; medians over replicas with bands from 10 to 90 %.

        ax: a matplotlib Axes, or a Figure, which is then returned; None makes a figure with pyplot. Raises ProblemError
        for what was not recorded, and where every replica diverged. Figures beside theory: ``checks.face.figures``.
        """
        from .drawing.trajectory import plot_run  # sim draws what it measured; predictions need checks

        return plot_run(self, kind, ax)
