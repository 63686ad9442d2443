"""Which n takes several steps over a high leap: exponents of |cos| with He_l(z1) after T steps of n = d^kappa."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import sympy
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from theory import hermite_coefficients
from theory.problem import ProblemError, Regime, Setting, Student, Target
from theory.size_exponents import sample_exponent

from ...draw import Draw
from ..conjecture import Conjecture, Ladder, at_dimension
from ..leap_recursion import LeapSteps, exponents

ALLOWED = 0.1  # of a slope, beyond the exponent and what the recursion says of these d
NOMINAL = 1.5  # dims of a ladder are those at kappa = 3/2; others have the same n = d^kappa
NEURONS = 8
GRID = {2: (Fraction(9, 8), Fraction(17, 8)), 3: (Fraction(13, 8), Fraction(25, 8)), 4: (Fraction(5, 2), Fraction(4))}
STUDENTS = {2: ("relu", "softplus"), 3: ("u*abs(u)", "tanh"), 4: ("relu",)}  # c_l is not 0


@dataclass(frozen=True)
class Predicted:
    """a: |cos| ~ d^(-a) after the last step. recursion: what holds at finite d."""

    a: float
    recursion: LeapSteps


class MultiStepLeap(Conjecture):
    """The recursion of exponents under the correlation loss."""

    id = "multi-step-leap"
    title = "after T steps on n = d^kappa samples |cos| with He_l(z1) falls as d^(-a_T)"
    statement = (
        "With y = He_l(z1), the correlation loss, n = d^kappa fresh samples a step, eta of order p d^((kappa - 1)/2) "
        "and c_l(sigma) != 0, |cos| is of order d^(-a_T), a_0 = 1/2, a_{t+1} = clip((l - 1) a_t - (kappa - 1)/2, 0, "
        "1/2): T steps need kappa = 1 + 1/T at leap 2 and 1 + (l - 2) (l - 1)^T / ((l - 1)^T - 1) above, between l and "
        "l - 1."
    )
    source = "heuristic, docs/notes/multi_step_leap.md; one step: arXiv 2305.18270, Theorem 5"
    blind = (
        "Slopes between the exponent and what the same heuristic gives, constants included, at the d simulated; n "
        "above 4e6; targets in several directions."
    )
    loss = "correlation"
    search = Ladder((256, 1536), 12)
    confirm = (Ladder((512, 8192), 48), Ladder((1024, 25000), 32))

    def strategy(self) -> SearchStrategy[Setting]:
        """Leaps 2 to 4, T = 1 .. 4, kappa in steps of 1/8, students with c_l != 0."""

        @st.composite
        def build(draw: st.DrawFn) -> Setting:
            leap = draw(st.sampled_from(sorted(GRID)))
            low, high = GRID[leap]
            kappa = low + Fraction(draw(st.integers(0, int(8 * (high - low)))), 8)
            rate, steps = draw(st.sampled_from((1, 2, 4))), draw(st.integers(1, 4))
            return leap_setting(leap, kappa, steps, draw(st.sampled_from(STUDENTS[leap])), rate, self.loss)

        return build()

    def predict(self, setting: Setting) -> Predicted:
        """The exponent, and the recursion it is the limit of."""
        regime, student = setting.regime, setting.student
        leap = setting.target.degree
        if leap is None or leap < 2 or setting.target != Target(f"He{leap}(z1)"):
            raise ProblemError("about y = He_l(z1), l >= 2, without noise")
        if regime.loss != self.loss or regime.batch != "fresh" or regime.preprocess is not None:
            raise ProblemError(f"about the {self.loss} loss on fresh batches, labels as they are")
        if student.second_layer != "rademacher" or student.bias != 0.0 or student.scaling != "mean-field":
            raise ProblemError("about alpha = +-1, no bias and the mean-field scaling")
        if hermite_coefficients(student.activation, leap)[leap] == 0:
            raise ProblemError(f"about students with c_{leap} != 0")
        kappa = sample_exponent(setting)
        rate = _rate(setting)
        if not kappa.is_Rational or kappa <= 1 or regime.n != sympy.sstr(sympy.Symbol("d") ** kappa):
            raise ProblemError("about n = d^kappa, kappa above 1")
        recursion = LeapSteps(leap, float(kappa), regime.steps, student.activation, rate)
        return Predicted(exponents(leap, float(kappa), regime.steps)[-1], recursion)

    def measure(self, setting: Setting, dims: tuple[int, ...], draw: Draw) -> Mapping[int, np.ndarray]:
        """By d, log |cos| after the last step, averaged over neurons."""
        kappa = float(sample_exponent(setting))
        found = {}
        for nominal in dims:
            d = max(8, round(nominal ** (NOMINAL / kappa)))
            run = draw(f"d = {d}", at_dimension(setting, d), record=("cosines",), at=(setting.regime.steps,))
            found[d] = np.log(np.abs(run.cosines[:, -1, :, 0])).mean(axis=1)
        return found

    def compare(self, predicted: Predicted, measured: Mapping[int, np.ndarray]) -> Mapping[str, np.ndarray]:
        """How far slopes lie above, and below, all between the exponent and the recursion at these d."""
        low, high = min(measured), max(measured)
        slope = (measured[high] - measured[low]) / np.log(high / low)
        ends = (-predicted.a, float(predicted.recursion.median_slopes(low, high)[-1]))
        return {"above": slope - max(ends) - ALLOWED, "below": min(ends) - ALLOWED - slope}


class MultiStepLeapSquared(MultiStepLeap):
    """The same said of the squared loss."""

    id = "multi-step-leap-squared"
    title = "the same under the squared loss"
    statement = MultiStepLeap.statement.replace("the correlation loss", "the squared loss")
    source = "a contrast: the student's own gradient, times eta, swamps the rows from the second step on"
    loss = "squared"


def leap_setting(leap: int, kappa: Fraction, steps: int, activation: str, rate: float, loss: str) -> Setting:
    """y = He_leap(z1), n = d^kappa, eta = rate p d^((kappa - 1)/2), alpha = +-1.

    Rows are independent; under the squared loss they come in pairs, so that f = 0 at the start.
    """
    init = "symmetric" if loss == "squared" else "plain"
    student = Student(activation, NEURONS, second_layer="rademacher", init=init)
    regime = Regime(256, f"d**({kappa})", f"{rate}*p*sqrt(n/d)", steps, loss=loss)
    return Setting(Target(f"He{leap}(z1)"), student, regime)


def _rate(setting: Setting) -> float:
    """eta / (p sqrt(n/d)), which must not depend on d."""
    scaled = [at_dimension(setting, d) for d in (2**6, 2**9)]
    rates = [s.eta / (s.student.p * np.sqrt(s.n / s.regime.d)) for s in scaled]
    if abs(rates[0] / rates[1] - 1) > 1e-3:
        raise ProblemError("about eta = rate p sqrt(n/d)")
    return float(rates[1])
