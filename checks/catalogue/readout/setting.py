"""What claims on the readout share: untrained rows, a wrong readout, and where statements apply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from theory import Regime, Setting, Student, Target

from ...draw import Simulate
from ..domains import NOT_GAUSSIAN


def untrained(target: Target, activation: str, d: int, p: int) -> Setting:
    """Independent rows as they are drawn; the step that a setting must name is not looked at."""
    return Setting(target, Student(activation, p, init="plain"), Regime(d, n=1, eta=1.0))


@dataclass(frozen=True)
class _Misread:
    """A run whose readout has another penalty than asked for."""

    run: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.run, name)

    def readout(self, n: int, ridge: float, rng: Any, **options: Any) -> Any:
        """With the penalty times n."""
        return self.run.readout(n, ridge * n, rng, **options)


def ridge_times_n(simulate: Simulate) -> Simulate:
    """A readout whose penalty is n times too large."""
    return lambda setting, **options: _Misread(simulate(setting, **options))


def plain_labels(setting: Setting) -> str | None:
    """Gaussian inputs, labels as they are, weights neither decayed nor renormalised."""
    regime = setting.regime
    if regime.inputs != "gaussian":
        return NOT_GAUSSIAN
    if regime.preprocess is not None or regime.weight_decay or regime.normalize_rows:
        return "labels are preprocessed, rows renormalised or weights decayed"
    return None
