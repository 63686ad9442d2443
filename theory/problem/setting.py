"""A setting: target, student and regime together, with everything that can be evaluated evaluated."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .errors import ProblemError, show
from .regime import MAX_SAMPLES, SIZES, Regime, positive, size_expression
from .scalars import finite
from .serial import SCHEMA, fields, identity
from .student import Student
from .target import Target


@dataclass(frozen=True)
class Setting:
    """One complete problem.

    Raises ProblemError if the teacher needs more directions than there are (k > d), or n, eta or extragradient
    evaluate to something that is no sample size or no step size, or the activation jumps.
    """

    target: Target
    student: Student
    regime: Regime

    def __post_init__(self) -> None:
        for name, kind in (("target", Target), ("student", Student), ("regime", Regime)):
            if not isinstance(getattr(self, name), kind):
                raise ProblemError(f"{name} is not a {kind.__name__} but {show(getattr(self, name))}")
        if self.target.k > self.regime.d:
            raise ProblemError(f"the target has k = {self.target.k} directions, but d = {self.regime.d}")
        for name in ("n", "eta", "extragradient"):  # evaluated now, so that a bad expression is refused here
            getattr(self, name)
        _ = self.student.activation.derivative  # refuses an activation that jumps: it cannot be trained through

    @cached_property
    def n(self) -> int:
        """Samples a step, rounded to the nearest whole number."""
        value = self._evaluate("n", {"d": self.regime.d, "p": self.student.p})
        if not 1 <= round(value) <= MAX_SAMPLES:
            raise ProblemError(f"n = {self.regime.n} is {value:g}; between 1 and {MAX_SAMPLES:.0e}")
        return round(value)

    @cached_property
    def eta(self) -> float:
        """The step size."""
        value = self._evaluate("eta", {"d": self.regime.d, "n": self.n, "p": self.student.p})
        return positive(value, f"eta = {self.regime.eta} =")

    @cached_property
    def extragradient(self) -> float:
        """The step size of the look-ahead, 0 without one."""
        value = self._evaluate("extragradient", {"d": self.regime.d, "n": self.n, "p": self.student.p})
        return finite(value, f"extragradient = {self.regime.extragradient} =", low=0)

    def _evaluate(self, name: str, sizes: dict[str, int]) -> float:
        expr = size_expression(getattr(self.regime, name), name)
        return finite(expr.subs({SIZES[key]: value for key, value in sizes.items()}), f"{name} = {expr}")

    @cached_property
    def batch_ids(self) -> tuple[int, ...]:
        """The batch of every step: equal ids are the same data."""
        return self.regime.batch_ids

    @property
    def identity(self) -> str:
        """SHA-256 (hex) of everything the setting says."""
        return identity(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` turns back into an equal setting."""
        parts = {name: getattr(self, name).to_json() for name in ("target", "student", "regime")}
        return {"schema": SCHEMA, **parts}

    @classmethod
    def from_json(cls, value: Any) -> "Setting":
        """The setting that `to_json` wrote; raises ProblemError on another schema."""
        parts = fields(value, "setting", {"schema", "target", "student", "regime"}, {"target", "student", "regime"})
        if parts.get("schema", SCHEMA) != SCHEMA:
            raise ProblemError(f"setting: schema {parts['schema']!r} is not known; this version reads schema {SCHEMA}")
        return cls(
            Target.from_json(parts["target"]),
            Student.from_json(parts["student"]),
            Regime.from_json(parts["regime"]),
        )
