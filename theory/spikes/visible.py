"""From which sample size on a spike can be seen at all."""

import math

from ..problem import Activation, ProblemError, Target
from ..problem.scalars import finite, integer
from .columns import stepped, untouched
from .kernel import step_strengths
from .regime import MOST, spike_regime
from .step import step_constants

_LEAST, _MOST, _FACTOR = 1e2, 1e15, 4.0
_TIGHT = 1.01


def visible_from(
    target: Target | str,
    activation: Activation | str,
    order: int,
    *,
    phi: float,
    psi: float,
    rate_exponent: float,
    prefactor: float,
    scaling: str = "mean-field",
) -> float:
    """The n, to 1 %, at which spike k = `order` of the step leaves the bulk, d/n = phi, d/N = psi.

    As many singular values then separate as there are spikes j <= k with c_j != 0, those of the initial features set
    aside, by the criterion of `spike_spectrum` (Baik, Ben Arous and Peche's for several columns) at rate
    prefactor n^rate_exponent. 100 where they do so there already; math.inf where spike k never outgrows the bulk
    (c_k = 0, or rate_exponent below (k - 1)/(2k)), or not before n = 1e15. Derived in docs/notes/spikes.md.
    Raises ProblemError as `spike_spectrum` does.
    """
    activation = Activation(activation)
    constants = step_constants(Target(target), activation, scaling)
    order = integer(order, "order", low=1, high=MOST)
    phi, psi = finite(phi, "phi", low=1e-6), finite(psi, "psi", low=1e-6)
    prefactor = finite(prefactor, "prefactor", low=0)
    if order > spike_regime(rate_exponent) or constants.sigma[order] == 0 or prefactor == 0:
        return math.inf
    wanted = sum(constants.sigma[k] != 0 for k in range(1, order + 1))
    wanted += untouched(constants, activation, (_LEAST, phi * _LEAST, phi / psi * _LEAST)).count
    norm = math.sqrt(constants.gradient_energy(phi))

    def seen(n: float) -> bool:
        strengths = step_strengths(constants, phi, phi / psi * n, prefactor * n**rate_exponent)
        try:
            features, _ = stepped(constants, activation, (n, phi * n, phi / psi * n), strengths, norm)
        except ProblemError:  # so large a step at so small an n that the kernel does not converge
            return False
        return features.count >= wanted

    low = high = _LEAST
    while high <= _MOST and not seen(high):
        low, high = high, high * _FACTOR
    while high <= _MOST and high > low * _TIGHT:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if seen(middle) else (middle, high)
    return math.ceil(high) if high <= _MOST else math.inf
