"""How far from 0 an overlap is that fresh batches do not move: of order d^(-1/2), and how large."""

from typing import TYPE_CHECKING

import sympy

from ..problem import ProblemError, Setting
from .axes import product, trapezoidal
from .domain import problem
from .functions import function, is_piecewise
from .limit import fresh_limit

if TYPE_CHECKING:
    import numpy as np

_SILENT = 1e-8  # quadrature errors and rounding of E[y u]
_SPACING = 1 / 8


def stuck_variances(setting: Setting) -> "np.ndarray":
    """lim d E<w_t, w*>^2 at t = 0 .. T, shape (T + 1,), for p = k = 1, fresh batches and E[y u] = 0.

    V' = (D + eta a)^2 V + eta^2 E[e^2 u^2] d/n with a = E[u^2 de/dh], V_0 = 1, both at the norm of `fresh_limit`
    (docs/notes/gradient_flow.md, item 2). As eta -> 0 at fixed eta T the second term sums to O(eta d/n).
    Raises ProblemError, with the reason, for any other setting, and for kinks in target or activation.
    """
    import numpy as np

    stated = problem(setting, None, None)
    student, target, regime = stated.student, stated.target, setting.regime
    if student.p != 1 or target.k != 1 or regime.preprocess is not None or regime.normalize_rows:
        raise ProblemError("stuck_variances needs p = k = 1, labels as they are, and rows that are not renormalised")
    if is_piecewise(student.activation.expr) or is_piecewise(target.expr):
        raise ProblemError("stuck_variances differentiates twice: neither target nor activation may have kinks")
    points, weights = product([trapezoidal(_SPACING)] * 2)
    u, x = points.T
    labels = function(target.expr, target.symbols)(u)
    if abs(drift := float(weights @ (labels * u))) > _SILENT:
        raise ProblemError(f"E[y u] = {drift:.3g}: the first step moves the overlap by more than d^(-1/2)")
    symbol, v = student.activation.symbol, float(stated.output[0])
    parts = [function(sympy.diff(student.activation.expr, symbol, order), [symbol]) for order in range(3)]
    found = [1.0]
    for norm in fresh_limit(setting).gram[:-1, 0, 0]:
        sigma, slope, bend = (part(np.sqrt(norm) * x + float(stated.bias[0])) for part in parts)
        residual = labels - v * sigma * stated.squared
        pull = weights @ (u**2 * (v * bend * residual - stated.squared * (v * slope) ** 2))
        noise = weights @ ((u * v * slope) ** 2 * (residual**2 + target.noise**2))
        found.append((stated.decay + stated.eta * pull) ** 2 * found[-1] + stated.eta**2 * noise / stated.ratio)
    return np.array(found)
