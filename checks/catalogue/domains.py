"""Domains that several claims share: None, or the reason why a statement says nothing about a setting."""

from __future__ import annotations

from theory import Setting
from theory.predict import sample_exponent


def fresh_descent(setting: Setting) -> str | None:
    """Fresh batches, unprocessed labels, no weight decay, rows left as they are."""
    regime = setting.regime
    if len(set(setting.batch_ids)) < len(setting.batch_ids):
        return "a batch is used twice"
    if regime.preprocess is not None or regime.weight_decay or regime.normalize_rows:
        return "labels are preprocessed, rows renormalised or weights decayed"
    return None


def fresh_linear_batches(setting: Setting) -> str | None:
    """fresh_descent with n proportional to d."""
    if reason := fresh_descent(setting):
        return reason
    return None if sample_exponent(setting) == 1 else "n is not proportional to d"


def silent_start(setting: Setting) -> str | None:
    """fresh_descent from a symmetric start, where f = 0, with a polynomial target."""
    if reason := fresh_descent(setting):
        return reason
    if setting.student.init != "symmetric":
        return "the student does not start at f = 0"
    return None if setting.target.degree is not None else "the target is not a polynomial"
