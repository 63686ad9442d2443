"""Which settings have a limit of several steps, and the numbers in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy

from ..hermite.forms import canonical
from ..hermite.majorant import majorant
from ..inputs import require_gaussian
from ..problem import ProblemError, Setting, Student, Target
from ..problem.regime import SIZES, size_expression
from ..size_exponents import rate_exponent, sample_exponent

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Problem:
    """A setting at d = infinity.

    output (p,): v_i, so that f = sum_i v_i sigma(h_i + b_i). bias (p,). ratio: lim n/d. eta: its limit. decay:
    1 - eta weight_decay. squared, unit, mirrored: squared loss, rows renormalised, symmetric start.
    """

    target: Target
    student: Student
    output: "np.ndarray"
    bias: "np.ndarray"
    ratio: float
    eta: float
    decay: float
    steps: int
    squared: bool
    unit: bool
    mirrored: bool
    preprocess: int | None


def problem(setting: Setting, alpha: Sequence[float] | None, bias: Sequence[float] | float | None) -> Problem:
    """The fresh-batch limit's data. Raises ProblemError, with the reason, where there is no such limit."""
    if setting.regime.repeats_batches:
        raise ProblemError("fresh_limit needs a fresh batch at every step: a reused batch follows another limit")
    return limiting_problem(setting, alpha, bias, "fresh_limit")


def limiting_problem(
    setting: Setting, alpha: Sequence[float] | None, bias: Sequence[float] | float | None, caller: str
) -> Problem:
    """The data at d = infinity, whichever batches are used; `caller` is named by the reasons of a ProblemError."""
    import numpy as np

    regime = setting.regime
    if setting.extragradient:
        raise ProblemError(f"{caller} knows plain steps only: looking ahead uses each batch twice")
    require_gaussian(regime, caller)
    _check_growth(setting.student, caller)
    student = _given(setting.student, alpha, bias)
    ratio, eta = _limits(setting, caller)
    p = student.p
    biases = np.full(p, student.bias) if isinstance(student.bias, float) else np.array(student.bias)
    return Problem(
        target=setting.target,
        student=student,
        output=np.array(student.second_layer) / (p if student.scaling == "mean-field" else np.sqrt(p)),
        bias=biases,
        ratio=ratio,
        eta=eta,
        decay=1 - eta * regime.weight_decay,
        steps=regime.steps,
        squared=regime.loss == "squared",
        unit=regime.normalize_rows,
        mirrored=student.init == "symmetric",
        preprocess=regime.preprocess,
    )


def _check_growth(student: Student, caller: str) -> None:
    """Fields have any variance after a step, so sigma may grow exponentially at most."""
    try:
        majorant(canonical(student.activation.expr))
    except ProblemError as error:
        raise ProblemError(f"{caller} needs an activation whose growth is at most exponential: {error}") from None


def _given(student: Student, alpha: Sequence[float] | None, bias: Sequence[float] | float | None) -> Student:
    """The student with every number in it; a law leaves the limit random."""
    if alpha is not None:
        if not isinstance(student.second_layer, str):
            raise ProblemError("alpha is given twice: by the student's second_layer and by the keyword")
        student = replace(student, second_layer=alpha)  # type: ignore[arg-type]
    if bias is not None:
        if not isinstance(student.bias, str):
            raise ProblemError("bias is given twice: by the student and by the keyword")
        student = replace(student, bias=bias)  # type: ignore[arg-type]
    if isinstance(student.second_layer, str):
        law = student.second_layer
        raise ProblemError(f"second_layer = {law!r} is random, and so is the limit: give the p values, or alpha=")
    if isinstance(student.bias, str):
        raise ProblemError(f"bias = {student.bias!r} is random, and so is the limit: give the p values, or bias=")
    return student


def _limits(setting: Setting, caller: str) -> tuple[float, float]:
    """lim n/d and lim eta as d -> infinity at fixed p."""
    n, eta = size_expression(setting.regime.n, "n"), size_expression(setting.regime.eta, "eta")
    if (kappa := sample_exponent(setting)) != 1:
        raise ProblemError(f"n = {n} is of order d^({kappa}); {caller} needs n proportional to d, such as 2d")
    if (rate := rate_exponent(setting)) != 0:
        raise ProblemError(f"eta = {eta} is of order d^({rate}); {caller} needs it to be of order d^0, such as p")
    limits = []
    for size, power, name in ((n, 1, "n/d"), (eta.subs(SIZES["n"], n), 0, "eta")):
        size = sympy.expand(sympy.powdenest(size, force=True)).coeff(SIZES["d"], power)
        value = float(size.subs(SIZES["p"], setting.student.p))
        if value <= 0:
            raise ProblemError(f"{name} tends to {value:g} as d grows; {caller} needs a limit above 0")
        limits.append(value)
    return limits[0], limits[1]
