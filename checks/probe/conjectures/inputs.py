"""Inputs that are not Gaussian: what the staircase of Gaussian ones says of them, and where that is false."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from theory.problem import Setting
from theory.problem.regime import DATA_SETS

from ... import strategies
from ..conjecture import Ladder
from ..decay import Reach
from .staircase import Slopes, Staircase

REGIME = {"n": "4*d", "eta": "4*p"}  # larger steps than elsewhere: d is small, and the second one must be seen


class Inputs(Slopes):
    """Universality: a dense teacher does not see the law of single coordinates."""

    id = "inputs"
    title = "a dense teacher is learned as from Gaussian inputs, whatever law the coordinates of inputs have"
    statement = (
        "For teacher directions in general position, n = Theta(d) and eta = Theta(p), the rows learn U*_t of Gaussian "
        "inputs after t steps and nothing else, if inputs have independent coordinates of variance one (Rademacher, "
        "uniform, Laplace), are a mixture of two clusters, Gaussian with variances falling as j^(-1/2), or whitened "
        "rows of real data, independent ones side by side."
    )
    source = "universality, as in arXiv 2305.18270's open questions; docs/notes/inputs.md"
    blind = (
        "d beyond 2048: explicit data only; steps beyond the second; weak signals, which need a larger d; real data "
        "where the extra giantstep[data] is not installed."
    )
    search = Ladder((64, 1024), 12)
    confirm: tuple[Ladder, ...] = (Ladder((64, 1024), 32), Ladder((256, 2048), 32))
    laws: ClassVar[Sequence[str]] = ("rademacher", "uniform", "laplace", "mixture", "power-law")
    teacher: ClassVar[str] = "dense"

    data: ClassVar[Sequence[str]] = DATA_SETS

    def surroundings(self) -> str:
        """Which real data there are."""
        return ", ".join(self._data())

    def strategy(self) -> SearchStrategy[Setting]:
        """Polynomials and Hermite staircases, two students of few neurons, every law."""
        targets = st.one_of(strategies.polynomials(2, 3), strategies.leaps(2))
        students = strategies.students(("relu", "tanh"), p=4)
        return st.sampled_from((*self.laws, *self._data())).flatmap(
            lambda law: strategies.settings(targets, students, **REGIME, inputs=law, teacher=self.teacher)
        )

    def predict(self, setting: Setting) -> list[Reach]:
        """The Gaussian staircase of this student."""
        return Staircase().predict(setting)

    def _data(self) -> Sequence[str]:
        from sim.datasets import installed

        return self.data if installed() else ()


class AxisInputs(Inputs):
    """The same for a teacher along the axes, of Rademacher inputs."""

    id = "planted-axis-inputs"
    title = "Rademacher inputs are learned from as Gaussian ones, along the axes too"
    statement = "With a teacher along the axes and Rademacher inputs the rows learn U*_t of Gaussian inputs."
    source = "false: z1**2 = 1, so that He3(z1) = -2*z1 is learned in one step; docs/notes/inputs.md"
    truth = False
    confirm = (Ladder((64, 1024), 32),)
    laws, data = ("rademacher",), ()
    teacher = "axis"

    def strategy(self) -> SearchStrategy[Setting]:
        """Hermite staircases with leaps of three, relu."""
        students = strategies.students(("relu",), p=4)
        return strategies.settings(strategies.leaps(3), students, **REGIME, inputs="rademacher")


class EllipticalInputs(Inputs):
    """The same for a law of covariance I whose coordinates depend on each other."""

    id = "planted-any-inputs"
    title = "covariance I is enough for a dense teacher to be learned as from Gaussian inputs"
    statement = (
        "With a dense teacher and inputs of covariance I, whatever their law, the rows learn U*_t of Gaussian ones."
    )
    source = (
        "false: a random scale s shared by the coordinates gives He3(z1) the slope 3*(E s^4 - 1); docs/notes/inputs.md"
    )
    truth = False
    confirm = (Ladder((64, 1024), 32),)
    laws, data = ("elliptical",), ()

    def strategy(self) -> SearchStrategy[Setting]:
        """Hermite staircases with leaps of three, relu."""
        students = strategies.students(("relu",), p=4)
        return strategies.settings(strategies.leaps(3), students, **REGIME, inputs="elliptical", teacher="dense")
