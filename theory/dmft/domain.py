"""Which settings have a limit on batches that may return."""

from collections.abc import Sequence

from ..fresh.domain import Problem, limiting_problem
from ..problem import ProblemError, Setting


def problem(setting: Setting, alpha: Sequence[float] | None, bias: Sequence[float] | float | None) -> Problem:
    """The limit's data. Raises ProblemError, with the reason, where there is no such limit."""
    if setting.regime.preprocess is not None:
        raise ProblemError("solve_dmft knows labels as they are drawn: preprocess must be None")
    return limiting_problem(setting, alpha, bias, "solve_dmft")
