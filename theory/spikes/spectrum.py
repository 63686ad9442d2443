"""The singular values of the features after one step with a growing rate: bulk, spikes, and what they point to."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..problem import Activation, ProblemError, Target
from ..problem.scalars import finite
from .columns import stepped, untouched
from .kernel import step_strengths
from .regime import moment, sizes, spike_regime
from .step import step_constants

if TYPE_CHECKING:
    import numpy as np


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
    second_layer: Any | None = None,
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
        if gradient_norm == 0:
            raise ProblemError("gradient_norm = 0: give |beta| as measured, or leave it out")
        kappa, norm = kappa * gradient_norm / norm, gradient_norm
    after, kernel = stepped(constants, activation, (n, d, width), (kappa, tau), norm, second_layer)
    values = after.values()
    modes = _table([after.overlaps(value) for value in values], len(kernel.coefficients))
    return SpikeSpectrum(
        regime,
        after.edge,
        tuple(values),
        tuple(untouched(constants, activation, (n, d, width)).values()),
        (modes @ _monomials(regime, modes.shape[1])) ** 2,
        modes,
        kappa,
        tau,
        norm,
        kernel.error,
    )


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
