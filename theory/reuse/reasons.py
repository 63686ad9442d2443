"""Why a reuse staircase is stuck, in words, and whether that is a proof."""

from collections.abc import Sequence

from ..span import Span, Vector, orthogonalize, unit_vectors
from ..symmetry import direction_name
from .automorphisms import Automorphism
from .question import Question
from .vanishing import vanishes


def explain(problem: Question, reached: Sequence[Vector]) -> tuple[str, bool]:
    """(the reason, whether it proves that nothing is added to `reached` in finitely many steps)."""
    if (restricted := _student_alone(problem, reached)) is not None:
        return restricted
    useful = _useful(problem)
    reasons = [_because(one) for one in useful]
    if problem.settled(reached):
        proven = problem.student.proven or all(one.sign > 0 for one in useful)
        return "; ".join(reasons), proven
    if not reached and vanishes(problem.target, problem.powers, 1):
        return "E[u | y] = 0", True
    field = problem.powers.first.field
    closed = problem.closed()
    apart = orthogonalize(field, closed.rows)
    inside = orthogonalize(field, list(reached), apart)
    left = orthogonalize(field, unit_vectors(field, problem.k), [*apart, *inside])
    names = ", ".join(direction_name([field.to_sympy(x) for x in v]) for v in left)
    known = "He_b(z_U) " if reached else ""
    open_ = (
        f"{names}: E[y^m {known}z_perp] shows nothing for m <= {len(problem.powers.known)}, and no symmetry was found"
    )
    return "; ".join([*reasons, open_]), False


def _student_alone(problem: Question, reached: Sequence[Vector]) -> tuple[str, bool] | None:
    """Reasons that lie with the student: even ones never leave 0, linear ones see E[y u] only."""
    student = problem.student
    if student.kind == "even" and not reached:
        return (
            f"{student.name} is even: rows without overlap get none, since -w_i would move the other way",
            student.proven,
        )
    if student.kind == "linear":
        return f"{student.name} is linear: its steps hold E[y u] and nothing else of y", True
    if student.kind == "constant":
        return f"{student.name} is constant: its rows do not move", True
    return None


def _useful(problem: Question) -> list[Automorphism]:
    """The automorphisms that keep away a direction f* depends on."""
    span: Span = problem.span(problem.constant)
    return [one for one in problem.blocking if sum(map(span.add, one.moved))]


def _because(one: Automorphism) -> str:
    if one.sign > 0:
        return f"f* is unchanged by {one.words}"
    return f"f* changes sign under {one.words}, and an odd student with it"
