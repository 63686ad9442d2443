"""The law of one label, and of a centred single-index target given a direction of its input."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import sympy

from ..energies import label_energy
from ..fresh.axes import END, gauss_legendre, product, trapezoidal
from ..fresh.functions import function, is_piecewise, kinks
from ..problem import Activation, ProblemError, Target
from ..problem.activation import VARIABLE
from ..ridge.conditional import parts_of

if TYPE_CHECKING:
    import numpy as np

_PANELS = 16
_COARSE = 2.0  # the noise axis is this much coarser than the teacher's: labels depend on it linearly
_NARROW = 1e-6  # remainders below it leave no room to smooth a kink


class Labels:
    """y = f*(z) - E f* + noise, f* of one coordinate z ~ N(0, 1). energy: E y^2; linear: E[z y]."""

    def __init__(self, target: Target) -> None:
        if len(target.expr.free_symbols) > 1:
            raise ProblemError(
                "needs a target of one coordinate, such as He3(z1): the equations hold for one teacher direction"
            )
        full, (square, linear) = label_energy(target)
        self.noise = target.noise
        self.energy = float(sympy.N(full - square, 30))
        if not self.energy > 0:
            raise ProblemError("the target is constant and has no noise: no gradient to follow; add a term or noise")
        (z,) = target.expr.free_symbols or target.symbols[:1]
        self._expr = target.expr.subs(z, VARIABLE)
        self._mean, slope, _rest = _standard(self._expr)
        self.linear = slope if linear else 0.0

    def law(self, spacing: float) -> "tuple[np.ndarray, np.ndarray, np.ndarray]":
        """Nodes y and z and weights, each (N,)."""
        import numpy as np

        axes = [_axis(kinks(_as_activation(self._expr)), spacing)]
        if self.noise:
            axes.append(trapezoidal(_COARSE * spacing))
        nodes, weights = product(axes)
        z = nodes[:, 0]
        y = function(self._expr, [VARIABLE])(z) - self._mean
        return (y + self.noise * nodes[:, 1] if self.noise else np.array(y)), z, weights

    def given(self, along: float, k: "np.ndarray") -> "tuple[np.ndarray, np.ndarray, np.ndarray]":
        """E[y | k], E[y g | k] and E[y^2 | k], each (N,), for z = along k + sqrt(1 - along^2) g, g ~ N(0, 1)."""
        import numpy as np

        rest = np.sqrt(max(0.0, (1 - along) * (1 + along)))
        if is_piecewise(self._expr) and rest < _NARROW:
            raise ProblemError("the gradient is parallel to the teacher and f* has kinks; give a finite alpha0")
        mean, slope, square = _parts(self._expr, along * k, np.full(len(k), rest))
        mean = mean - self._mean
        return mean, slope, mean**2 + slope**2 + square + self.noise**2


def slope_parts(activation: Activation) -> tuple[float, float, float]:
    """E sigma'(g), E[sigma'(g) g], and the variance of the rest of sigma'."""
    slope = activation.derivative.replace(sympy.Heaviside, lambda x, *_: (1 + sympy.sign(x)) / 2)
    if slope == 0:
        raise ProblemError("the activation is constant: its features carry nothing")
    return _standard(slope)


@dataclass(frozen=True)
class _Link:
    """A function of u in the form of an activation, but not bound to an activation's functions."""

    expr: sympy.Expr
    symbol: sympy.Symbol = VARIABLE


def _as_activation(expr: sympy.Expr) -> Activation:
    return cast(Activation, _Link(expr))


def _parts(expr: sympy.Expr, shift: "np.ndarray", scale: "np.ndarray") -> "np.ndarray":
    """(3, N): mean, slope and variance of the rest of expr(shift + scale g)."""
    import numpy as np

    return parts_of(_as_activation(expr), shift, scale)[0] if expr != 0 else np.zeros((3, len(shift)))


def _standard(expr: sympy.Expr) -> tuple[float, float, float]:
    import numpy as np

    mean, slope, rest = _parts(expr, np.zeros(1), np.ones(1))[:, 0]
    return float(mean), float(slope), float(rest)


def _axis(breaks: "tuple[float, ...] | None", spacing: float) -> "tuple[np.ndarray, np.ndarray]":
    import numpy as np

    if breaks is None:
        raise ProblemError("needs a target whose pieces meet at roots of affine functions")
    if not breaks:
        return trapezoidal(spacing)
    ends = np.sort(np.concatenate([np.linspace(-END, END, _PANELS + 1), np.clip(breaks, -END, END)]))
    nodes, weights = gauss_legendre(ends, round(4 / spacing))
    return nodes, weights / weights.sum()
