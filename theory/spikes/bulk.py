"""The features besides their columns: given g, each neuron sees the other coordinates of x in several ways."""

from dataclasses import dataclass
from typing import Any

from .kernel import SpikeKernel


@dataclass(frozen=True, eq=False)
class Bulk:
    """Neurons sum_i D_i(a) he_i(g) <u, x> + noise, u random in the d directions beside g: random features with several
    linear parts, d functions he_i(g) <., x> each.

    mixed (13, 13): S_ij = E_a[D_i D_j]. rest: the energy of the noise, the remainder of E Var(sigma | g, a).
    The fixed point of random features, explicit in w, with c_1^2/(1 + c_1^2 w/phi) replaced by tr S (1 + S w/phi)^-1;
    w may be complex, which gives derivatives. Derived in docs/notes/spike_gains.md.
    """

    mixed: Any
    rest: float
    phi: float
    psi: float

    def left(self, w: complex) -> Any:
        """(13, 13): (1 + S w/phi)^-1, what a fit leaves of he_i(g) <v, x>, over what it leaves of noise."""
        import numpy as np

        return np.linalg.inv(np.eye(len(self.mixed)) + self.mixed * (w / self.phi))

    def filled(self, w: complex) -> Any:
        """h: the share of the neurons that the fit uses up is h phi/psi on the samples, h on the neurons."""
        import numpy as np

        return self.psi / self.phi * w * (self.rest + np.trace(self.mixed @ self.left(w)))

    def gamma(self, w: complex) -> Any:
        """The penalty at which w solves."""
        h = self.filled(w)
        return (1 - self.phi / self.psi * h) * (1 - h) / w

    def noise_left(self, w: complex) -> Any:
        """m1 = lim (1/n) tr K^-1, K = F F^T/N + gamma."""
        return w / (1 - self.filled(w))

    def root(self, gamma: float) -> float:
        """The w of a penalty > 0, unique where h < 1 and h < psi/phi: gamma w rises and the product falls."""
        from scipy.optimize import brentq

        def above(w: float) -> float:
            h = float(self.filled(w))
            return max(1 - self.phi / self.psi * h, 0.0) * max(1 - h, 0.0) - gamma * w

        return float(brentq(above, 0.0, 1 / gamma, xtol=1e-300, rtol=1e-15, maxiter=1000))


def bulk(kernel: SpikeKernel, phi: float, psi: float) -> Bulk:
    """What the step leaves beside the columns of `kernel`."""
    import numpy as np

    mixed = kernel.slopes @ kernel.slopes.T
    total = kernel.energy.linear + kernel.energy.nonlinear
    return Bulk(mixed, max(total - float(np.trace(mixed)), 0.0), phi, psi)
