"""Conjectures whose truth is known: false ones that a prober has to refute, and true ones that it must not."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from theory import hermite_tensor, staircase
from theory.problem import ProblemError, Setting

from ... import strategies
from ..conjecture import Ladder
from ..decay import Reach, numbers, reaches
from .staircase import Slopes


class CoordinateStaircase(Slopes):
    """The staircase of Boolean inputs, read for Gaussian ones."""

    id = "planted-coordinate-staircase"
    title = "each step learns the coordinates that a monomial adds to those already learned, one at a time"
    statement = (
        "As on Boolean inputs, coordinate z_j is learned after t steps if and only if some monomial holds it and no "
        "other coordinate that is not learned after t - 1 steps."
    )
    source = "false for Gaussian inputs: z1 + z2 + z1*z2 is learned along (1, 1) only (arXiv 2305.18270, section 4)"
    truth = False

    def strategy(self) -> SearchStrategy[Setting]:
        """Multilinear polynomials in up to three coordinates."""
        return strategies.settings(strategies.polynomials(3, 4, 3, multilinear=True), strategies.students(("relu",)))

    def predict(self, setting: Setting) -> list[Reach]:
        """Spans of coordinates."""
        if setting.target.terms is None or any(max(key) > 1 for key in setting.target.terms):
            raise ProblemError("about multilinear targets")
        learned: set[int] = set()
        levels = [np.zeros((setting.target.k, 0))]
        for _ in range(setting.regime.steps):
            new = [{i for i, e in enumerate(key) if e} - learned for key in setting.target.terms]
            learned = learned.union(*[found for found in new if len(found) == 1])
            levels.append(np.eye(setting.target.k)[:, sorted(learned)])
        return reaches(levels, setting.regime.steps)


class AnyStudent(Slopes):
    """The staircase of the target, whatever the student."""

    id = "planted-any-student"
    title = "what the target's staircase opens is learned by every student"
    statement = "After t steps the rows have learned U*_t, whichever coefficients of sigma vanish."
    source = "false: an odd student does not take the second step of z1 + z1*z2 (arXiv 2305.18270, assumptions)"
    truth = False

    def strategy(self) -> SearchStrategy[Setting]:
        """Polynomials, students of either parity."""
        targets = st.one_of(strategies.polynomials(2, 3), strategies.leaps(1))
        return strategies.settings(targets, strategies.students(("relu", "tanh", "erf", "abs")))

    def predict(self, setting: Setting) -> list[Reach]:
        """The staircase of the target alone."""
        return reaches(numbers(staircase(setting.target).subspaces), setting.regime.steps)


class OnlyEvenIsHard(Slopes):
    """Evenness as the only obstruction on a reused batch."""

    id = "planted-only-even-is-hard"
    title = "on a reused batch every target that is not even is learned in two steps"
    statement = "If f* is not even, the overlap with the span of the teacher is Theta(1) after two steps on one batch."
    source = "false: z1*z2*z3 is odd, and changes of two signs leave it as it is (arXiv 2402.03220, symmetries)"
    truth = False
    search = Ladder((512, 4096), 12)
    confirm = (Ladder((1024, 16384), 48),)

    def strategy(self) -> SearchStrategy[Setting]:
        """Multilinear polynomials in three coordinates."""
        targets = strategies.polynomials(3, 3, 3, multilinear=True)
        return strategies.settings(targets, strategies.students(("relu",), p=4), n="3*d", batch="reused")

    def predict(self, setting: Setting) -> list[Reach]:
        """Some direction of the teacher's span."""
        terms = setting.target.terms
        if terms is None or all(sum(key) % 2 == 0 for key in terms):
            raise ProblemError("about polynomials that are not even")
        return [Reach(2, np.eye(setting.target.k), True, all=False)]


class FirstStep(Slopes):
    """One step learns the gradient's mean."""

    id = "planted-first-step"
    title = "the first step learns exactly the direction of E[grad f*]"
    statement = "After one step on n = Theta(d) samples the rows have learned C_1 = E[grad f*] and nothing else."
    source = "true for relu, whose c_1 is not 0: arXiv 2305.18270, Theorem 1 and 3; docs/notes/one_step.md"
    truth = True

    def strategy(self) -> SearchStrategy[Setting]:
        """Polynomials, relu."""
        return strategies.settings(strategies.polynomials(), strategies.students(("relu",)), steps=1)

    def predict(self, setting: Setting) -> list[Reach]:
        """The first Hermite tensor, by itself."""
        first = np.array(hermite_tensor(setting.target, 1).tolist(), dtype=float).reshape(-1, 1)
        level = first if np.any(first) else np.zeros((setting.target.k, 0))
        return reaches([np.zeros((setting.target.k, 0)), level], 1)


class Reflection(Slopes):
    """What a reflection of the target protects is never learned."""

    id = "planted-reflection"
    title = "a direction whose reflection leaves the target as it is is never learned from fresh batches"
    statement = "If f* is even in z_j, overlaps with z_j are O(d^(-1/2)) after any fixed number of steps."
    source = "true: gradients of an even function vanish on average along it; docs/notes/staircase.md"
    truth = True

    def strategy(self) -> SearchStrategy[Setting]:
        """Polynomials that are even in some coordinate."""
        return strategies.settings(strategies.polynomials(), strategies.students(("relu", "tanh")))

    def predict(self, setting: Setting) -> list[Reach]:
        """Coordinates with even exponents only."""
        terms = setting.target.terms or {}
        even = [i for i in range(setting.target.k) if all(key[i] % 2 == 0 for key in terms)]
        if not even:
            raise ProblemError("about targets that are even in a coordinate")
        return [Reach(step, np.eye(setting.target.k)[:, even], False) for step in (1, 2)]
