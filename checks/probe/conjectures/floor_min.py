"""Floors at kappa1 != kappa2: does the test error depend on the smaller of samples and neurons alone?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import log

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from theory import error_floor, planted_masses
from theory.problem import ProblemError, Regime, Setting, Student
from theory.size_exponents import sample_exponent

from ...draw import Draw
from ..conjecture import Conjecture, Ladder

NOMINAL = 64
KAPPAS = (1.0, 1.5, 2.0)
DEGREES = ((1, 2), (1, 3), (2, 3), (1, 2, 3))
RIDGES = tuple(10.0**e for e in range(-5, 2))  # leave-one-out picks: no peak at n = p
HALF = 0.5  # of a unit of mass: what d <= 64 can tell apart
STEP_SAMPLES, TEST_SAMPLES = 16, 2**11


@dataclass(frozen=True)
class Grid:
    """kappa1 of samples, kappa2 of neurons; floor: of degrees above min(kappa1, kappa2); learned: dim U, 0 or 1."""

    samples: float
    neurons: float
    floor: float
    learned: int


class FloorMinKappa(Conjecture):
    """arXiv 2305.18270, Conjecture 3, away from kappa1 = kappa2 = 1."""

    id = "floor-min-kappa"
    title = "the test error at n = d^kappa1, p = d^kappa2 depends on the smaller kappa alone, symmetrically"
    statement = (
        "With U learned by the first layer, n = d^kappa1 samples for the second layer and p = d^kappa2 neurons, the "
        "test error is at least ||P_{U,>kappa} f*||^2 with kappa = min(kappa1, kappa2), up to o(1); where kappa is no "
        "whole number it is the same with kappa1 and kappa2 exchanged. Checked to half a unit of mass, f* having one "
        "unit at each degree."
    )
    source = (
        "arXiv 2305.18270, Conjecture 3 (proven at kappa1 = kappa2 = 1); theory.planted_masses, docs/notes/floors.md"
    )
    blind = (
        "Differences below half a unit of mass; d above 64; constants at whole kappa, where degrees are half learned."
    )
    search = Ladder((24,), 12)
    confirm = (Ladder((32,), 32), Ladder((48,), 32))

    def strategy(self) -> SearchStrategy[Setting]:
        """Masses at some of degrees 1, 2, 3; before training and after one step; kappa1 != kappa2 in {1, 3/2, 2}."""
        pairs = [(a, b) for a in KAPPAS for b in KAPPAS if a != b]
        return st.builds(floor_setting, st.sampled_from(DEGREES), st.sampled_from((0, 1)), st.sampled_from(pairs))

    def predict(self, setting: Setting) -> Grid:
        """kappa1 of the regime's n, which is the readout's; kappa2 of p at that d; and the floor."""
        samples = float(sample_exponent(setting))
        neurons = round(2 * log(setting.student.p) / log(setting.regime.d)) / 2
        if samples not in KAPPAS or neurons not in KAPPAS or samples == neurons:
            raise ProblemError("about n = d^kappa1 and p = d^kappa2, different ones of 1, 3/2 and 2")
        for learned in (0, 1):
            for degrees in DEGREES:
                planted = planted_masses(degrees, learned)
                if setting.target == planted.target:
                    floor = float(error_floor(planted.target, min(samples, neurons), planted.subspace))
                    return Grid(samples, neurons, floor, learned)
        raise ProblemError("about planted masses of degrees 1, 2 and 3")

    def measure(self, setting: Setting, dims: tuple[int, ...], draw: Draw) -> Mapping[str, np.ndarray]:
        """Test errors at the largest d: as asked, and with kappa1 and kappa2 exchanged."""
        grid, d = self.predict(setting), dims[-1]
        cases = {"asked": (grid.samples, grid.neurons)}
        if not min(cases["asked"]).is_integer():  # at whole kappa a degree is half learned, by other constants
            cases["mirrored"] = (grid.neurons, grid.samples)
        return {name: _error(setting, d, *case, grid.learned, draw, name) for name, case in cases.items()}

    def compare(self, predicted: Grid, measured: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        """More than half a unit below the floor, or away from its mirror image."""
        error = measured["asked"]
        found = {"below the floor": predicted.floor - error - HALF}
        if "mirrored" in measured:
            found["more than mirrored"] = error - measured["mirrored"] - HALF
            found["less than mirrored"] = measured["mirrored"] - error - HALF
        return found


def floor_setting(degrees: tuple[int, ...], learned: int, kappas: tuple[float, float]) -> Setting:
    """Masses at `degrees` outside U of dimension `learned`; n = d^kappa1 is the readout's, p = d^kappa2.

    The first layer takes one step on 16 d samples of its own where U is to be learned.
    """
    samples, neurons = kappas
    student = Student("relu", _width(NOMINAL, neurons), init="plain", bias="gaussian")
    return Setting(planted_masses(degrees, learned).target, student, Regime(NOMINAL, f"d**({samples:g})", "6*p"))


def _width(d: int, kappa: float) -> int:
    return round(d**kappa)


def _error(setting: Setting, d: int, samples: float, neurons: float, learned: int, draw: Draw, name: str) -> np.ndarray:
    """Test errors of the second layer, by replica; infinite where a run diverged."""
    student = replace(setting.student, p=_width(d, neurons))
    first = Setting(setting.target, student, replace(setting.regime, d=d, n=STEP_SAMPLES * d))
    run = draw(name, first, record=("rows",), at=(learned,))
    found = draw.readout(run, name, _width(d, samples), RIDGES, test_samples=TEST_SAMPLES)
    return np.where(np.isnan(found.test_error), np.inf, found.test_error)
