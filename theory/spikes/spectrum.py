"""The singular values of the features after one step with a growing rate: bulk, spikes, and what they point to."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy.typing as npt

from ..energies import FeatureEnergy
from ..fresh.axes import trapezoidal
from ..problem import Activation, Target
from ..problem.scalars import finite
from ..ridge.arrays import row
from ..ridge.conditional import parts_of
from .kernel import SpikeKernel, normalised_hermite, step_kernel, step_strengths
from .outliers import Marked
from .regime import moment, sizes, spike_regime
from .step import StepConstants, step_constants

if TYPE_CHECKING:
    import numpy as np

_SPACING = 1 / 2
_LIGHT = 1e-16


@dataclass(frozen=True, eq=False)
class SpikeSpectrum:
    """Singular values of F = sigma(X W^T), n x N, sigma centred, after one step, on inputs the step has not seen.

    regime: l, how many spikes outgrow the bulk as n -> infinity, those with c_k = 0 counted too. edge: of the bulk.
    outliers: all that separate from it, largest first. initial_outliers: before any step (from |x|^2).
    alignments (outliers, l): cos^2 of the left singular vectors with (X beta)^k, k = 1 .. l, entry by entry.
    modes (outliers, 13): their inner products with He_k(g)/sqrt(n k!), g = X beta/|beta|, k = 0 .. 12.
    kappa, tau: of `step_kernel`. gradient_norm: |beta|. error: of the kernel.
    """

    regime: int
    edge: float
    outliers: tuple[float, ...]
    initial_outliers: tuple[float, ...]
    alignments: "np.ndarray"
    modes: "np.ndarray"
    kappa: float
    tau: float
    gradient_norm: float
    error: float


def spike_spectrum(
    target: Target | str,
    activation: Activation | str,
    *,
    n: int,
    d: int,
    width: int,
    rate_exponent: float,
    prefactor: float,
    scaling: str = "mean-field",
    gradient_norm: float | None = None,
    second_layer: npt.ArrayLike | None = None,
) -> SpikeSpectrum:
    """W = W0 + eta G, eta = prefactor n^rate_exponent, G the gradient on n samples; F on n others.

    x ~ N(0, I_d); rows of W0 uniform on the unit sphere; a ~ N(0, I_N/N); G has rows a_i X^T (r sigma'(X w_i))/n with
    residual r = y ("mean-field") or y - sigma(X W0^T) a ("ntk"). A Student with Gaussian second layer takes this step
    at eta = sqrt(p) prefactor n^rate_exponent with mean-field scaling, at that without sqrt(p) with ntk.
    Finite n, d and N enter exactly but for o(1): the step's columns through `step_kernel`, all orders at once, the bulk
    through the fixed point of random features. gradient_norm: |beta| as measured, in place of its limit sqrt(B), and
    second_layer: a (width,) as drawn, in place of its law; both fluctuate by N^(-1/2), and with them the outliers.
    arXiv 2310.07891; derived in docs/notes/spikes.md. sigma and the target are centred first.
    Raises ProblemError as `step_constants` (c_1 = 0, jumps, constants), `spike_regime` (thresholds) and `step_kernel`
    (steps that are too large) do.
    """
    target, activation = Target(target), Activation(activation)
    constants = step_constants(target, activation, scaling)
    regime, (n, d, width) = spike_regime(rate_exponent), sizes(n, d, width)
    rate = finite(prefactor, "prefactor", low=0) * n**rate_exponent
    norm = math.sqrt(constants.gradient_energy(d / n))
    kappa, tau = step_strengths(constants, d / n, width, rate)
    if gradient_norm is not None:
        gradient_norm = finite(gradient_norm, "gradient_norm", low=0)
        kappa, norm = kappa * gradient_norm / norm, gradient_norm
    kernel = step_kernel(activation, kappa, tau)
    mixing = _mixing(second_layer, width, len(kernel.coefficients))
    stepped = marked(constants, activation, kernel, mixing, n, d, width, norm)
    initial = marked(constants, activation, step_kernel(activation, 0.0, 0.0), mixing, n, d, width, 0.0)
    values = stepped.values()
    modes = _table([stepped.overlaps(value) for value in values], len(kernel.coefficients))
    return SpikeSpectrum(
        regime,
        stepped.edge,
        tuple(values),
        tuple(initial.values()),
        (modes @ _monomials(regime, modes.shape[1])) ** 2,
        modes,
        kappa,
        tau,
        norm,
        kernel.error,
    )


def marked(
    constants: StepConstants,
    activation: Activation,
    kernel: SpikeKernel,
    mixing: "np.ndarray",
    n: float,
    d: float,
    width: float,
    norm: float,
) -> Marked:
    """The columns F e_j along orthonormal e_0, e_1, ..: c_1 X W0^T e_j, noise, and the kernel's functions of g.

    mixing: He_j(sqrt(N) a)/sqrt(N j!) = sum_i mixing[j, i] e_i, lower triangular, the identity as N -> infinity.
    norm: |beta|, 0 for no step. With the network in the residual, beta has the part -c_1 W0^T a.
    """
    import numpy as np

    functions, identity = math.sqrt(width) * kernel.coefficients @ mixing, np.eye(len(mixing))
    along, energy = functions[1].copy(), _bulk(activation, kernel.kappa, kernel.tau)
    slope = math.sqrt(energy.linear) * math.copysign(1.0, constants.sigma[1])
    if constants.scaling == "ntk" and norm > 0:
        along -= slope * constants.sigma[1] / norm * mixing[1]
    shared = along - functions[1]  # <c_1 W0^T e_j, beta>/|beta|
    linear = energy.linear * identity + np.outer(functions[1], functions[1])
    linear += np.outer(shared, functions[1]) + np.outer(functions[1], shared)
    other = np.delete(functions, 1, axis=0)
    rest = energy.nonlinear * identity + other.T @ other
    radius = math.sqrt(width) * constants.sigma[2]  # e_0 carries c_2 (|x|^2/d - 1), whose variance is 2/d
    rest[0, 0] += radius**2 * 2 / d
    rest[0] += radius * math.sqrt(2) / d * functions[2]
    rest[:, 0] += radius * math.sqrt(2) / d * functions[2]
    functions = functions.copy()
    functions[2, 0] += radius * math.sqrt(2) / d
    return Marked(energy, n, d, width, linear, rest, along, functions)


def _mixing(second_layer: npt.ArrayLike | None, width: int, modes: int) -> "np.ndarray":
    import numpy as np

    if second_layer is None:
        return np.eye(modes)
    a = row(second_layer, "second_layer", width)
    gram = normalised_hermite(math.sqrt(width) * a, modes - 1)
    triangle = np.linalg.qr(gram / math.sqrt(width), mode="r")
    return (triangle * np.sign(np.diag(triangle))[:, None]).T


@lru_cache(maxsize=256)
def _bulk(activation: Activation, kappa: float, tau: float) -> FeatureEnergy:
    """The bulk's energies with rows of norm sqrt(1 + tau^2 a^2) and shifts kappa g a, averaged over a and g.

    They are those of random features up to O(kappa^2 + tau^2) = O(n^(2 alpha - 1)), to which order only means count.
    """
    import numpy as np

    nodes, weights = trapezoidal(_SPACING)
    nodes, weights = nodes[weights > _LIGHT], weights[weights > _LIGHT]
    shift, scale = kappa * np.outer(nodes, nodes), np.sqrt(1 + (tau * nodes) ** 2) + np.zeros((len(nodes), 1))
    (_, slopes, rest), _error = parts_of(activation, shift.ravel(), scale.ravel())
    joint = np.outer(weights, weights).ravel()
    linear = float(joint @ slopes) ** 2
    return FeatureEnergy(linear, float(joint @ (rest + slopes**2)) - linear)


def _monomials(count: int, modes: int) -> "np.ndarray":
    """(modes, count): g^k/sqrt(E g^2k), k = 1 .. count, in the orthonormal He_j/sqrt(j!)."""
    import numpy as np

    table = np.zeros((modes, count))
    for k in range(1, count + 1):
        for j in range(k, -1, -2):
            half = (k - j) // 2
            ways = math.factorial(k) / (2**half * math.factorial(half) * math.sqrt(math.factorial(j)))
            table[j, k - 1] = ways / math.sqrt(moment(2 * k))
    return table


def _table(rows: "list[np.ndarray]", width: int) -> "np.ndarray":
    import numpy as np

    return np.array(rows).reshape(len(rows), width)
