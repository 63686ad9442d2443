"""The staircase: which directions fresh batches of n = O(d) reach step by step (arXiv 2305.18270, Theorem 7)."""

from typing import Literal, overload

import flint

from .conditioning import new_directions
from .exponents import conditional_leap
from .frame import Frame, frame
from .hermite import Expansion, balls, expansion
from .neurons import Bias, Neuron, climb, neurons
from .problem import Activation, ProblemError, Target
from .problem.regime import LOSSES
from .reuse import reuse_staircase
from .span import Span, Vector, orthogonalize, to_matrix, unit_vectors
from .stairs import ReuseStaircase, Staircase
from .symmetry import blocking_symmetries, describe, direction_name, is_constant_along


@overload
def staircase(
    target: Target | str,
    activation: Activation | str | None = None,
    reuse: Literal[False] = False,
    *,
    bias: Bias = 0.0,
    unit_rows: bool = False,
    loss: str = "squared",
) -> Staircase: ...


@overload
def staircase(
    target: Target | str,
    activation: Activation | str | None = None,
    *,
    reuse: Literal[True],
    bias: Bias = 0.0,
    unit_rows: bool = False,
    loss: str = "squared",
) -> ReuseStaircase: ...


def staircase(
    target: Target | str,
    activation: Activation | str | None = None,
    reuse: bool = False,
    *,
    bias: Bias = 0.0,
    unit_rows: bool = False,
    loss: str = "squared",
) -> Staircase:
    """U*_{t+1} = U*_t + span{mu_{U*_t, x}: x in U*_t} for fresh batches, n = O(d), T = O(1) steps.

    activation: None for what the target allows; else only orders j of mu that this student follows count
        (E[sigma^(j+1)(r g + b)] != 0 at norm r = 1 in the first step, at generic norm later; unit_rows: always r = 1).
    bias: one number, a law by name, or one number a neuron; then U*_t is what some neuron has reached.
    loss: "squared" or "correlation"; under the squared one neurons of several biases learn of each other, too.
    reuse: the same batch at every step, U_{t+1} = U_t + span E[u_perp | y, u_{U_t}] (arXiv 2402.03220); the result
        is a ReuseStaircase. Of the activation its parity counts then, constants in it included, as for a second layer
        that does not sum to zero (docs/notes/reuse_staircase.md, item 6; `predict` knows the layer); unit_rows does
        not.
    Raises ProblemError where a target can be expanded neither exactly nor numerically, and for an unknown loss.
    """
    if loss not in LOSSES:
        raise ProblemError(f"loss = {loss!r}; known: {', '.join(LOSSES)}")
    target = target if isinstance(target, Target) else Target(target)
    sigma = Activation(activation) if activation is not None else None
    if reuse:
        return reuse_staircase(target, sigma, bias)
    with flint.ctx.workprec(balls.PRECISION):
        series = expansion(target)
        group = neurons(sigma, bias, unit_rows) if sigma else [Neuron()]
        levels = climb(series, group, coupled=loss == "squared")
        return _report(target, series, levels, sigma, all(neuron.proven for neuron in group))


def _report(
    target: Target, series: Expansion, levels: list[list[Vector]], sigma: Activation | None, followed: bool
) -> Staircase:
    span = Span(series.field, series.k)
    for vector in levels[-1]:
        span.add(vector)
    subspaces = tuple(to_matrix(series.field, basis, series.k) for basis in levels)
    uncertainty = getattr(series.field, "uncertainty", 0.0)
    rest = conditional_leap(series, span)
    why, proven = None, series.complete or len(span) == series.k
    if rest is not None:
        why, proven = _why_stuck(target, series, levels[-1], sigma)
    elif not proven:
        why = _beyond_order(target, series, levels[-1])
        proven = why is None
    certified = series.certified and proven and (why is None or followed)
    kept = tuple(map(tuple, levels))
    return Staircase(subspaces, why is None, why, certified, uncertainty, series.order, kept, series.field)


def _beyond_order(target: Target, series: Expansion, inside: list[Vector]) -> str | None:
    """Directions in which no coefficient was seen, although f* is not known to be constant along them."""
    outside = orthogonalize(series.field, unit_vectors(series.field, series.k), inside)
    open_ = [v for v in outside if not is_constant_along(target, series, v)]
    if not open_:
        return None
    names = ", ".join(direction_name([series.field.to_sympy(x) for x in v]) for v in open_)
    return f"{names}: no coefficient above the numerical error up to Hermite order {series.order}"


def _why_stuck(target: Target, series: Expansion, inside: list[Vector], sigma: Activation | None) -> tuple[str, bool]:
    """The reason in words, and whether it proves that the staircase never grows again."""
    view = frame(series, inside)
    groups = blocking_symmetries(target, series, view.outside)
    reasons = [f"f* is unchanged by {describe(series, [view.outside[i] for i in group])}" for group in groups]
    blocked = {i for group in groups for i in group}
    left = [i for i in range(len(view.outside)) if i not in blocked]
    names = ", ".join(direction_name([series.field.to_sympy(x) for x in view.outside[i]]) for i in left)
    leap = _lowest_degree(view, left)
    if left and sigma is not None and leap == 1:
        reasons.append(f"{names}: {_blind_student(series, inside, sigma)}")
    elif left:
        given = "" if not inside else " given what is learned"
        reasons.append(f"{names}: no term is linear there{given}; the lowest has degree {leap} (leap {leap})")
    return "; ".join(reasons), not left or series.complete


def _lowest_degree(view: Frame, among: list[int]) -> int | None:
    """The lowest outer degree of a term that holds one of the outside coordinates `among`; None if there is none."""
    positions = [len(view.inside) + i for i in among]
    return min(
        (
            view.outer_degree(key)
            for key, value in view.terms.items()
            if any(key[i] for i in positions) and not view.field.is_zero(value)
        ),
        default=None,
    )


def _blind_student(series: Expansion, inside: list[Vector], sigma: Activation) -> str:
    """Which of the target's linear terms this student cannot follow."""
    orders = set()
    for order in range(series.order):
        span = Span(series.field, series.k)
        for known in inside:
            span.add(known)
        for vector in new_directions(series, inside, order.__eq__):
            if span.add(vector):
                orders.add(order)
    names = ", ".join(f"E[sigma^({j + 1})(r g + b)]" for j in sorted(orders))
    return f"needs {names}, which vanish for {sigma.name}; a bias or a shifted activation may cure it"
