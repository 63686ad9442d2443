"""What one step changes in the features besides its columns, to first order in kappa^2 and tau^2."""

from ..hermite import hermite_tensor
from ..problem import Target
from ..ridge import RandomFeatureErrors
from ..ridge.random_features import energy_errors
from .captured import Captured
from .kernel import ORDER, SpikeKernel
from .step import StepConstants


def bulk_errors(before: RandomFeatureErrors, kernel: SpikeKernel, noise: float) -> RandomFeatureErrors:
    """Errors of random features with the energies that the step leaves, its columns and products put aside."""
    sizes = (before.phi, before.psi, before.ridge, before.gamma)
    return energy_errors(kernel.energy, before.linear, before.unfitted, noise, sizes)


def learned_products(
    target: Target, constants: StepConstants, bulk: RandomFeatureErrors, kernel: SpikeKernel
) -> Captured:
    """Phi of the features g <w, x> that sigma'(<w, x> + kappa g a~) makes: d functions, fitted like the linear ones.

    Of f* they meet g <q, x>, q = C_2 v - <v, C_2 v> v at v = beta/|beta|. Of the linear part z = m2/m1 is left, hence
    of these 1/(1 + (1/z - 1) products/linear). Derived in docs/notes/spike_gains.md.
    """
    import numpy as np

    energy = _product_energy(target, constants, bulk.phi)
    if energy == 0 or kernel.products == 0:
        return Captured(0.0, 0.0, np.zeros(ORDER + 1))
    left = bulk.m2 / bulk.m1
    left_slope = (bulk.m2_slope - left * bulk.m1_slope) / bulk.m1
    share = kernel.products / kernel.energy.linear
    kept = 1 / (1 + share * (1 / left - 1))
    kept_slope = kept**2 * share / left**2 * left_slope
    value = energy * bulk.m1 * (1 - kept)
    slope = energy * (bulk.m1_slope * (1 - kept) - bulk.m1 * kept_slope)
    return Captured(value, slope, value * np.eye(ORDER + 1)[2])


def _product_energy(target: Target, constants: StepConstants, phi: float) -> float:
    """|q|^2 = rho^2 |C_2 u|^2 - rho^4 <u, C_2 u>^2, u = C_1/|C_1|; the rest of v meets no coordinate of f*."""
    import numpy as np

    first, second = (np.array(hermite_tensor(target, m).tolist(), dtype=float) for m in (1, 2))
    length = float(np.linalg.norm(first))
    if length == 0:
        return 0.0
    image, share = second @ first / length, constants.alignment(phi)
    return max(share * float(image @ image) - (share * float(image @ first) / length) ** 2, 0.0)


def trace_of_second(target: Target) -> float:
    """tr C_2 = E[f* (|x|^2 - d)]."""
    import numpy as np

    return float(np.trace(np.array(hermite_tensor(target, 2).tolist(), dtype=float)))
