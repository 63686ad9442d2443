"""What the first gradient holds, order by order, with a proof of what vanishes.

E[z s'(<w, z>) y] for a row w of norm one, M = Pi* w, s(u) = sigma(u + b) and F_j(x) = <C_j, x^j> / j!:
along w sum_j c_{j+2} F_j(M), and inside V*, along v, sum_q c_{q+1} {F_{q-1}(M) <M, v> + <v, grad F_{q+1}(M)>}, which
counts the part of w inside V* (docs/notes/one_step.md). C_j is that of the labels after preprocessing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any

import sympy

from .frame import expansion_with
from .hermite import Expansion, hermite_coefficients
from .hermite.coefficients import MAX_ORDER, coefficient_balls
from .hermite.terms import Terms, add_to, derivative
from .inputs import require_gaussian
from .problem import ProblemError, Setting, Target
from .problem.scalars import number
from .span import unit_vectors
from .symmetry import is_invariant

MAX_FLIPPED = 4


@dataclass(frozen=True)
class FirstGradient:
    """Hermite data of labels and student at the first step from f = 0.

    series: of the target less its removed orders (exactly those <= preprocess). vectors: directions v of V*, over
    the field of `series`, not normalised.
    """

    setting: Setting
    series: Expansion
    vectors: tuple[tuple[Any, ...], ...]

    @cached_property
    def sigma(self) -> sympy.Expr:
        """s(u) = sigma(u + b)."""
        activation = self.setting.student.activation
        return activation.expr.subs(activation.symbol, activation.symbol + number(self.setting.student.bias, "bias"))

    def coefficient(self, order: int) -> Any:
        """c_order of s: exact, or a float."""
        return hermite_coefficients(self.sigma, order)[order]

    @cached_property
    def slope_energy(self) -> Any:
        """E[s'(g)^2]: exact, or a float."""
        activation, bias = self.setting.student.activation, number(self.setting.student.bias, "bias")
        slope = activation.derivative.subs(activation.symbol, activation.symbol + bias)
        square = slope.replace(sympy.Heaviside, lambda x, *_: (1 + sympy.sign(x)) / 2) ** 2
        if square.has(sympy.sign):
            square = sympy.expand(square).replace(_power_of_sign, lambda x: x.base ** (x.exp % 2))
        return hermite_coefficients(square, 0)[0]

    def drifts(self, order: int) -> bool:
        """Whether c_{order+2} F_order is not 0: the motion along w of size |M|^order."""
        return self._decided(order + 2, lambda: self._any([self._part(order)]), f"C_{order}")

    def signals(self, order: int) -> bool:
        """Whether c_order C_order is not 0: the motion of size |M|^(order-1) that the target itself asks for."""
        return self._decided(order, lambda: self._any([self._part(order)]), f"C_{order}")

    def moves(self, degree: int) -> bool:
        """Whether the part of size |M|^degree along some v of `vectors` is not 0."""
        what = f"the part of degree {degree} along the direction"
        return self._decided(degree + 1, lambda: self._any(self._along(v, degree) for v in self.vectors), what)

    def _decided(self, order: int, tensor: Any, what: str) -> bool:
        """Whether c_order and the tensor both differ from 0. Raises ProblemError where that is not known."""
        held = tensor()
        seen = self._coefficient_differs(order) if held is not False else False
        if seen is False:
            return False
        if seen is None or held is None:
            raise ProblemError(f"{f'c_{order} of the student' if seen is None else what} cannot be told from zero")
        return True

    def _coefficient_differs(self, order: int) -> bool | None:
        if order > MAX_ORDER:
            raise ProblemError(f"coefficients go up to order {MAX_ORDER}")
        if len(self._balls) <= order:
            self._balls[:] = coefficient_balls(self.sigma, self.setting.student.activation.symbol, order + 2)
        return _differs(self._balls[order])

    @cached_property
    def _balls(self) -> list[Any]:
        """c_0, c_1, ... as far as asked for."""
        return []

    def _part(self, order: int) -> Terms | None:
        """F_order; None beyond the orders kept."""
        if order > self.series.order and not self.series.complete:
            return None
        return {key: value for key, value in self.series.terms.items() if sum(key) == order}

    def _along(self, v: tuple[Any, ...], degree: int) -> Terms | None:
        """F_{degree-1}(x) <x, v> + <v, grad F_{degree+1}(x)>."""
        low, high = self._part(degree - 1), self._part(degree + 1)
        if low is None or high is None:
            return None
        total: Terms = {}
        for r, component in enumerate(v):
            if component == 0:
                continue
            for key, value in low.items():
                add_to(total, (*key[:r], key[r] + 1, *key[r + 1 :]), value * component)
            for key, value in derivative(high, r).items():
                add_to(total, key, value * component)
        if degree == 0 and not self.series.complete and is_invariant(self.setting.target, self.series, [v]):
            return {}  # a reflection that keeps f* keeps C_1: it has no part along v
        return total

    def _any(self, parts: Iterable[Terms | None]) -> bool | None:
        """Whether some coefficient differs from 0: None where no one does for certain and one may."""
        test = bool if self.series.field.exact else _differs
        answers: set[bool | None] = set()
        for part in parts:
            answers.update({None} if part is None else map(test, part.values()))
        return True if True in answers else (None if None in answers else False)


def _power_of_sign(expr: sympy.Expr) -> bool:
    return expr.is_Pow and expr.base.func is sympy.sign and expr.exp.is_Integer


def _differs(ball: Any) -> bool | None:
    """Whether a ball's number differs from 0; None: not known."""
    return True if not ball.contains(0) else (False if ball.is_zero() else None)


def first_gradient(setting: Setting, direction: Sequence[Any] | None = None) -> FirstGradient:
    """The data for one v along `direction` (length k), or for all of V*.

    Raises ProblemError unless the student starts at f = 0 with one number as bias, rows do not decay and the step is
    a plain gradient step; for a direction that is zero or misshapen; and where preprocessing leaves nothing.
    """
    target, student, regime = setting.target, setting.student, setting.regime
    require_gaussian(regime, "the gradient's expansion")
    if student.init != "symmetric" or not isinstance(student.bias, float):
        raise ProblemError("needs symmetric initialisation and one number as bias")
    if regime.weight_decay or setting.extragradient:
        raise ProblemError("needs rows that do not decay and a plain gradient step")
    vector = None if direction is None else [number(value, "a component of the direction") for value in direction]
    if vector is not None and (len(vector) != target.k or all(value == 0 for value in vector)):
        raise ProblemError(f"direction {tuple(direction or ())}: give {target.k} numbers, not all zero")
    series = _proven(target, expansion_with(target, vector or []))
    removed = -1 if regime.preprocess is None else regime.preprocess
    series = replace(series, terms={key: value for key, value in series.terms.items() if sum(key) > removed})
    if series.complete and not any(series.terms.values()) and not target.noise:
        raise ProblemError("nothing is left of the labels, so no row moves")
    if vector is None:
        return FirstGradient(setting, series, tuple(unit_vectors(series.field, target.k)))
    return FirstGradient(setting, series, (tuple(series.field.from_sympy(value) for value in vector),))


def _proven(target: Target, series: Expansion) -> Expansion:
    """Drop coefficients that vanish because f* keeps its value when some coordinates change sign together."""
    if series.complete:
        return series
    axes = unit_vectors(series.field, target.k)
    sizes = range(1, target.k + 1) if target.k <= MAX_FLIPPED else (1, target.k)
    groups = [group for size in sizes for group in combinations(range(target.k), size)]
    odd = [group for group in groups if is_invariant(target, series, [axes[i] for i in group])]
    vanish = lambda key: any(sum(key[i] for i in group) % 2 for group in odd)  # noqa: E731
    return replace(series, terms={key: value for key, value in series.terms.items() if not vanish(key)})
