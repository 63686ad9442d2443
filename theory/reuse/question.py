"""A target and a student on a reused batch, with what is found out about them on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..problem import Target
from ..span import Span, Vector
from .automorphisms import Automorphism
from .parity import Student
from .powers import Powers

Levels = list[list[Vector]]


@dataclass
class Question:
    """What `reuse_staircase` knows. constant: orthogonal basis of the directions f* is constant along."""

    target: Target
    powers: Powers
    student: Student
    constant: list[Vector]
    blocking: list[Automorphism] = field(default_factory=list)

    @property
    def k(self) -> int:
        """The number of teacher directions."""
        return self.target.k

    def closed(self) -> Span:
        """The directions known never to be reached: constant ones, and those that automorphisms keep away."""
        span = self.span(self.constant)
        for vector in (v for one in self.blocking for v in one.moved):
            span.add(vector)
        return span

    def span(self, vectors: Sequence[Vector]) -> Span:
        """The span of `vectors`."""
        result = Span(self.powers.first.field, self.k)
        for vector in vectors:
            result.add(vector)
        return result

    def settled(self, reached: Sequence[Vector]) -> bool:
        """Whether every direction is reached, constant, or kept away by a known automorphism."""
        span = self.closed()
        for vector in reached:
            span.add(vector)
        return len(span) == self.k
