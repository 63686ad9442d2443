"""At n = c d^2 a few neurons whose labels lost their linear part read out V*_2; with it, C_1 alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sympy

from theory import Regime, Setting, Student, Target, error_floor, hermite_tensor, leap_index, one_step_exponent
from theory.size_exponents import rate_exponent, sample_exponent

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import n_replaced, preprocessing_dropped
from ...verdict import Component, Data, Median
from ..domains import one_step_with_exponent
from .few_neurons import few_neurons_error, quadratic_coefficient
from .reach import independent_rows

TARGET = "z1 + sqrt(2)*z2*z3"  # C_1 along e1; V*_2 = span(e2, e3)
MARGIN, SPREAD = 0.25, 0.14  # a quarter of the 1 between neighbouring floors
SAMPLES, RIDGE, TEST_SAMPLES = 64, 1e-3, 2**14
REMOVED, PLAIN = "linear part removed", "labels as they are"


def _setting(d: int, preprocess: int | None) -> Setting:
    student = Student("u + u**2/6", 16, "rademacher", "plain")
    regime = Regime(d, "10*d**2", "16*p*d**(1/2)", loss="correlation", preprocess=preprocess)
    return Setting(Target(TARGET), student, regime)


def _settings(d: int) -> dict[str, Setting]:
    return {REMOVED: _setting(d, 1), PLAIN: _setting(d, None)}


PLANS = {"quick": Plan(_settings(128), stages=1), "deep": Plan(_settings(192))}
Basis = tuple[tuple[int, ...], ...]


def _axes(k: int) -> Basis:
    return tuple(tuple(int(r == s) for s in range(k)) for r in range(k))


def _learned(setting: Setting) -> Basis:
    """The axes to which rows turn."""
    return tuple(axis for axis in _axes(setting.target.k) if one_step_exponent(_mirrored(setting), axis) == 0)


def _mirrored(setting: Setting) -> Setting:
    """From f = 0, as theory has it: under the correlation loss no neuron looks at the others, so it moves alike."""
    return Setting(setting.target, replace(setting.student, init="symmetric"), setting.regime)


def _along_axes(target: Target, order: int) -> bool:
    """Whether the columns of C_order span those axes that they touch."""
    tensor = sympy.Matrix(target.k, target.k ** (order - 1), list(sympy.flatten(hermite_tensor(target, order))))
    touched = sum(any(tensor[r, s] != 0 for s in range(tensor.cols)) for r in range(tensor.rows))
    return bool(tensor.rank() == touched)


def _linear(setting: Setting) -> Basis:
    """The axes that C_1 holds."""
    tensor = hermite_tensor(setting.target, 1)
    return tuple(axis for axis, entry in zip(_axes(setting.target.k), tensor, strict=True) if entry != 0)


def _floor(setting: Setting, subspace: Basis, kappa: int = 0) -> float:
    return float(error_floor(setting.target, kappa, [list(vector) for vector in subspace] or None))


def _allowance(setting: Setting) -> float:
    """How far p neurons at this d are from the floor: above it by what they cannot combine, below it by the share p/d
    of the linear part outside U, which random rows see."""
    subspace = _learned(setting)
    floor = _floor(setting, subspace)
    seen = (floor - _floor(setting, subspace, kappa=1)) * setting.student.p / setting.regime.d
    return max(abs(few_neurons_error(setting) - floor), seen)


def components(plan: Plan) -> tuple[Component, ...]:
    """Test errors, and the floors E Var(f* | P_U z). The margin is a quarter of what parts neighbouring floors."""
    return tuple(
        Component(name, _floor(setting, _learned(setting)), MARGIN, _allowance(setting), Median(name, SPREAD))
        for name, setting in plan.settings.items()
    )


def measure(plan: Plan, draw: Draw) -> Data:
    """The test error of a readout of 64 d samples after the step, by replica."""
    data: Data = {}
    for name, setting in plan.settings.items():
        run = draw(name, setting, record=("gram",), at=(1,))
        found = draw.readout(run, name, SAMPLES * setting.regime.d, RIDGE, at=1, test_samples=TEST_SAMPLES)
        data = {**data, name: found.test_error}
    return data


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Floors of what rows would know otherwise, and at another width; left out where they are the same."""
    wrong = {
        "floor without U: rows learn nothing": {n: _floor(s, ()) for n, s in plan.settings.items()},
        "C_1 alone, removed or not": {n: _floor(s, _linear(s)) for n, s in plan.settings.items()},
        "V*_2, removed or not": {n: _floor(s, _learned(plan.settings[REMOVED])) for n, s in plan.settings.items()},
        "all of V*": {n: _floor(s, _axes(s.target.k)) for n, s in plan.settings.items()},
        "kappa = 1, as at p of order d": {n: _floor(s, _learned(s), kappa=1) for n, s in plan.settings.items()},
    }
    right = {name: _floor(setting, _learned(setting)) for name, setting in plan.settings.items()}
    return {foil: {n: v for n, v in values.items() if v != right[n]} for foil, values in wrong.items()}


def domain(setting: Setting) -> str | None:
    """One step by independent neurons u + q u^2 on n = Theta(d^2), eta = Theta(p d^(1/2)); leap one, degree two."""
    if setting.regime.preprocess == 0:
        return "only the mean of the labels is removed"
    if reason := independent_rows(setting) or one_step_with_exponent(_mirrored(setting)):
        return reason
    if sample_exponent(setting) != 2 or rate_exponent(setting) != sympy.Rational(1, 2):
        return "needs n of order d^2 and eta of order p d^(1/2)"
    if quadratic_coefficient(setting.student) is None:
        return "the finite width is accounted for with a student u + q u^2 only, no bias and signs as second layer"
    if setting.target.degree != 2 or setting.regime.weight_decay:
        return "needs a target of degree two, and no weight decay"
    if leap_index(setting.target) != 1:
        return "the target's leap is not one: there is no linear part"
    if hermite_tensor(setting.target, 0)[()] != 0:
        return "E f* is not 0: a mean moves rows along themselves"
    order = 2 if setting.regime.preprocess == 1 else 1
    return None if _along_axes(setting.target, order) else f"C_{order} does not lie along axes: turn the coordinates"


CLAIM = Claim(
    id="readout/preprocessed",
    title="after one step on d^2 samples without their linear part a few neurons sit on the floor of V*_2, not of C_1",
    statement=(
        "At n = c d^2, eta = Theta(p d^(1/2)), leap one and p = O(1) neurons, let U hold the directions to which one "
        "step turns rows: C_1, or V*_2 once y - mean(y) - <z, mean(y z)> replaces y. The test error of the "
        "ridge-trained second layer then tends to E Var(f* | P_U z) as d and then p and c grow: directions of leap two "
        "are read out after one step, and without the removal they are not."
    ),
    source="arXiv 2305.18270, preprocessing at n = d^2 with the bound at p = O(1); docs/notes/readout.md",
    blind=(
        "Students other than u + q u^2 (few softplus neurons stay well above the floor); mirrored neurons; leaps above "
        "two; p of the order of d; directions that the linear part hides from cosines but not from a readout, as z2 in "
        "z1 + z1 z2 with relu."
    ),
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"4 d samples": n_replaced("4*d"), "labels left as they are": preprocessing_dropped},
)
