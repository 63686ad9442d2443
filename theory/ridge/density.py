"""The density of the singular values of random features: the bulk that spikes separate from."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..energies import FeatureEnergy, feature_energy
from ..problem import Activation, ProblemError
from ..problem.scalars import finite
from .arrays import vector
from .outside import bulk_edge

if TYPE_CHECKING:
    import numpy as np

_FAR, _NEAR, _STEPS = 10.0, 1e-13, 150  # from so many edges above the real axis to so far above it, in units of s^2
_NEWTON = 6


@dataclass(frozen=True, eq=False)
class BulkDensity:
    """density (M,) at `values` (M,), singular values of F/sqrt(N), as a share of n: it integrates to min(1, N/n), less
    what lies at 0 because F has no full rank (an affine sigma at d < n, N). edge: where the bulk ends.
    residual: of the fixed point, the largest.
    """

    values: "np.ndarray"
    density: "np.ndarray"
    edge: float
    residual: float


def bulk_density(activation: Activation | str, values: Any, *, phi: float, psi: float) -> BulkDensity:
    """Limit density of the singular values s > 0 of F0/sqrt(N), F0 = sigma(X W0^T) centred, d/n -> phi, d/N -> psi.

    2 s Im m1(-s^2 - i0)/pi, m1 by Newton steps from far above the real axis: the branch that is analytic there.
    Raises ProblemError for values that are no positive finite numbers in one dimension, ratios that are not positive
    and finite, and a constant sigma.
    """
    import numpy as np

    phi, psi = (finite(ratio, name, low=1e-6) for ratio, name in ((phi, "phi"), (psi, "psi")))
    s = vector(values, "values")
    if not (s > 0).all():
        raise ProblemError(f"values: {s.min():g} among them; singular values must be positive")
    energy = feature_energy(Activation(activation))
    edge = bulk_edge(energy, phi, psi)
    w = _continued(energy, phi, psi / phi, s**2, edge)
    residual = np.abs(_equation(energy, phi, psi / phi, w, -(s**2))[0])
    fitted = _fitted(energy, phi, w)[0]
    density = np.where(s**2 < edge, 2 * s * np.imag(w / (1 - psi / phi * fitted)) / np.pi, 0.0)
    return BulkDensity(s, np.maximum(density, 0.0), float(edge) ** 0.5, float(residual.max(initial=0)))


def _continued(energy: FeatureEnergy, phi: float, ratio: float, x: "np.ndarray", edge: float) -> "np.ndarray":
    """w at gamma = -x - i0."""
    import numpy as np

    height = np.full(x.shape, _FAR * edge)
    shrink = (_NEAR * x / height) ** (1 / _STEPS)
    w = 1 / (-x - 1j * height)
    for _ in range(_STEPS):
        height = height * shrink
        gamma = -x - 1j * height
        for _ in range(_NEWTON):
            value, slope = _equation(energy, phi, ratio, w, gamma)
            w = w - value / slope
    return w


def _equation(
    energy: FeatureEnergy, phi: float, ratio: float, w: "np.ndarray", gamma: "np.ndarray"
) -> "tuple[np.ndarray, np.ndarray]":
    """gamma w - (1 - T)(1 - T n/N) and its derivative in w."""
    fitted, slope = _fitted(energy, phi, w)
    value = gamma * w - (1 - fitted) * (1 - ratio * fitted)
    return value, gamma + slope * (1 + ratio - 2 * ratio * fitted)


def _fitted(energy: FeatureEnergy, phi: float, w: "np.ndarray") -> "tuple[np.ndarray, np.ndarray]":
    """T and dT/dw."""
    left = 1 / (1 + energy.linear * w / phi)
    return w * (energy.nonlinear + energy.linear * left), energy.nonlinear + energy.linear * left**2
