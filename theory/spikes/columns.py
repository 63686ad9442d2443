"""The columns of the feature matrix that a step marks, and the bulk of the others."""

import math
from typing import TYPE_CHECKING, Any

from ..energies import FeatureEnergy, feature_energy
from ..problem import Activation, ProblemError
from ..ridge.arrays import row
from .kernel import ORDER, SpikeKernel, normalised_hermite, step_kernel
from .outliers import Marked
from .step import StepConstants

if TYPE_CHECKING:
    import numpy as np


def stepped(
    constants: StepConstants,
    activation: Activation,
    sizes: tuple[float, float, float],
    strengths: tuple[float, float],
    norm: float,
    second_layer: Any | None = None,
) -> tuple[Marked, SpikeKernel]:
    """F after a step of `strengths` (kappa, tau), |beta| = norm > 0, on sizes n, d, N, and the kernel it went through.

    With the network in the residual, beta has the part -c_1 W0^T a: neuron j then sees g with kappa less
    c_1/(sqrt(N) |beta|), and W0^T e_1 is correlated with beta: what F0 has along g for that is taken off its columns,
    so that a step of size 0 leaves the spectrum of `untouched`. second_layer: a (N,) as drawn.
    """
    import numpy as np

    width = sizes[2]
    kappa, tau = strengths
    seen = constants.sigma[1] / (math.sqrt(width) * norm) if constants.scaling == "ntk" else 0.0
    kernel = step_kernel(activation, kappa - seen, math.sqrt(max(tau**2 - seen**2, 0.0)))
    mixing = _mixing(second_layer, round(width))
    functions = math.sqrt(width) * kernel.coefficients @ mixing
    if seen == 0:
        return _marked(constants, kernel.energy, sizes, functions, np.zeros_like(functions)), kernel
    # rows have the square length 1 + a~^2 (kappa^2 - 2 kappa seen + tau^2), and none that the step has not changed
    energy = step_kernel(activation, math.sqrt(max(kappa * (kappa - 2 * seen), 0.0)), tau).energy
    before = math.sqrt(width) * step_kernel(activation, -seen, 0.0).coefficients @ mixing
    before[1] *= math.sqrt(energy.linear) / abs(constants.sigma[1])  # -slope sqrt(N) seen: the bulk's slope of today
    return _marked(constants, energy, sizes, functions, before), kernel


def untouched(constants: StepConstants, activation: Activation, sizes: tuple[float, float, float]) -> Marked:
    """F before any step: one marked column, sqrt(N) c_2 (|x|^2/d - 1)."""
    import numpy as np

    nothing = np.zeros((ORDER + 1, ORDER + 1))
    return _marked(constants, feature_energy(activation), sizes, nothing, nothing)


def _marked(
    constants: StepConstants,
    energy: FeatureEnergy,
    sizes: tuple[float, float, float],
    functions: "np.ndarray",
    before: "np.ndarray",
) -> Marked:
    """Columns of the bulk's `energy`, whose part along functions of g is `functions` and no longer `before`, with
    c_2 (|x|^2/d - 1), of variance 2/d and covariance sqrt(2)/d with He_2(g)/sqrt(2), added to column 0.
    """
    import numpy as np

    n, d, width = sizes
    one = np.eye(functions.shape[1])
    linear = energy.linear * one + np.outer(functions[1], functions[1]) - np.outer(before[1], before[1])
    other, gone = np.delete(functions, 1, axis=0), np.delete(before, 1, axis=0)
    rest = energy.nonlinear * one + other.T @ other - gone.T @ gone
    radius, functions = math.sqrt(width) * constants.sigma[2], functions.copy()
    rest[0] += radius * math.sqrt(2) / d * (functions[2] - before[2])
    rest[:, 0] += radius * math.sqrt(2) / d * (functions[2] - before[2])
    rest[0, 0] += radius**2 * 2 / d
    functions[2, 0] += radius * math.sqrt(2) / d
    return Marked(energy, n, d, width, linear, rest, functions)


def _mixing(second_layer: Any | None, width: int) -> "np.ndarray":
    """He_j(sqrt(N) a)/sqrt(N j!) = sum_i [j, i] e_i for orthonormal e_i; the identity as N -> infinity."""
    import numpy as np

    if second_layer is None:
        return np.eye(ORDER + 1)
    if width <= ORDER:
        raise ProblemError(f"width = {width}: a second layer as drawn needs more than {ORDER} neurons")
    table = normalised_hermite(math.sqrt(width) * row(second_layer, "second_layer", width), ORDER)
    triangle = np.linalg.qr(table / math.sqrt(width))[1]
    return (triangle * np.where(np.diag(triangle) < 0, -1, 1)[:, None]).T
