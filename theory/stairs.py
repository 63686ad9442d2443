"""What a staircase is, once computed: the record of fresh batches, and that of a reused one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import flint
import sympy

from .hermite import balls
from .hermite.field import Field
from .problem import ProblemError
from .problem.scalars import number
from .span import Vector, dot


@dataclass(frozen=True)
class Staircase:
    """U*_0, U*_1, ... until it stops growing.

    subspaces[t]: basis of U*_t, a k x dim matrix (t = 0: k x 0), orthogonal columns, each level extending the
        last; exact for polynomials. dimensions: their ranks. complete: every direction f* depends on is
        reached.
    why_stuck: the reason when not complete, naming the symmetry where there is one; None when complete.
    certified: growth is proven, and so is where it stops. For targets that are no polynomials the end is
        proven only by a symmetry; otherwise no coefficient exceeded `resolution` up to Hermite order `order`.
    """

    subspaces: tuple[sympy.ImmutableMatrix, ...]
    complete: bool
    why_stuck: str | None
    certified: bool
    resolution: float
    order: int
    levels: tuple[tuple[Vector, ...], ...] = field(repr=False, compare=False)  # subspaces, as elements of
    numbers: Field = field(repr=False, compare=False)  # the field they were computed in

    @property
    def dimensions(self) -> tuple[int, ...]:
        """dim U*_t for t = 0, 1, ..."""
        return tuple(basis.cols for basis in self.subspaces)

    def _repr_html_(self) -> str:
        """A table, for notebooks."""
        from .notebook import staircase_html

        return staircase_html(self)

    def enters(self, direction: Sequence[Any]) -> int | float:
        """The first t at which U*_t is not orthogonal to `direction` (length k); math.inf if that never
        happens.

        Overlaps with it are Theta(1) from that step on, O(d^(-1/2)) before.
        """
        if len(direction) != self.subspaces[0].rows:
            raise ProblemError(f"direction {tuple(direction)}: give {self.subspaces[0].rows} numbers")
        exact = [number(value, "a component of the direction") for value in direction]
        for t, basis in enumerate(self.levels):
            if any(self._overlap(vector, exact) for vector in basis):
                return t
        return math.inf

    def _overlap(self, vector: Vector, direction: list[sympy.Expr]) -> bool:
        """Whether <vector, direction> is certainly not zero."""
        if self.numbers.exact:
            terms = [self.numbers.to_sympy(a) * b for a, b in zip(vector, direction, strict=True)]
            return bool(sympy.expand(sum(terms)) != 0)
        with flint.ctx.workprec(balls.PRECISION):
            return not self.numbers.is_zero(dot(vector, tuple(map(self.numbers.from_sympy, direction))))


@dataclass(frozen=True)
class ReuseStaircase(Staircase):
    """The same for one batch used at every step (arXiv 2402.03220; docs/notes/reuse_staircase.md).

    subspaces[t]: U_t of U_{t+1} = U_t + span E[u_perp | y, u_{U_t}], levels and not steps: a level takes one step,
        and one more where the first gradient does not show it. certified: growth and its end are proven, by nonzero
        moments and by symmetries or the theorems of the note.
    late: late[0] is the last of `subspaces`; late[j + 1] adds what O(log d) steps can amplify next, the ranges of
        E[u_perp u_perp^T - I | y, u_U], and what follows from it in finitely many steps.
    late_complete, late_certified: as complete and certified. powers: largest m of the moments of y^m looked at.
    """

    late: tuple[sympy.ImmutableMatrix, ...]
    late_complete: bool
    late_certified: bool
    powers: int

    @property
    def late_dimensions(self) -> tuple[int, ...]:
        """The ranks of `late`."""
        return tuple(basis.cols for basis in self.late)
