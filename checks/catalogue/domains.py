"""Domains that several claims share: None, or the reason why a statement says nothing about a setting."""

from __future__ import annotations

from theory import ProblemError, Setting, first_step, leap_index, one_step_exponent, staircase
from theory.size_exponents import rate_exponent, sample_exponent

NOT_GAUSSIAN = "inputs are not Gaussian"


def fresh_descent(setting: Setting) -> str | None:
    """Fresh batches of Gaussian inputs, unprocessed labels, no weight decay, rows left as they are."""
    regime = setting.regime
    if regime.inputs != "gaussian":
        return NOT_GAUSSIAN
    if regime.repeats_batches:
        return "a batch is used twice"
    if setting.extragradient:
        return "the gradient looks ahead, which uses a batch twice"
    if regime.preprocess is not None or regime.weight_decay or regime.normalize_rows:
        return "labels are preprocessed, rows renormalised or weights decayed"
    return None


def linear_batches(setting: Setting) -> str | None:
    """fresh_descent with n = Theta(d) and eta = Theta(p)."""
    if reason := fresh_descent(setting):
        return reason
    if sample_exponent(setting) != 1:
        return "n is not proportional to d"
    return None if rate_exponent(setting) == 0 else "eta is not proportional to p"


def able_student(setting: Setting) -> str | None:
    """linear_batches with a student that takes every rung of the target's staircase when the target does."""
    if reason := linear_batches(setting):
        return reason
    if own_dimensions(setting) != staircase(setting.target).dimensions:
        return f"the student {setting.student.activation.name} cannot follow the staircase of the target"
    return None


def own_dimensions(setting: Setting) -> tuple[int, ...]:
    """dim U*_t, t = 0, 1, ..., of what this student reaches on fresh batches, rows left as they are."""
    student = setting.student
    return staircase(setting.target, student.activation, bias=student.bias, loss=setting.regime.loss).dimensions


def silent_start(setting: Setting) -> str | None:
    """fresh_descent from f = 0 (symmetric start) with a polynomial target, mean-field scaling, one bias for all."""
    if reason := fresh_descent(setting):
        return reason
    student = setting.student
    if student.init != "symmetric" or student.scaling != "mean-field" or not isinstance(student.bias, float):
        return "needs a symmetric start, mean-field scaling and one number as bias"
    return None if setting.target.degree is not None else "the target is not a polynomial"


def one_step_with_exponent(setting: Setting) -> str | None:
    """One step from f = 0 that leaves rows unnormalised and has a proven exponent; labels may be preprocessed."""
    if setting.regime.steps != 1 or setting.regime.normalize_rows:
        return "needs one step, and rows left as they are"
    try:
        one_step_exponent(setting)
    except ProblemError as reason:
        return str(reason)
    return None


def first_step_at_leap_one(setting: Setting) -> str | None:
    """What theory.first_step covers (f = 0 and E f* = 0 at the start), with leap one, n = Theta(d), eta = Theta(p)."""
    try:
        first_step(setting)
    except ProblemError as reason:
        return str(reason)
    return linear_batches(setting) if leap_index(setting.target) == 1 else "the target's leap index is not one"
