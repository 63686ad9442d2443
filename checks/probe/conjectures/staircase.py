"""After t steps the first layer has learned exactly U*_t: on fresh batches, and on a reused one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from theory import staircase
from theory.problem import ProblemError, Setting

from ... import strategies
from ...draw import Draw
from ..conjecture import Conjecture, Ladder
from ..decay import Reach, excess_of_slopes, numbers, overlaps_by_dimension, reaches
from ..signal import require_visible


class Slopes(Conjecture):
    """Conjectures about which overlaps fall as d^(-1/2): `predict` says which."""

    def measure(self, setting: Setting, dims: tuple[int, ...], draw: Draw) -> Mapping[int, np.ndarray]:
        """Overlaps at every d."""
        return overlaps_by_dimension(setting, dims, draw)

    def compare(self, predicted: Sequence[Reach], measured: Mapping[int, np.ndarray]) -> Mapping[str, np.ndarray]:
        """Slopes that contradict what is predicted."""
        return excess_of_slopes(predicted, measured)


class Staircase(Slopes):
    """arXiv 2305.18270, Theorem 7, for every student."""

    id = "staircase"
    title = "after t fresh steps the rows have learned U*_t and nothing else"
    statement = (
        "With n = Theta(d) fresh samples a step and eta = Theta(p), overlaps with every direction of U*_t are Theta(1) "
        "after t steps, and overlaps with what is orthogonal to it O(d^(-1/2)), for every polynomial target and "
        "every student, U*_t being the staircase of that student."
    )
    source = "arXiv 2305.18270, Theorem 7 and its extension beyond it; docs/notes/staircase.md, docs/notes/student.md"
    blind = "Steps beyond the second; overlaps below 0.05 in the limit of large d; polylogarithmic factors."

    def strategy(self) -> SearchStrategy[Setting]:
        """Polynomials, turned ones, Hermite staircases and symmetric ones; students of both parities."""
        targets = st.one_of(
            strategies.polynomials(),
            strategies.rotated(strategies.polynomials(2, 3, 2)),
            strategies.leaps(),
            strategies.symmetric(),
        )
        return strategies.settings(targets, strategies.students())

    def predict(self, setting: Setting) -> list[Reach]:
        """The staircase of this student, where it is strong enough to be seen."""
        student = setting.student
        levels = staircase(setting.target, student.activation, bias=student.bias)
        if not levels.certified:
            raise ProblemError("the staircase is not proven")
        spaces = numbers(levels.subspaces)
        require_visible(setting, spaces)
        return reaches(spaces, setting.regime.steps)


class ReuseStaircase(Slopes):
    """arXiv 2402.03220: what a batch used twice has certainly reached, and what it certainly has not."""

    id = "reuse-staircase"
    title = "a reused batch reaches the directions with E[u | y, u_U] != 0 and no others in O(1) steps"
    statement = (
        "With one batch of n = Theta(d) samples used at every step and eta = Theta(p), overlaps with what is "
        "orthogonal to the last level of the reuse staircase are O(d^(-1/2)) after any fixed number of steps, and two "
        "steps take the rows to the first level."
    )
    source = "arXiv 2402.03220; docs/notes/reuse_staircase.md"
    blind = "Later levels; n/d below 3; growth over O(log d) steps; directions that E[u | y] opens weakly."
    search = Ladder((512, 4096), 12)
    confirm = (Ladder((1024, 16384), 48), Ladder((4096, 65536), 32))

    def strategy(self) -> SearchStrategy[Setting]:
        """Polynomials and symmetric ones; tanh and relu."""
        targets = st.one_of(strategies.polynomials(2, 3), strategies.symmetric())
        return strategies.settings(targets, strategies.students(("tanh", "relu"), p=4), n="3*d", batch="reused")

    def predict(self, setting: Setting) -> list[Reach]:
        """Step two against the first level from within, against the last from without."""
        levels = staircase(setting.target, setting.student.activation, reuse=True, bias=setting.student.bias)
        if not levels.certified:
            raise ProblemError("the reuse staircase is not proven")
        spaces = numbers(levels.subspaces)
        within = [r for r in reaches([spaces[0], spaces[0], spaces[min(1, len(spaces) - 1)]], 2) if r.reached]
        beyond = [r for r in reaches([spaces[-1]], setting.regime.steps) if not r.reached]
        return [*within, *beyond]
