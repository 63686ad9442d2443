"""The target and the activation as programs that kernels can run."""

from dataclasses import dataclass

from theory.problem import Setting

from .lower import lower


@dataclass(frozen=True)
class Programs:
    """As in ``Program.as_tuple``: f* of the teacher's fields; sigma and sigma'; sigma' alone."""

    target: tuple
    both: tuple
    slope: tuple

    @classmethod
    def of(cls, setting: Setting) -> "Programs":
        """Those of a setting."""
        target, activation = setting.target, setting.student.activation
        expressions = (activation.expr, activation.derivative)
        networks = (lower(part, (activation.symbol,)).as_tuple() for part in (expressions, expressions[1:]))
        return cls(lower((target.expr,), target.symbols).as_tuple(), *networks)
