"""Ridge regression on the features after a step: columns that are functions of g, in a bulk that knows x beside g."""

from dataclasses import dataclass
from typing import Any

from ..problem import Activation, Target
from .bulk import Bulk, bulk
from .captured import label_coefficients
from .kernel import ORDER, step_kernel, step_strengths
from .sides import second_energy, side_labels
from .step import StepConstants

SIZE = ORDER + 1


@dataclass(frozen=True, eq=False)
class StepFit:
    """(1/n) y^T K^-1 y = m1 E y^2 - sum of `parts`, in terms of the bulk's w. g = <beta, x>/|beta|.

    columns (26, m): of F e for orthonormal e, in he_i(g) and in he_i(g) <r, x>, r the target's direction beside beta;
    functions of a~ first. overlaps (26, m): with the target, part by part. shared (m, m): what columns have in
    common besides. inside: the share of the bulk's linear part of column 1 that stands in the columns already.
    others (13, 13): of `side_labels`, in directions beside both. energy: E y^2.
    """

    bulk: Bulk
    columns: Any
    overlaps: Any
    shared: Any
    inside: float
    others: Any
    energy: float

    def parts(self, w: complex) -> Any:
        """(13,): what is fitted of the Hermite degrees of f*, times m1."""
        import numpy as np

        m1, left = self.bulk.noise_left(w), self.bulk.left(w)
        gram = m1 * (self.columns.T @ self.columns + self.shared)
        gram = gram + m1 * self.bulk.phi / (self.bulk.psi * w) * np.eye(len(gram))  # N/n + the worth of the bulk
        gram[1, 1] -= m1 * (self.bulk.mixed @ left)[0, 0] * self.inside
        scale = 1 / np.sqrt(np.diag(gram).real)  # columns of very different sizes
        overlaps = m1 * self.overlaps * scale
        taken = overlaps @ np.linalg.solve(scale[:, None] * gram * scale, overlaps.sum(axis=0))
        beside = taken[SIZE:] + m1 * np.einsum("ij,ji->i", self.others, np.eye(SIZE) - left)
        return taken[:SIZE] + np.append(0.0, beside[:-1])  # he_i(g) <v, x> is of degree i + 1

    def unfitted(self, w: complex) -> Any:
        """(1/n) y^T K^-1 y."""
        return self.energy * self.bulk.noise_left(w) - self.parts(w).sum()


def step_fit(
    target: Target, activation: Activation, constants: StepConstants, sizes: tuple[int, int, int], eta: float
) -> StepFit:
    """Features after a step of rate eta on sizes n, d, N. Columns F e of three kinds, e orthonormal:

    e = he_j(a~)/sqrt(N): sqrt(N) E[T he_j(a)]; e = sqrt(d/N) <w, v> he_j(a~), for v = beta/|beta| and v = r: the bulk's
    directions v, sqrt(N/d) <v, x> E[D he_j(a)].
    With f0 in the residual, beta holds -c_1 W0^T a, which knows nothing of the target: <w_j, v> = -seen a~_j, and
    <w_j, r> has the opposite part along u.
    """
    import numpy as np

    n, d, width = sizes
    phi, psi = d / n, d / width
    kappa, tau = step_strengths(constants, phi, width, eta)
    seen = constants.sigma[1] / (width * constants.gradient_energy(phi)) ** 0.5 * (constants.scaling == "ntk")
    kernel = step_kernel(activation, kappa - seen, max(tau**2 - seen**2, 0.0) ** 0.5)
    tilt = seen * (constants.alignment(phi) / (1 - constants.alignment(phi))) ** 0.5
    slopes, none = kernel.slopes / psi**0.5, np.zeros((SIZE, SIZE))
    columns = np.block(
        [
            [width**0.5 * kernel.coefficients, times_argument(slopes), none],
            [width**0.5 * tilt * times_argument(kernel.slopes.T).T, none, slopes],
        ]
    )
    first, others = side_labels(target, constants, phi)
    overlaps = np.append(label_coefficients(constants, phi), first)[:, None] * columns
    shared = _forms(target, constants, sizes, eta, columns, overlaps)
    inside = width * (seen**2 + tilt**2)
    return StepFit(bulk(kernel, phi, psi), columns, overlaps, shared, inside, others, constants.label_energy)


def _forms(
    target: Target, constants: StepConstants, sizes: tuple[int, int, int], eta: float, columns: Any, overlaps: Any
) -> Any:
    """Adds to columns and overlaps, and returns `shared`, what is of the order 1/d: quadratic forms of x in the means
    over neurons, weighed by 1 and by a~.

    F0 e_0 is s (|x|^2 - d)/sqrt(2d), s^2 = 2 c_2^2 N/d: it meets f* by s tr C_2/sqrt(2d), He_2(g) by s/sqrt(d). The
    tangent kernel c_1^2 <x, x'> + 4 c_2^2 <x, x'>^2/d + .. gives F e_1 the form 4 c_2^2 eta x^T C_2 x/d.
    """
    import numpy as np

    n, d, width = sizes
    square, trace = second_energy(target)
    tangent = 4 * constants.sigma[2] ** 2 * eta / d
    overlaps[2, 1] += tangent * square
    columns[2, 1] += tangent * 2**0.5 * constants.alignment(d / n) * 2 * constants.target[2]
    size = constants.sigma[2] * (2 * width / d) ** 0.5
    overlaps[2, 0] += size * trace / (2 * d) ** 0.5
    shared = np.zeros((columns.shape[1],) * 2)
    shared[0] += size / d**0.5 * columns[2]
    shared[:, 0] += size / d**0.5 * columns[2]
    shared[0, 0] += size**2
    return shared


def times_argument(coefficients: Any) -> Any:
    """Of g F(g), from those of F in he_i(g) along the first axis: g he_i = sqrt(i + 1) he_{i+1} + sqrt(i) he_{i-1}."""
    import numpy as np

    roots = np.sqrt(np.arange(1, len(coefficients)))[:, None]
    found = np.zeros_like(coefficients)
    found[1:] += roots * coefficients[:-1]
    found[:-1] += roots * coefficients[1:]
    return found
