"""Everything this version of the theory says about a setting, or why it says nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

from .climb import Staircase, staircase
from .exponents import leap_complexity, leap_index
from .floors import Floor, error_floors
from .hermite import hermite_coefficients
from .inputs import universality
from .one_step_exponents import one_step_exponent
from .problem import ProblemError, Setting, Student, Target
from .reuse import generative_exponent, reuse_staircase
from .reuse.parity import quadratic
from .size_exponents import rate_exponent, sample_exponent
from .stairs import ReuseStaircase

FLOOR_DEGREES = (0, 1, 2)


@dataclass(frozen=True)
class Prediction:
    """What theory says (arXiv 2305.18270; numbers are exact where sympy numbers).

    target_staircase: directions any student with enough nonzero coefficients reaches; student_staircase:
    those this student reaches, at step t = 0, 1, .... sample_exponent: kappa in n = d^kappa; rate_exponent: the same
    for eta, both at fixed p. subspace: basis of what the student has learned after the setting's steps.
    reuse_staircase: what any such student reaches on one batch used at every step, level by level, where the setting
    has one (arXiv 2402.03220); student_staircase is then this student's on that batch, at step t. None otherwise.
    floors[(t, kappa)]: error floor after t steps; exact for polynomials, otherwise a `Floor` with its error, for U*_t
    as it is listed.
    """

    setting: Setting
    leap_index: int | float
    leap_complexity: int | float | None
    student_coefficients: tuple[Any, ...]
    target_staircase: Staircase
    student_staircase: Staircase
    sample_exponent: sympy.Expr
    rate_exponent: sympy.Expr
    floors: dict[tuple[int, int], sympy.Expr | Floor]
    notes: tuple[str, ...]
    reuse_staircase: ReuseStaircase | None = None

    @property
    def subspace(self) -> sympy.ImmutableMatrix:
        """Basis of what this student has learned after the setting's steps, k x dim."""
        levels = self.student_staircase.subspaces
        return levels[min(self.setting.regime.steps, len(levels) - 1)]

    @property
    def gradient_exponents(self) -> tuple[sympy.Expr | None, ...]:
        """e in |cos(g_i, w*_r)| ~ d^e of the first gradient g_i at this n, one a teacher direction; None: unknown.

        See `one_step_exponent`: 0 where one step turns rows towards w*_r if it is large enough.
        """
        k = self.setting.target.k
        return tuple(self._gradient_exponent([int(r == s) for s in range(k)]) for r in range(k))

    def _gradient_exponent(self, direction: list[int]) -> sympy.Expr | None:
        try:
            return one_step_exponent(self.setting, direction, gradient_alone=True)
        except ProblemError:
            return None

    @property
    def generative_exponent(self) -> int | float | None:
        """That of the target, whatever the batches; None where it is neither seen nor proven."""
        try:
            return generative_exponent(self.setting.target)
        except ProblemError:
            return None

    def overlap_exponent(self, direction: Sequence[Any], step: int) -> sympy.Rational | None:
        """e in <w_i, v> ~ d^e for v along `direction` (length k) after `step` steps, up to logarithms.

        0 once U*_t of this student is no longer orthogonal to v, else -1/2 (arXiv 2305.18270, Theorem 7). None outside
        n = Theta(d), eta = Theta(p): no statement.
        """
        if (self.sample_exponent, self.rate_exponent) != (1, 0):
            return None
        met = self.student_staircase.enters(direction) <= step
        return sympy.Integer(0) if met else sympy.Rational(-1, 2)

    def _repr_html_(self) -> str:
        """A table of the main facts, for notebooks."""
        from .notebook import prediction_html

        return prediction_html(self)

    def to_json(self) -> dict[str, Any]:
        """The JSON object that `giantstep predict --json` prints."""
        target, student = self.target_staircase, self.student_staircase
        return {
            "schema": 1,
            "setting": self.setting.to_json(),
            "leap_index": _json_number(self.leap_index),
            "information_exponent": _json_number(self.leap_index),
            "leap_complexity": _json_number(self.leap_complexity),
            "staircase": list(target.dimensions),
            "subspaces": [_columns(basis) for basis in target.subspaces],
            "complete": target.complete,
            "why_stuck": target.why_stuck,
            "certified": target.certified,
            "student_staircase": list(student.dimensions),
            "student_complete": student.complete,
            "student_why_stuck": student.why_stuck,
            "student_certified": student.certified,
            "student_coefficients": [str(value) for value in self.student_coefficients],
            "gradient_exponents": [None if e is None else str(e) for e in self.gradient_exponents],
            "sample_exponent": str(self.sample_exponent),
            "rate_exponent": str(self.rate_exponent),
            "floors": [_floor_json(t, kappa, floor) for (t, kappa), floor in self.floors.items()],
            "notes": list(self.notes),
            **self._reuse_to_json(),
        }

    def _reuse_to_json(self) -> dict[str, Any]:
        reuse = self.reuse_staircase
        if reuse is None:
            return {}
        return {
            "reuse_staircase": list(reuse.dimensions),
            "reuse_subspaces": [_columns(basis) for basis in reuse.subspaces],
            "reuse_complete": reuse.complete,
            "reuse_why_stuck": reuse.why_stuck,
            "reuse_certified": reuse.certified,
            "reuse_late": list(reuse.late_dimensions),
            "generative_exponent": _json_number(self.generative_exponent),
        }


