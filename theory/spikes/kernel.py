"""What one step adds to the features as one function T(g, a) of the sample's and of the neuron's coordinate."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ..energies import FeatureEnergy
from ..fresh.axes import trapezoidal
from ..fresh.functions import degree
from ..problem import Activation, ProblemError
from ..problem.scalars import finite
from ..ridge.conditional import parts_of
from .step import StepConstants

if TYPE_CHECKING:
    import numpy as np

ORDER = 12  # Hermite orders kept in g and in a: those of size kappa^12 and below are not needed
_SPACINGS = (1 / 2, 1 / 3, 1 / 4, 1 / 6, 1 / 8)
_LIGHT = 1e-18
_GOOD = 1e-9  # of the largest singular value
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class SpikeKernel:
    """T(g, a) = sum_k values[k] phi_k(g) psi_k(a), g, a ~ N(0, 1): both families orthonormal.

    coefficients (13, 13): [i, j] is E[T he_i(g) he_j(a)], he_j = He_j/sqrt(j!). values (13,), largest first, and left,
    right (13, 13), whose column k holds the coefficients of phi_k and psi_k: its singular system. On n samples and N
    neurons, phi_k(X beta/|beta|)/sqrt(n) and psi_k(sqrt(N) a)/sqrt(N) are the singular vectors of the matrix of T, and
    sqrt(n N) values[k] the singular values.
    error: the largest last change of a coefficient or value, the grids being refined. tail: sqrt E of the square of
    what lies beyond order 12.
    slopes (13, 13): [i, j] is E[D he_i(g) he_j(a)], D(g, a) = E_z[sigma(.) z]: what multiplies he_i(g) <w, x>.
    energy: what is left for the bulk, linear = E_a(E_g[D])^2, and nonlinear, the rest of E Var_z sigma(.); at
    kappa = tau = 0 that of sigma.
    """

    kappa: float
    tau: float
    coefficients: "np.ndarray"
    values: "np.ndarray"
    left: "np.ndarray"
    right: "np.ndarray"
    error: float
    tail: float
    slopes: "np.ndarray"
    energy: FeatureEnergy


def step_strengths(constants: StepConstants, phi: float, width: float, eta: float) -> tuple[float, float]:
    """(kappa, tau): after W0 + eta G neuron j sees <w_j, x> + a~_j (kappa g + tau z'), a~ = sqrt(N) a, z' ~ N(0, 1).

    kappa = eta c_1 |beta|/sqrt(N); tau^2 = (eta^2/N) phi E[residual^2] E(sigma' - c_1)^2 is the length of what the
    gradient has beyond c_1 a beta^T, different in each neuron. eta: of the features sigma(W x), whose gradient has rows
    a_j (1/n) sum_i residual_i sigma'(<w_j, x_i>) x_i, |a| = 1. Derived in docs/notes/spike_gains.md.
    """
    kappa = eta * constants.sigma[1] * (constants.gradient_energy(phi) / width) ** 0.5
    return kappa, abs(kappa) * spread(constants, phi) ** 0.5


def spread(constants: StepConstants, phi: float) -> float:
    """r = tau^2/kappa^2: column k of the step is E_z (g + sqrt(r) z)^k to first order, not g^k."""
    residual = constants.label_energy + (constants.sigma_energy if constants.scaling == "ntk" else 0.0)
    return phi * residual * constants.slope_variance / (constants.sigma[1] ** 2 * constants.gradient_energy(phi))


def step_kernel(activation: Activation | str, kappa: float, tau: float) -> SpikeKernel:
    """T(g, a) = E_z sigma(sqrt(1 + tau^2 a^2) z + kappa g a) - E sigma(z) and its singular system.

    On one grid in g and a, refined until nothing changes by 1e-9 of the largest value (or 1e-12). Where it converges, T
    is sum_k c_k (kappa a)^k E_z(g + r^(1/2) z)^k, r = tau^2/kappa^2: derived in docs/notes/spike_gains.md.
    Raises ProblemError where the finest grid is not enough (kappa or tau far beyond 1).
    """
    return _refined(Activation(activation), finite(kappa, "kappa"), finite(tau, "tau", low=0))


@lru_cache(maxsize=256)
def _refined(activation: Activation, kappa: float, tau: float) -> SpikeKernel:
    import numpy as np

    coarse = _on_grid(activation, kappa, tau, _SPACINGS[0])[0]
    for spacing in _SPACINGS[1:]:
        fine, rest = _on_grid(activation, kappa, tau, spacing)
        size, error = (
            float(np.linalg.norm(x, 2)) for x in (fine, fine - coarse)
        )  # bounds the change of every coefficient and value
        if error <= max(_GOOD * size, _ROUNDING):
            left, values, right = np.linalg.svd(fine)
            sign = np.sign(right[np.arange(len(right)), np.abs(right).argmax(axis=1)])
            return SpikeKernel(kappa, tau, fine, values, left * sign, right.T * sign, error, *rest)
        coarse = fine
    raise ProblemError(f"the kernel does not converge at kappa = {kappa:g}, tau = {tau:g}: the step is too large")


def _on_grid(
    activation: Activation, kappa: float, tau: float, spacing: float
) -> "tuple[np.ndarray, tuple[float, np.ndarray, FeatureEnergy]]":
    """Coefficients; tail, slopes and energy."""
    import numpy as np

    nodes, weights = trapezoidal(spacing)
    if degree(activation) is None:  # what grows no faster than its argument is not missed there, and costs most
        nodes, weights = nodes[weights > _LIGHT], weights[weights > _LIGHT]
    shift = kappa * np.outer(nodes, nodes)
    scale = np.broadcast_to(np.sqrt(1 + (tau * nodes) ** 2), shift.shape)
    flat = np.append(shift.ravel(), 0.0), np.append(scale.ravel(), 1.0)  # the last one is E sigma
    parts = parts_of(activation, *flat)[0]
    mean, slope, square = (part[:-1].reshape(shift.shape) for part in parts)
    root = np.sqrt(weights)
    kernel = root[:, None] * (mean - parts[0, -1]) * root
    basis = root[:, None] * normalised_hermite(nodes, ORDER)
    found = basis.T @ kernel @ basis
    linear = float(weights @ (weights @ slope) ** 2)
    energy = FeatureEnergy(linear, float(weights @ (square + slope**2) @ weights) - linear)
    tail = float(np.linalg.norm(kernel - basis @ found @ basis.T))
    return found, (tail, basis.T @ (root[:, None] * slope * root) @ basis, energy)


def normalised_hermite(nodes: "np.ndarray", order: int) -> "np.ndarray":
    """[i, j] = He_j(nodes_i)/sqrt(j!), j = 0 .. order."""
    import numpy as np

    table = np.ones((len(nodes), order + 1))
    table[:, 1:2] = nodes[:, None]
    for j in range(2, order + 1):
        table[:, j] = (nodes * table[:, j - 1] - np.sqrt(j - 1) * table[:, j - 2]) / np.sqrt(j)
    return table
