"""Wrong simulators, made from a right one by running another setting than the one asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from theory.problem import Setting, Student, Target

from .claim import Mutant
from .draw import Simulate


def eta_doubled(simulate: Simulate) -> Simulate:
    """Twice the step size."""
    return _with_setting(simulate, lambda s: _regime(s, eta=2 * s.eta))


def eta_times_power(power: float) -> Mutant:
    """The step size times n^power."""

    def mutant(simulate: Simulate) -> Simulate:
        return _with_setting(simulate, lambda s: _regime(s, eta=float(s.eta * s.n**power)))

    return mutant


def n_halved(simulate: Simulate) -> Simulate:
    """Half the samples a step."""
    return _with_setting(simulate, lambda s: _regime(s, n=max(1, s.n // 2), eta=s.eta))


def n_replaced(expression: str) -> Mutant:
    """Another number of samples, in d and p; the step size as it was."""

    def mutant(simulate: Simulate) -> Simulate:
        return _with_setting(simulate, lambda s: _regime(s, n=expression, eta=s.eta))

    return mutant


def noise_dropped(simulate: Simulate) -> Simulate:
    """No label noise."""
    return _with_setting(simulate, lambda s: Setting(Target(s.target, noise=0.0), s.student, s.regime))


def batch_reused(simulate: Simulate) -> Simulate:
    """The first batch at every step."""
    return _with_setting(simulate, lambda s: _regime(s, batch="reused"))


def batch_redrawn(simulate: Simulate) -> Simulate:
    """A fresh batch at every step."""
    return _with_setting(simulate, lambda s: _regime(s, batch="fresh"))


def preprocessing_dropped(simulate: Simulate) -> Simulate:
    """Labels as they are."""
    return _with_setting(simulate, lambda s: _regime(s, preprocess=None))


def bias_dropped(simulate: Simulate) -> Simulate:
    """Biases set to zero."""
    return _with_setting(simulate, lambda s: Setting(s.target, _student(s.student, bias=0.0), s.regime))


def loss_swapped(simulate: Simulate) -> Simulate:
    """The correlation loss in place of the squared one, and the other way round."""
    other = {"squared": "correlation", "correlation": "squared"}
    return _with_setting(simulate, lambda s: _regime(s, loss=other[s.regime.loss]))


def activation_replaced(expression: str) -> Mutant:
    """Another activation in place of the student's."""

    def mutant(simulate: Simulate) -> Simulate:
        swap = lambda s: Setting(s.target, _student(s.student, activation=expression), s.regime)  # noqa: E731
        return _with_setting(simulate, swap)

    return mutant


def target_replaced(text: str) -> Mutant:
    """Labels from another target with as many directions."""

    def mutant(simulate: Simulate) -> Simulate:
        swap = lambda s: Setting(Target(text, s.target.k, s.target.noise), s.student, s.regime)  # noqa: E731
        return _with_setting(simulate, swap)

    return mutant


def linear_terms_added(simulate: Simulate) -> Simulate:
    """Labels with z1 + ... + zk added: no direction is hard any more."""

    def easier(setting: Setting) -> Setting:
        target = setting.target
        lifted = Target(target.expr + sum(target.symbols), target.k, target.noise)
        return Setting(lifted, setting.student, setting.regime)

    return _with_setting(simulate, easier)


def _with_setting(simulate: Simulate, change: Any) -> Simulate:
    return lambda setting, **options: simulate(change(setting), **options)


def _regime(setting: Setting, **changes: Any) -> Setting:
    return Setting(setting.target, setting.student, replace(setting.regime, **changes))


def _student(student: Student, **changes: Any) -> Student:
    return replace(student, **changes)