def predict(setting: Setting) -> Prediction:
    """Leap, staircase (of the target and of this student), floors and exponents for a setting.

    Batches are all fresh, or one and the same. Raises ProblemError outside the domain: some batches repeated or looked
    ahead on (other theories), a preprocessed target (its labels are another target), weight decay, on one batch a
    quadratic sigma with the correlation loss (`reuse_staircase`, by_step),
    inputs that are not Gaussian, but for a dense teacher, where what Gaussian ones do is the conjecture.
    """
    target, student, regime = setting.target, setting.student, setting.regime
    reused = regime.repeats_batches
    if reused and len(set(regime.batch_ids)) > 1:
        raise ProblemError("predict knows fresh batches, or one batch for all steps; several repeated ones it does not")
    if setting.extragradient:
        raise ProblemError("predict knows plain steps only: looking ahead uses each batch twice (arXiv 2405.15459)")
    if regime.preprocess is not None:
        raise ProblemError(
            "predict does not know preprocessed labels: state the target that remains after preprocessing"
        )
    if regime.weight_decay:
        raise ProblemError("predict does not know weight decay")
    remark = universality(regime)
    own = _own_staircase(setting)
    full = staircase(target)
    leap = leap_index(target)
    order = max(4, int(leap) + 1 if leap != sympy.oo and leap != float("inf") else 4)
    floors, about_floors = _floors(setting, own)
    return Prediction(
        setting,
        leap,
        _leap_complexity(target),
        tuple(hermite_coefficients(student.activation, order)),
        full,
        own,
        sample_exponent(setting),
        rate_exponent(setting),
        floors,
        (*((remark,) if remark else ()), *_notes(setting, leap, own, about_floors)),
        staircase(target, reuse=True) if reused else None,
    )


def _own_staircase(setting: Setting) -> Staircase:
    """What this student reaches, step by step."""
    target, student, regime = setting.target, setting.student, setting.regime
    if not regime.repeats_batches:
        return staircase(
            target, student.activation, bias=student.bias, unit_rows=regime.normalize_rows, loss=regime.loss
        )
    if regime.loss == "correlation" and quadratic(student.activation, student.bias):
        raise ProblemError(
            "predict does not know, step by step, a quadratic activation with the correlation loss on one batch: its "
            "errors gain one power of y a step, not all of them at once; take the squared loss"
        )
    balanced = regime.loss == "correlation" or _sums_to_zero(student)  # constants in sigma cancel
    return reuse_staircase(target, student.activation, student.bias, balanced=balanced, by_step=True)


