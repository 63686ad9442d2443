"""The reuse staircase: level by level, what ends it, and what O(log d) steps add."""

import flint

from ..hermite import balls
from ..problem import Activation, Target
from ..reach import seen_at_unit_norm
from ..span import Vector, orthogonalize, to_matrix, unit_vectors
from ..stairs import ReuseStaircase
from ..symmetry import is_invariant
from .automorphisms import automorphisms, eigenframe
from .dependence import constant_directions
from .growth import grow_first, grow_second
from .parity import Student, student_kind
from .powers import FIRST_POWERS, Powers
from .question import Levels, Question
from .reasons import explain
from .vanishing import vanishes

Bias = float | str | tuple[float, ...]


def reuse_staircase(
    target: Target,
    activation: Activation | None = None,
    bias: Bias = 0.0,
    *,
    balanced: bool = False,
    by_step: bool = False,
) -> ReuseStaircase:
    """U_{t+1} = U_t + span E[u_perp | y, u_{U_t}] for one batch of n = O(d) used again and again.

    balanced: see `student_kind`. by_step: U_t after t steps, for generic step sizes: the first step is that of a
    fresh batch, E[y u] alone; every later one is a level. This takes errors that hold every power of y from the second
    step on. Those of a polynomial sigma of degree q hold y^m up to m = q (correlation loss) or 2 q - 1 at that step and
    more later: where a direction needs more, it enters later than said. `predict` refuses q = 2 with the correlation
    loss, which lacks y^3.
    Raises ProblemError where the target can be expanded neither exactly nor numerically.
    """
    with flint.ctx.workprec(balls.PRECISION):
        powers = Powers(target)
        student = student_kind(activation, bias, balanced)
        problem = Question(target, powers, student, constant_directions(target, powers.first))
        first = _first_step(activation, bias) if by_step else None
        signs = (1, -1) if student.kind == "odd" else (1,)
        problem.blocking = automorphisms(target, powers.first, [], signs)
        levels = _finite(problem, first, signs)
        levels = _last_direction(problem, levels)
        late, late_proven = _late(problem, levels[-1])
        return _record(problem, levels, late, late_proven)


def _finite(problem: Question, first: Student | None, signs: tuple[int, ...]) -> Levels:
    """The levels, by few powers of y where these settle everything on one level, else by as many as can be had."""
    powers = problem.powers
    while True:
        levels = _climb(problem, [[]], problem.k - len(problem.closed()), first)
        if not problem.settled(levels[-1]):
            frames = [levels[-1], *_eigenframes(problem)]
            problem.blocking += automorphisms(problem.target, powers.first, frames, signs)
        if powers.effort >= powers.limit or (
            problem.settled(levels[-1]) and len(levels) <= (2 if first is None else 3)
        ):
            return levels
        powers.effort = powers.limit


def _eigenframes(problem: Question) -> Levels:
    if not problem.powers.first.complete:
        return []
    found = [eigenframe(series) for series in problem.powers.known[:2]]
    return [frame for frame in found if frame]


def _climb(problem: Question, levels: Levels, most: int, first: Student | None = None) -> Levels:
    """`levels` continued until nothing is added; `most` bounds the dimension. first: another student for level one."""
    levels = list(levels)
    span = problem.span(levels[-1])
    while len(span) < most:
        waiting = first is not None and len(levels) == 1
        student = first if first is not None and waiting else problem.student
        grown = grow_first(problem.powers, span, levels[-1], student, most)
        if not grown and not waiting:
            break
        levels.append([*levels[-1], *grown])
    while len(levels) > 1 and len(levels[-1]) == len(levels[-2]):
        levels.pop()
    return levels


def _first_step(activation: Activation | None, bias: Bias) -> Student:
    """What the first gradient shows, fresh or not: E[y u], if c_1 of the student is not zero."""
    values = sorted(set(bias)) if isinstance(bias, tuple) else [bias]
    moves = activation is None or any(seen_at_unit_norm(activation, value)(0) for value in values)
    return Student("linear" if moves else "constant")


def _last_direction(problem: Question, levels: Levels) -> Levels:
    """A polynomial's last open direction is reached iff f* is not even along it (the note, item 5)."""
    if problem.student.kind != "any" or not problem.powers.first.complete:
        return levels
    series = problem.powers.first
    open_ = orthogonalize(series.field, unit_vectors(series.field, problem.k), [*levels[-1], *problem.constant])
    if len(open_) != 1 or is_invariant(problem.target, series, open_):
        return levels
    return [*levels, [*levels[-1], *open_]]


def _late(problem: Question, reached: list[Vector]) -> tuple[Levels, bool]:
    """What O(log d) steps add, round after round, and whether its end is proven."""
    most = problem.k - len(problem.constant)
    if problem.powers.first.complete:
        problem.powers.effort = FIRST_POWERS
    rounds: Levels = [reached]
    span = problem.span(reached)
    while len(span) < most and grow_second(problem.powers, span, rounds[-1], problem.student, most):
        grown = orthogonalize(span.field, span.rows, rounds[-1])[: len(span) - len(rounds[-1])]
        rounds.append(_climb(problem, [[*rounds[-1], *grown]], most)[-1])
        span = problem.span(rounds[-1])
    if len(rounds[-1]) == most:
        return rounds, True
    if problem.powers.first.complete and problem.student.kind == "any":  # the note, item 7: polynomials go on
        units = unit_vectors(span.field, problem.k)
        rest = orthogonalize(span.field, units, [*rounds[-1], *problem.constant])
        return [*rounds, [*rounds[-1], *rest]], True
    if problem.student.kind in ("linear", "constant"):
        return rounds, problem.student.proven
    return rounds, not rounds[-1] and vanishes(problem.target, problem.powers, 2)


def _record(problem: Question, levels: Levels, late: Levels, late_proven: bool) -> ReuseStaircase:
    series = problem.powers.first
    most = problem.k - len(problem.constant)
    complete = len(levels[-1]) == most
    why, proven = (None, True) if complete else explain(problem, levels[-1])
    sound = series.certified and all(one.certified for one in problem.powers.known)
    matrix = lambda basis: to_matrix(series.field, basis, problem.k)  # noqa: E731
    return ReuseStaircase(
        subspaces=tuple(map(matrix, levels)),
        complete=complete,
        why_stuck=why,
        certified=proven and (sound or not levels[-1]),  # numbers play no part where symmetries keep rows at 0
        resolution=getattr(series.field, "uncertainty", 0.0),
        order=series.order,
        levels=tuple(map(tuple, levels)),
        numbers=series.field,
        late=tuple(map(matrix, late)),
        late_complete=len(late[-1]) == most,
        late_certified=sound and late_proven,
        powers=len(problem.powers.known),
    )
