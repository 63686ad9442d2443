"""Links and students that are no polynomials: success if and only if the coefficients it needs do not vanish."""

from __future__ import annotations

import sympy
from hypothesis.strategies import SearchStrategy

from theory import Staircase, staircase
from theory.problem import ProblemError, Setting, Target
from theory.reuse.parity import student_kind

from ... import strategies
from ..decay import Reach, numbers, reaches
from ..signal import require_visible
from .staircase import Slopes

STUDENTS = ("relu", "gelu", "silu", "softplus", "tanh", "erf", "sigmoid")


class Links(Slopes):
    """The staircase of this student, for links of every parity; biases break a parity."""

    id = "links"
    title = "links and students of any shape: a direction is learned if and only if its coefficients do not vanish"
    statement = (
        "With n = Theta(d) fresh samples a step and eta = Theta(p), whatever the link and the activation, the rows "
        "learn a direction of U*_t after t steps if and only if E[sigma^(j+1)(r g + b)] != 0 for the order j that "
        "opens it; of a student that is odd up to a constant, the target's odd part alone decides."
    )
    source = "arXiv 2305.18270, open questions; docs/notes/staircase.md, docs/notes/student.md, docs/conjectures.md"
    blind = "Steps beyond the second; links whose staircase is not proven; overlaps below 0.05 in the limit of large d."

    def strategy(self) -> SearchStrategy[Setting]:
        """Links in one and two directions; seven students, with and without bias."""
        students = strategies.students(STUDENTS, biases=(0.0, 0.5, -1.0))
        return strategies.settings(strategies.links(), students, eta="4*p")  # a second step that shows at small d

    def predict(self, setting: Setting) -> list[Reach]:
        """Where it is proven; an odd student's is that of the target's odd part, which may be."""
        levels = _levels(setting, setting.target)
        if not levels.certified and student_kind(setting.student.activation, setting.student.bias, True).kind == "odd":
            levels = _levels(setting, odd_part(setting.target))
        if not levels.certified:
            raise ProblemError("the staircase is not proven")
        spaces = numbers(levels.subspaces)
        require_visible(setting, spaces)
        return reaches(spaces, setting.regime.steps)


def odd_part(target: Target) -> Target:
    """(f*(z) - f*(-z)) / 2, of as many directions."""
    mirrored = target.expr.xreplace({z: -z for z in target.symbols})
    return Target(sympy.expand((target.expr - mirrored) / 2), target.k, target.noise)


def _levels(setting: Setting, target: Target) -> Staircase:
    return staircase(target, setting.student.activation, bias=setting.student.bias)
