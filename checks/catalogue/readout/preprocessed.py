"""At n = d^2 a network whose labels lost their linear part reads out what is quadratic; with it, C_1 alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sympy

from theory import Regime, Setting, Student, Target, hermite_tensor, leap_index, one_step_exponent
from theory.size_exponents import rate_exponent, sample_exponent

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import n_replaced, preprocessing_dropped
from ...verdict import Component, Data
from ..domains import one_step_with_exponent
from .reach import Basis, Reach, independent_rows, recorded

TARGET = "z1 + He2(z2)"  # C_1 along e1; V*_2 = e2
MARGIN, SPREAD, TEST_SAMPLES, SAMPLES = 0.25, 0.17, 2**12, 64
REMOVED, PLAIN, WIDE = "linear part removed", "labels as they are", "linear part removed, p = 3 d"


def _setting(d: int, p: int, preprocess: int | None = 1) -> Setting:
    student = Student("softplus", p, "rademacher", "plain", 1.0)  # a bias: homogeneous features would fit |z2| only
    regime = Regime(d, "4*d**2", "8*p*d**(1/2)", loss="correlation", preprocess=preprocess)
    return Setting(Target(TARGET), student, regime)


QUICK = {REMOVED: _setting(64, 32), PLAIN: _setting(64, 32, None), WIDE: _setting(48, 144)}
DEEP = {REMOVED: _setting(128, 48), PLAIN: _setting(128, 48, None), WIDE: _setting(80, 240)}
PLANS = {"quick": Plan(QUICK, stages=1), "deep": Plan(DEEP)}


def _axes(k: int) -> Basis:
    return tuple(tuple(int(r == s) for s in range(k)) for r in range(k))


def _learned(setting: Setting) -> Basis:
    """The axes to which rows turn."""
    return tuple(axis for axis in _axes(setting.target.k) if one_step_exponent(_mirrored(setting), axis) == 0)


def _mirrored(setting: Setting) -> Setting:
    """From f = 0, as theory has it: under the correlation loss no neuron looks at the others, so it moves alike."""
    return Setting(setting.target, replace(setting.student, init="symmetric"), setting.regime)


def _linear(setting: Setting) -> Basis:
    """The axes that C_1 holds."""
    tensor = hermite_tensor(setting.target, 1)
    return tuple(axis for axis, entry in zip(_axes(setting.target.k), tensor, strict=True) if entry != 0)


def _reaches(plan: Plan) -> dict[str, Reach]:
    """By component: a few neurons reach kappa = 0, and p of order d kappa = 1."""
    return {
        name: Reach(setting, SAMPLES, 0.1 if name == WIDE else 0.02, int(name == WIDE), _learned(setting))
        for name, setting in plan.settings.items()
    }


def components(plan: Plan) -> tuple[Component, ...]:
    """Test errors between the floor, less what p features catch of the next degree, and the equivalent's: see Reach.

    The margin is a quarter of the energy of z1.
    """
    return tuple(reach.component(name, MARGIN, SPREAD) for name, reach in _reaches(plan).items())


def measure(plan: Plan, draw: Draw) -> Data:
    """The test error of a readout of 64 d samples after the step, by replica."""
    reaches = _reaches(plan)
    return {
        name: reaches[name].measure(draw, name, draw(name, setting, record=recorded(setting), at=(1,)), TEST_SAMPLES)
        for name, setting in plan.settings.items()
    }


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Floors of what rows would know otherwise, and at another width."""
    reaches = _reaches(plan)
    removed = {name: reach for name, reach in reaches.items() if reach.setting.regime.preprocess == 1}
    return {
        "floor without U: rows learn nothing": {n: r.foil(subspace=()) for n, r in reaches.items()},
        "as with n = O(d), or unremoved: C_1 alone": {
            n: r.foil(subspace=_linear(r.setting)) for n, r in removed.items()
        },
        "d^2 samples teach all of V*": {n: r.foil(subspace=_axes(r.setting.target.k)) for n, r in reaches.items()},
        "kappa off by one": {n: r.foil(kappa=1 - r.kappa) for n, r in removed.items()},
    }


def domain(setting: Setting) -> str | None:
    """One step by independent neurons on n = Theta(d^2), leap one, labels as they are or without their linear part."""
    if setting.regime.preprocess == 0:
        return "only the mean of the labels is removed"
    if reason := independent_rows(setting) or one_step_with_exponent(_mirrored(setting)):
        return reason
    if sample_exponent(setting) != 2 or rate_exponent(setting) != sympy.Rational(1, 2):
        return "needs n of order d^2 and eta of order p d^(1/2)"
    return None if leap_index(setting.target) == 1 else "the target's leap is not one: there is no linear part"


CLAIM = Claim(
    id="readout/preprocessed",
    title="after one step on d^2 samples without their linear part the readout sits on the floor of V*_2",
    statement=(
        "At n = Theta(d^2), eta = Theta(p d^(1/2)) and leap one, let U hold the directions to which one step turns "
        "rows: C_1, or V*_2 once y - mean(y) - <z, mean(y z)> replaces y. The test error of the ridge-trained second "
        "layer then is at least ||P_{U,>kappa} f*||^2 - o(1), with kappa = 0 for p = O(1) neurons and 1 for "
        "p = Theta(d), and nearly attains it: directions of leap two are read out after one step, and without the "
        "removal, or on O(d) samples, they are not."
    ),
    source="arXiv 2305.18270, preprocessing at n = d^2 with Conjecture 3; allowances derived in docs/notes/readout.md",
    blind=(
        "Directions that the linear part hides from cosines but not from a readout, as z2 in z1 + z1 z2 "
        "(docs/notes/readout.md); mirrored neurons; leaps above two; where between the bounds the error is."
    ),
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"4 d samples": n_replaced("4*d"), "labels left as they are": preprocessing_dropped},
)
