"""What the neurons of a student reach together: each by its own bias, and by what the network's output tells it."""

from dataclasses import dataclass, field

from .conditioning import new_directions
from .hermite import Expansion
from .problem import Activation
from .reach import Reach, seen_at_any_norm, seen_at_unit_norm
from .span import Span, Vector, orthogonalize, unit_vectors

Bias = float | str | tuple[float, ...]
Levels = list[list[Vector]]
_SHARED = 24  # orders among which two neurons are looked for a common one: parities and degrees part them


@dataclass(frozen=True)
class Neuron:
    """All neurons of one bias: what they follow in their first step and later, None for everything.

    slope: orders of sigma', asked for apart since what is open here must not leave a staircase unproven there.
    """

    first: Reach | None = None
    later: Reach | None = None
    slope: Reach | None = None

    def hears(self, other: "Neuron") -> bool:
        """Whether E[sigma'(h + b) sigma'(h' + b')] != 0 for generic fields: some order is common to both."""
        return any(_sees(self.slope, m) and _sees(other.slope, m) for m in range(_SHARED))

    @property
    def proven(self) -> bool:
        """Whether every answer so far is a proof."""
        return all(reach.proven for reach in (self.first, self.later, self.slope) if reach is not None)


def neurons(sigma: Activation, bias: Bias, unit_rows: bool) -> list[Neuron]:
    """One for every bias in use."""
    found: list[Neuron] = []
    for value in sorted(set(bias)) if isinstance(bias, tuple) else [bias]:
        seen = seen_at_unit_norm if unit_rows else seen_at_any_norm
        first = seen_at_unit_norm(sigma, value)
        found.append(Neuron(first, first if unit_rows else seen(sigma, value), seen(sigma, value)))
    return found


@dataclass
class _Climber:
    """A neuron with the span that it has reached and an orthogonal basis of it."""

    neuron: Neuron
    span: Span
    basis: list[Vector] = field(default_factory=list)


def climb(series: Expansion, group: list[Neuron], coupled: bool) -> Levels:
    """The orthogonal basis, at every level, of what some neuron has reached.

    A rung of order j >= 1 needs what the same neuron has learned. coupled: under the squared loss it learns a step
    later what another one knows whom it hears (docs/notes/student.md).
    """
    climbers = [_Climber(neuron, Span(series.field, series.k)) for neuron in group]
    pairs = [(a, b) for a in climbers for b in climbers if a is not b] if coupled else []
    heard = [(a, b) for a, b in pairs if a.neuron.hears(b.neuron)]
    waiting = any(neuron.first is not neuron.later for neuron in group)  # a first step may be blocked, a later one not
    levels: Levels = [[]]
    while any(len(climber.span) < series.k for climber in climbers):
        told = [(a, list(b.basis)) for a, b in heard]
        first = len(levels) == 1
        grown = [_grow(series, each, each.neuron.first if first else each.neuron.later) for each in climbers]
        grown += [_learn(series, climber, vectors) for climber, vectors in told]
        if not any(grown) and not (first and waiting):
            break
        reached = [vector for climber in climbers for vector in climber.basis]
        levels.append([*levels[-1], *orthogonalize(series.field, reached, levels[-1])])
    while len(levels) > 1 and len(levels[-1]) == len(levels[-2]):
        levels.pop()
    return levels


def _sees(reach: Reach | None, order: int) -> bool:
    return reach is None or reach(order)


def _grow(series: Expansion, climber: _Climber, seen: Reach | None) -> bool:
    """One step of a neuron by itself; whether it learned anything."""
    before = len(climber.span)
    for vector in new_directions(series, climber.basis, seen):
        if len(climber.span) == series.k:
            break
        climber.span.add(vector)
    return _complete(series, climber, before)


def _learn(series: Expansion, climber: _Climber, vectors: list[Vector]) -> bool:
    """Take over what is told; whether that was anything new."""
    before = len(climber.span)
    for vector in vectors:
        climber.span.add(vector)
    return _complete(series, climber, before)


def _complete(series: Expansion, climber: _Climber, before: int) -> bool:
    """Let the basis follow the span."""
    if len(climber.span) == before:
        return False
    whole = len(climber.span) == series.k and series.field.exact
    rows = unit_vectors(series.field, series.k) if whole else climber.span.rows
    new = orthogonalize(series.field, rows, climber.basis)
    climber.basis += new if whole else new[: len(climber.span) - before]
    return True
