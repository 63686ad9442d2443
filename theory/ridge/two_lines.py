"""Parts of a feature in closed form where the activation is one line on either side of a point."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy

from ..fresh.functions import kinks
from ..problem import Activation

if TYPE_CHECKING:
    import numpy as np

_FAR = 40.0  # standard deviations: beyond it the normal density is 0 in floating point, and its distribution 0 or 1


@dataclass(frozen=True)
class TwoLines:
    """sigma(u) = level + slope v + jump 1{v > 0} + bend max(v, 0), v = u - kink; half of the jump at v = 0."""

    kink: float
    level: float
    slope: float
    jump: float
    bend: float

    def parts(self, shift: "np.ndarray", scale: "np.ndarray") -> "np.ndarray":
        """(3, ...) with mu_0, r mu_1 and mu_star^2 of sigma(shift + scale g), g ~ N(0, 1), for arrays that broadcast;
        derived in docs/notes/ridge.md.
        """
        import numpy as np
        from scipy.special import ndtr

        v, r = np.broadcast_arrays(shift - self.kink, scale)
        moves = r > 0
        with np.errstate(over="ignore"):
            t = np.clip(np.divide(v, r, out=_FAR * np.sign(v), where=moves), -_FAR, _FAR)
        above, beneath, density = ndtr(t), ndtr(-t), np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi)
        both, turn = above * beneath, density * (beneath - above)
        mean = self.level + self.slope * v + self.jump * above + self.bend * (v * above + r * density)
        linear = (self.slope + self.bend * above) * r + self.jump * density * moves
        kinked = (1 + t**2) * both + t * turn - density**2
        rest = self.jump**2 * (both - density**2) + self.bend * r * (
            2 * self.jump * (t * both + turn) + self.bend * r * kinked
        )
        return np.stack([mean, linear, np.maximum(rest, 0) * moves])


def two_lines(activation: Activation) -> TwoLines | None:
    """`activation` as two lines, such as relu, leaky_relu, |u| and sign; None where it is something else."""
    u, found = activation.symbol, kinks(activation)
    if found is None or len(found) != 1:
        return None
    kink = found[0]
    pieces = [_piece(activation.expr, u, kink, side) for side in (-1, 1)]
    if any(not piece.is_polynomial(u) or sympy.degree(piece, u) > 1 for piece in pieces):
        return None
    left, right = (float(piece.subs(u, kink)) for piece in pieces)
    falls, rises = (float(piece.diff(u)) for piece in pieces)
    return TwoLines(kink, left, falls, right - left, rises - falls)


def _piece(expr: sympy.Expr, u: sympy.Symbol, kink: float, side: int) -> sympy.Expr:
    """What `expr` is on one side of its only kink."""
    there, chosen = {u: kink + side}, {}
    for part in expr.atoms(sympy.Max, sympy.Min, sympy.Abs, sympy.sign):
        values = [float(argument.subs(there)) for argument in part.args]
        if isinstance(part, sympy.Max | sympy.Min):
            best = max(values) if isinstance(part, sympy.Max) else min(values)
            chosen[part] = part.args[values.index(best)]
        else:
            direction = 1 if values[0] > 0 else -1
            chosen[part] = direction * (part.args[0] if isinstance(part, sympy.Abs) else sympy.Integer(1))
    return sympy.expand(expr.xreplace(chosen))