def _sums_to_zero(student: Student) -> bool:
    """The second layer, as the decimals say that were written down; random ones do by a symmetric start alone."""
    alpha = student.second_layer
    return student.init == "symmetric" or (not isinstance(alpha, str) and sum(Fraction(str(a)) for a in alpha) == 0)


def _floors(setting: Setting, own: Staircase) -> tuple[dict[tuple[int, int], sympy.Expr | Floor], str | None]:
    """The floors, and what is to be said about their errors or why there are none."""
    degrees = sorted({*FLOOR_DEGREES, int(sympy.floor(sample_exponent(setting)))})
    found: dict[tuple[int, int], sympy.Expr | Floor] = {}
    try:
        for t, basis in enumerate(own.subspaces):
            for kappa, floor in zip(degrees, error_floors(setting.target, degrees, basis), strict=True):
                found[t, kappa] = floor
    except ProblemError as error:
        if setting.target.terms is not None:
            raise
        return {}, f"floors are left out: {error}"
    numerical = [floor for floor in found.values() if isinstance(floor, Floor)]
    if not numerical:
        return found, None
    worst = max(floor.error for floor in numerical)
    kind = "proven" if all(floor.certified for floor in numerical) else "estimated, not proven,"
    return found, f"floors are numerical, with {kind} errors of at most {worst:.1e}"


def _floor_json(step: int, kappa: int, floor: sympy.Expr | Floor) -> dict[str, Any]:
    body = {"step": step, "kappa": kappa, "floor": str(floor), "value": float(floor)}
    return {**body, "error": floor.error, "certified": floor.certified} if isinstance(floor, Floor) else body


def _notes(setting: Setting, leap: int | float, own: Staircase, about_floors: str | None) -> tuple[str, ...]:
    kappa, notes = sample_exponent(setting), []
    if kappa == 0:
        notes.append("n is a fixed number; the staircase speaks of n proportional to d: write n in d, such as 2d")
    elif kappa < 1:
        notes.append(
            f"n of order d^({kappa}) is fewer samples than one step needs for any direction: leap 1 needs n of order d"
        )
    elif kappa > 1 and setting.regime.steps > 1:
        notes.append(
            f"n of order d^({kappa}) over several steps may reach more than the staircase, which is about n of order d"
        )
    if (rate := rate_exponent(setting)) != 0:
        notes.append(f"eta is of order d^({rate}); the staircase speaks of eta proportional to p")
    if leap not in (1, float("inf")):
        notes.append(
            f"no direction is learned in one step from n = O(d^({leap} - delta)) samples; n of order d^{leap} is "
            f"enough if E f* = 0, or the mean is removed, and c_{leap} of the student does not vanish"
        )
    if about_floors:
        notes.append(about_floors)
    if isinstance(own, ReuseStaircase):
        notes += _reuse_notes(own)
    elif not own.certified:
        notes.append(f"no coefficient above {own.resolution:.1e} up to Hermite order {own.order}; not proven beyond")
    return tuple(notes)


def _reuse_notes(own: ReuseStaircase) -> list[str]:
    notes = [] if own.certified else ["where this staircase ends is not proven"]
    if own.late_dimensions[-1] > own.late_dimensions[0]:
        notes.append(
            f"of order log d steps can amplify small overlaps up to dimension {own.late_dimensions[-1]}, if they "
            "outgrow the norms of the rows: that depends on the output weights, n/d and eta"
        )
    return notes


def _leap_complexity(target: Target) -> int | float | None:
    """None where the expansion kept does not decide it; the staircase then says what is missing."""
    try:
        return leap_complexity(target)
    except ProblemError:
        return None


def _json_number(value: int | float | None) -> int | str | None:
    if value is None:
        return None
    return "inf" if value == float("inf") else int(value)


def _columns(basis: sympy.MatrixBase) -> list[list[str]]:
    return [[str(basis[i, j]) for i in range(basis.rows)] for j in range(basis.cols)]
