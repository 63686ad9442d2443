"""A staircase that almost stops: the second step of a target whose second rung has strength epsilon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import sqrt

import numpy as np
import sympy
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from theory.problem import ProblemError, Regime, Setting, Student, Target

from ...draw import Draw
from ..conjecture import Conjecture, Ladder

ALLOWED = 0.1  # of a slope, and of a ratio
STRENGTHS = (1, 2, 4, 8, 16)  # epsilon sqrt(n)
NOMINAL = 256


class ApproximateStaircase(Conjecture):
    """No threshold in epsilon: the overlap is a function of epsilon sqrt(n) over sqrt(n)."""

    id = "approximate-staircase"
    title = "a second rung of strength eps is climbed in proportion to eps: overlaps are functions of eps sqrt(n)"
    statement = (
        "On f* = sqrt(2) u + 2 (eps u s + sqrt(1 - eps^2) He2(s) / sqrt(2)), with n = Theta(d) fresh samples a step "
        "and eta = Theta(p), sqrt(n) times the overlaps with s after two steps has a law that depends on eps and d "
        "through eps sqrt(n) alone as d grows, and its part in alpha_i^2 is linear in eps: there is no jump."
    )
    source = "heuristic, docs/conjectures.md; arXiv 2305.18270 at eps = 0 and eps = 1"
    blind = "eps of order 1, where He2(s) is weaker; more than two steps; other shapes of the second rung."
    search = Ladder((256, 4096), 12)
    confirm = (Ladder((1024, 16384), 48), Ladder((4096, 65536), 32))

    def strategy(self) -> SearchStrategy[Setting]:
        """Strengths, step sizes, batch sizes, students with c_1, c_2 > 0."""
        return st.builds(
            approximate_setting,
            st.sampled_from(STRENGTHS),
            st.sampled_from(("relu", "gelu", "softplus")),
            st.sampled_from((1, 2, 4)),
            st.sampled_from((4, 8, 16)),
        )

    def predict(self, setting: Setting) -> float:
        """eps sqrt(n), which is kept as d grows."""
        if setting.regime.steps != 2 or setting.regime.batch != "fresh":
            raise ProblemError("about two steps on fresh batches")
        return strength(setting) * np.sqrt(setting.n)

    def measure(self, setting: Setting, dims: tuple[int, ...], draw: Draw) -> Mapping[str, np.ndarray]:
        """Overlaps with s at the ends of the ladder, and at the upper one for half of epsilon, too.

        spread_low, spread_high: sqrt(n) times the root mean square over neurons. drift_*: sum alpha_i^2 o_i.
        """
        whole = strength(setting) * np.sqrt(setting.n)
        found: dict[str, np.ndarray] = {"log d": np.log(np.array(dims))}
        cases = (("low", dims[0], whole), ("high", dims[-1], whole), ("half", dims[-1], whole / 2))
        for name, d, size in cases:
            scaled = _at(setting, d, size)
            run = draw(f"{name}, d = {d}", scaled, at=(2,))
            overlaps = np.sqrt(scaled.n) * run.overlaps[:, -1, :, 1]
            found[f"spread {name}"] = np.sqrt(np.mean(overlaps**2, axis=1))
            found[f"drift {name}"] = np.sum(run.alpha**2 * overlaps, axis=1)
        return found

    def compare(self, predicted: float, measured: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        """A slope in d where curves should collapse; a drift that is not twice that at half of epsilon."""
        width = measured["log d"][-1] - measured["log d"][0]
        slope = np.log(measured["spread high"] / measured["spread low"]) / width
        whole, half = measured["drift high"], measured["drift half"]
        gain = (whole - 2 * half) / (np.abs(whole) + 2 * np.abs(half))
        return {
            "collapse from above": slope - ALLOWED,
            "collapse from below": -slope - ALLOWED,
            "more than linear": gain - ALLOWED,
            "less than linear": -gain - ALLOWED,
        }


def approximate_target(epsilon: float) -> Target:
    """f_eps with u = z1, s = z2: the same law as with u, s = (z1 +- z2)/sqrt(2), inputs being isotropic."""
    if not 0 <= epsilon < 1:
        raise ProblemError(f"eps = {epsilon:g}; between 0 and 1")
    second, rest = (_decimal(value) for value in (2 * epsilon, sqrt(2 * (1 - epsilon**2))))
    return Target({(1, 0): _decimal(sqrt(2)), (1, 1): second, (0, 2): rest, (0, 0): -rest})


def approximate_setting(size: float, activation: str, rate: float, alpha: int) -> Setting:
    """eps = size / sqrt(n), n = alpha d, eta = rate p, two steps."""
    epsilon = float(size / np.sqrt(alpha * NOMINAL))
    return Setting(
        approximate_target(epsilon), Student(activation, 8), Regime(NOMINAL, f"{alpha}*d", f"{rate}*p", steps=2)
    )


def strength(setting: Setting) -> float:
    """eps of a target of the family. Raises ProblemError for any other."""
    terms = setting.target.terms
    epsilon = float((terms or {}).get((1, 1), -2)) / 2
    known = dict(approximate_target(epsilon).terms or {}) if 0 < epsilon < 1 else {}
    if set(terms or {}) != set(known) or any(abs(float((terms or {})[key] - known[key])) > 1e-7 for key in known):
        raise ProblemError("about f* = sqrt(2) z1 + 2 (eps z1 z2 + sqrt(1 - eps^2) He2(z2) / sqrt(2)), 0 < eps < 1")
    return epsilon


def _decimal(value: float) -> sympy.Rational:
    """To nine digits: roots of such fractions take sympy long."""
    return sympy.Rational(round(value * 10**9), 10**9)


def _at(setting: Setting, d: int, size: float) -> Setting:
    """At dimension d with eps = size / sqrt(n)."""
    regime = replace(setting.regime, d=d)
    n = Setting(setting.target, setting.student, regime).n
    return Setting(approximate_target(float(size / np.sqrt(n))), setting.student, regime)
