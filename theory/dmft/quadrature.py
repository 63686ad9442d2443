"""Two steps of one smooth neuron on one batch by quadrature: an oracle that shares nothing with sampling."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import sympy

from ..fresh.axes import gauss_hermite, product, trapezoidal
from ..fresh.functions import function, is_piecewise
from ..problem import ProblemError, Setting
from .domain import problem

if TYPE_CHECKING:
    import numpy as np

    from ..fresh.domain import Problem

    Mean = Callable[[np.ndarray], float]

NOISE_NODES = 16


@dataclass(frozen=True, eq=False)
class TwoSteps:
    """overlaps, gram, test_error (3,); train_error (2,), before either step; correlation, response (3, 3)."""

    overlaps: "np.ndarray"
    gram: "np.ndarray"
    test_error: "np.ndarray"
    train_error: "np.ndarray"
    correlation: "np.ndarray"
    response: "np.ndarray"


def two_steps(setting: Setting, spacing: float = 0.25) -> TwoSteps:
    """The limit for p = k = 1, two steps on one batch, by the trapezoidal rule in steps of `spacing`.

    It takes the textbook recursion with derivatives of the error signal (docs/notes/dmft.md, item 2), where solve_dmft
    works in coordinates and by Stein's lemma. Axes: u, the fields g^0 and g^1, and the label noise if there is any.
    The rule converges faster than any power of `spacing`, but only where steps are much shorter than the scale on which
    sigma(g^1 + memory) varies with u: compare two spacings.
    Raises ProblemError, with the reason, for any other setting, and for kinks in target or activation.
    """
    import numpy as np

    stated = problem(setting, None, None)
    if stated.student.p != 1 or stated.target.k != 1 or setting.regime.batch_ids != (0, 0):
        raise ProblemError("two_steps needs p = k = 1 and two steps on one batch")
    if is_piecewise(stated.student.activation.expr) or is_piecewise(stated.target.expr):
        raise ProblemError("two_steps differentiates twice: neither target nor activation may have kinks")
    axes = [trapezoidal(spacing)] * 3 + ([gauss_hermite(NOISE_NODES)] if stated.target.noise else [])
    points, weights = product(axes)
    noise = points[:, 3] if stated.target.noise else np.zeros(len(points))
    u, x0, x1 = points[:, :3].T
    return _solve(stated, u, x0, x1, noise, lambda values: float(weights @ values))


class _Signal:
    """e = v sigma'(h + b) residual at fields h and noisy labels y, with its derivatives in h and y."""

    def __init__(self, stated: "Problem", h: "np.ndarray", y: "np.ndarray") -> None:
        u, v = stated.student.activation.symbol, float(stated.output[0])
        derivatives = [sympy.diff(stated.student.activation.expr, u, order) for order in range(3)]
        sigma, slope, bend = (function(expr, [u])(h + float(stated.bias[0])) for expr in derivatives)
        residual = y - v * sigma if stated.squared else y
        self.fields, self.output = h, v * sigma
        self.value, self.by_label = v * slope * residual, v * slope
        self.by_field = v * bend * residual - (v * slope) ** 2 * stated.squared


def _solve(
    stated: "Problem", u: "np.ndarray", x0: "np.ndarray", x1: "np.ndarray", noise: "np.ndarray", mean: "Mean"
) -> TwoSteps:
    """u, x0, x1, noise: independent standard normals; g^0 = x0."""
    import numpy as np

    z, target = stated.target.symbols, stated.target.expr
    clean, climb = function(target, z)(u), function(sympy.diff(target, z[0]), z)(u)
    labels = clean + stated.target.noise * noise
    ratio, eta, decay = stated.ratio, stated.eta, stated.decay

    e = _Signal(stated, x0, labels)
    b, bb, f = mean(e.value * u), mean(e.value * x0), mean(e.value**2)
    v = mean(e.by_label * climb) * b + mean(e.by_field) * bb + f / ratio
    m1, c10, c11 = eta * b, decay + eta * bb, decay**2 + 2 * eta * decay * bb + eta**2 * v
    n1 = 1 / sqrt(c11) if stated.unit else 1.0
    m1, c10, c11 = n1 * m1, n1 * c10, n1**2 * c11

    g = m1 * u + c10 * x0 + sqrt(c11 - m1**2 - c10**2) * x1
    memory = eta / ratio * n1
    e1 = _Signal(stated, g + memory * e.value, labels)
    b, b0, b1 = (mean(e1.value * field) for field in (u, x0, e1.fields))
    slope0, slope1 = memory * mean(e1.by_field * e.by_field), mean(e1.by_field)
    along = mean((e1.by_label + memory * e1.by_field * e.by_label) * climb)
    v = mean(e1.value**2) / ratio + along * b + slope1 * b1 + slope0 * b0 + memory * slope1 * mean(e1.value * e.value)
    m2, c20, c21 = decay * m1 + eta * b, decay * c10 + eta * b0, decay * c11 + eta * b1
    c22 = decay**2 * c11 + 2 * eta * decay * b1 + eta**2 * v
    n2 = 1 / sqrt(c22) if stated.unit else 1.0
    m2, c20, c21, c22 = n2 * m2, n2 * c20, n2 * c21, n2**2 * c22

    seen = [_Signal(stated, field, labels).output for field in (x0, g, m2 * u + sqrt(c22 - m2**2) * x0)]
    return TwoSteps(
        overlaps=np.array([0, m1, m2]),
        gram=np.array([1, c11, c22]),
        test_error=np.array([mean((clean - output) ** 2) for output in seen]),
        train_error=np.array([mean((labels - output) ** 2) for output in (e.output, e1.output)]),
        correlation=np.array([[1, c10, c20], [c10, c11, c21], [c20, c21, c22]]),
        response=np.array([[0, 0, 0], [n1, 0, 0], [n2 * (decay + eta * slope1) * n1, n2, 0]]),
    )
