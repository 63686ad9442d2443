"""What p neurons u + q u^2 leave of a quadratic target after one step on c d^2 samples, as d grows."""

from __future__ import annotations

from functools import cache

import numpy as np
import sympy

from theory import ProblemError, Setting, Student, hermite_tensor

DRAWS = 400


def quadratic_coefficient(student: Student) -> float | None:
    """q of a student u + q u^2 without bias, whose second layer is of signs; None for any other."""
    activation = student.activation
    q = sympy.expand(activation.expr).coeff(activation.symbol, 2)
    quadratic = q != 0 and sympy.expand(activation.expr - activation.symbol * (1 + q * activation.symbol)) == 0
    if not quadratic or student.bias != 0 or student.second_layer != "rademacher" or student.scaling != "mean-field":
        return None
    return float(q)


@cache
def few_neurons_error(setting: Setting) -> float:
    """Median over rows of min_a E(f* - sum a_i sigma(<w_i, z>))^2, rows as one step of c d^2 samples leaves them.

    eta = r p d^(1/2); every part of the rows to its leading order in d. Derived in docs/notes/readout.md.

    Raises ProblemError for another student than u + q u^2, and where E f* is not 0.
    """
    q, k = quadratic_coefficient(setting.student), setting.target.k
    if q is None:
        raise ProblemError("needs a student u + q u^2 without bias, and signs as second layer")
    if hermite_tensor(setting.target, 0)[()] != 0:
        raise ProblemError("needs a target of mean 0: a mean moves rows along themselves")
    linear = np.array(hermite_tensor(setting.target, 1), dtype=float)
    square = np.array(hermite_tensor(setting.target, 2), dtype=float).reshape(k, k)
    rng = np.random.default_rng(0)
    return float(np.median([_left(setting, q, linear, square, rng) for _ in range(DRAWS)]))


def _left(setting: Setting, q: float, linear: np.ndarray, square: np.ndarray, rng: np.random.Generator) -> float:
    """Of one draw of rows; `linear` and `square` are C_1 and C_2."""
    d, p, removed = setting.regime.d, setting.student.p, setting.regime.preprocess == 1
    rate, ratio = setting.eta / (p * d**0.5), setting.n / d**2
    steep, curved = linear @ linear, np.sum(square**2) / 2  # the energies of degree 1 and 2
    labels = curved + setting.target.noise**2 + (0.0 if removed else steep)

    signs = rng.choice([-1.0, 1.0], (p, 1))
    start = rng.standard_normal((p, len(linear))) / d**0.5
    mean = 2 * q * start @ square + (0.0 if removed else linear)
    overlaps = start + signs * rate * d**0.5 * mean
    shared = rate**2 * (steep if removed else labels) / ratio  # squared length of the noise that all rows share
    own = 1 + rate**2 * 4 * q * q * labels / ratio
    gram = overlaps @ overlaps.T + shared * signs @ signs.T + own * np.eye(p)
    sizes = np.diag(gram)
    products = gram + q * q * (np.outer(sizes, sizes) + 2 * gram**2)
    fitted = overlaps @ linear + q * np.einsum("ir,rs,is->i", overlaps, square, overlaps)
    return float(steep + curved - fitted @ np.linalg.solve(products, fitted))
