"""The singular values of the first layer's weights after two steps whose rates grow with n."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..fresh.axes import trapezoidal
from ..fresh.functions import function
from ..problem import Activation, ProblemError, Target
from ..problem.errors import show
from ..problem.scalars import finite
from .captured import label_coefficients
from .fit import times_argument
from .kernel import ORDER, SpikeKernel, normalised_hermite, step_kernel, step_strengths
from .regime import CRITICAL, MOST, sizes
from .sides import side_labels
from .step import StepConstants, step_constants

if TYPE_CHECKING:
    import numpy as np

_SPACING = 1 / 6  # of the rule in g and z: exact to round-off for smooth targets


@dataclass(frozen=True)
class WeightSpikes:
    """Singular values of W2 = W0 + eta1 G1 + eta2 G2, N x d, that leave the bulk.

    orders: the k = 0 .. 9 whose term a^{k+1} b_k^T outgrows the bulk as n -> infinity: k (1/2 - a1) < a2 and
    c_{k+1} != 0; k = 0 also by the first step alone.
    outliers: all that separate at these sizes, largest first. strengths (13,): singular values of W2 - W0 but for what
    is small in operator norm. edge: 1 + sqrt(N/d), of W0; at finite n long rows move it out. kappa, tau: of the first
    step, as in `step_kernel`.
    """

    orders: tuple[int, ...]
    outliers: tuple[float, ...]
    strengths: tuple[float, ...]
    edge: float
    kappa: float
    tau: float


def two_step_outliers(
    target: Target | str,
    activation: Activation | str,
    *,
    n: int,
    d: int,
    width: int,
    rate_exponents: tuple[float, float],
    prefactors: tuple[float, float],
    batch: str = "fresh",
) -> WeightSpikes:
    """Two steps of rates eta_t = prefactor_t n^(exponent_t), n fresh samples each, the residual being y.

    Setting of `spike_spectrum` with mean-field scaling: rows of W0 uniform on the sphere, a ~ N(0, I_N/N), G_t with
    rows a_i X^T (y sigma'(X w_i))/n. G2 sees the rows that G1 has moved, hence (k + 1) c_{k+1} kappa^k a~^k p_k(g) in
    sigma', p_k(g) = E_z (g + sqrt(r) z)^k with r = tau^2/kappa^2: one rank for every k, of size n^(a2 - k (1/2 - a1)).
    f* has one coordinate.
    Derived in docs/notes/two_step_outliers.md; of arXiv 2605.17767 only the abstract was at hand, which counts
    floor(a2/(1/2 - a1)): the orders k >= 1.
    Raises ProblemError as `step_constants` and `step_kernel` do, for exponents outside [0, 1/2), at a
    threshold k (1/2 - a1) = a2 of a c_{k+1} != 0 (of k = 0: a1 = a2 = 0), where prefactors decide, for several
    coordinates, and for batch = "reused", where each neuron has moved with the samples it meets again.
    """
    if batch == "reused":
        raise ProblemError(
            'batch = "reused": the rows have moved with the very samples that the second step meets, so that sigma\' '
            "depends on labels too; outliers are derived for fresh batches"
        )
    if batch != "fresh":
        raise ProblemError(f"batch = {show(batch)} is neither fresh nor reused")
    target, activation = Target(target), Activation(activation)
    if target.k != 1:
        raise ProblemError("outliers after two steps are derived for targets of one coordinate")
    n, d, width = sizes(n, d, width)
    first, second = (_power(exponent) for exponent in rate_exponents)
    rates = [
        finite(prefactor, "prefactor", low=0) * float(n) ** power
        for power, prefactor in zip((first, second), prefactors, strict=True)
    ]
    constants = step_constants(target, activation)
    orders = _orders(constants, first, second)
    kappa, tau = step_strengths(constants, d / n, width, rates[0])
    gram = _gram(target, constants, step_kernel(activation, kappa, tau), d / n, rates)
    values = gram_values(gram)
    return WeightSpikes(
        orders,
        tuple(separated(value, width / d) for value in values if value**4 > width / d),
        values,
        1 + math.sqrt(width / d),
        kappa,
        tau,
    )


def _power(exponent: float) -> float:
    power = finite(exponent, "rate_exponent")
    if not 0 <= power < 1 / 2:
        raise ProblemError(f"rate_exponent = {power:g} does not lie in [0, 1/2)")
    return power


def _orders(constants: StepConstants, first: float, second: float) -> tuple[int, ...]:
    """The k whose terms grow. Raises ProblemError where one of them neither grows nor falls."""
    grown = []
    for k in (k for k in range(MOST) if constants.sigma[k + 1] != 0):
        exponent = second - k * (1 / 2 - first) if k else max(first, second)  # k = 0 has the first step's left vector
        if abs(exponent) <= CRITICAL:
            raise ProblemError(
                f"rate_exponents = {first:g}, {second:g} are the threshold of order k = {k}, k (1/2 - a1) = a2, where "
                "prefactors decide; move one of them off it"
            )
        if exponent > 0:
            grown.append(k)
    return tuple(grown)


def separated(strength: float, ratio: float) -> float:
    """Where one rank of that size puts a singular value of W0, N/d = ratio, entries of variance 1/d."""
    square = strength**2
    return math.sqrt((1 + square) * (ratio + square) / square)


def gram_values(gram: "np.ndarray") -> tuple[float, ...]:
    """Roots of the eigenvalues, largest first."""
    import numpy as np

    return tuple(math.sqrt(max(float(value), 0.0)) for value in np.linalg.eigvalsh(gram)[::-1])


def _gram(
    target: Target, constants: StepConstants, kernel: SpikeKernel, phi: float, rates: list[float]
) -> "np.ndarray":
    """<v_j, v_l> (13, 13), W2 - W0 = sum_j e_j v_j^T, e_j = he_j(a~)/sqrt(N):

    v_j = eta1 c_1 beta [j = 1] + eta2 sum_i E[h a~ he_i(g) he_j(a~)] b_i, h = E_z sigma'(.), b_i = X^T (y he_i(g))/n.
    """
    import numpy as np

    norm = math.sqrt(constants.gradient_energy(phi))
    along, moments = _second_batch(target, constants, phi)
    mixed = times_argument((kernel.slopes @ _over_scale(kernel.tau)).T).T
    gram: np.ndarray = rates[1] ** 2 * mixed.T @ moments @ mixed
    first = rates[0] * constants.sigma[1] * norm
    cross = first * rates[1] * (along @ mixed)
    gram[1] += cross
    gram[:, 1] += cross
    gram[1, 1] += first**2
    return gram


def _over_scale(tau: float) -> "np.ndarray":
    """Of 1/sqrt(1 + tau^2 a^2) between he_j and he_k: E[sigma(s z + m) z] is s E sigma'(s z + m)."""
    import numpy as np

    nodes, weights = trapezoidal(_SPACING)
    table = normalised_hermite(nodes, ORDER)
    found: np.ndarray = (table.T * (weights / np.sqrt(1 + (tau * nodes) ** 2))) @ table
    return found


def _second_batch(target: Target, constants: StepConstants, phi: float) -> "tuple[np.ndarray, np.ndarray]":
    """<b_i, beta>/|beta| (13,) and <b_i, b_l> (13, 13): means, in which g goes along beta, and phi E[y^2 he_i he_l].

    beta lies beside u = C_1/|C_1|, which is -z1 where E[f* z1] < 0.
    """
    import numpy as np

    nodes, weights = trapezoidal(_SPACING)
    share = constants.alignment(phi)
    values = function(target.expr, list(target.symbols))
    along_u = math.copysign(1.0, weights @ (nodes * values(nodes)))
    coordinate = along_u * (math.sqrt(share) * nodes[:, None] + math.sqrt(1 - share) * nodes)
    centre = float(weights @ values(nodes))
    energies = ((values(coordinate) - centre) ** 2) @ weights + target.noise**2  # E[y^2 | g]
    table = normalised_hermite(nodes, ORDER)
    along = times_argument(label_coefficients(constants, phi)[:, None])[:, 0]
    first, others = side_labels(target, constants, phi)
    noise = phi * (table.T * (weights * energies)) @ table
    return along, np.outer(along, along) + np.outer(first, first) + others + noise
