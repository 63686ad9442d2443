"""Hypothesis strategies for targets, students and settings: for conjectures, and for tests of your own.

Coefficients are not small: what is weak is not seen before d is astronomic, and would pass for not learned at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from theory.problem import Regime, Setting, Student, Target
from theory.problem.target import coordinate

ROTATIONS = ((1, 0), (0, 1), (Fraction(3, 5), Fraction(4, 5)), (Fraction(5, 13), Fraction(12, 13)))
ACTIVATIONS = ("relu", "tanh", "gelu", "softplus", "erf")


def coefficients() -> SearchStrategy[sympy.Rational]:
    """+-1/2, +-1, +-3/2, +-2; 1 is the simplest."""
    return st.sampled_from([sympy.Rational(n, 2) for n in (2, 1, 3, 4, -2, -1, -3, -4)])


def exponents(k: int, degree: int, multilinear: bool = False) -> SearchStrategy[tuple[int, ...]]:
    """Exponents of a monomial in k coordinates, of total degree 1 .. `degree`; each at most 1 where `multilinear`."""
    each = st.integers(0, 1 if multilinear else degree)
    return st.tuples(*[each] * k).filter(lambda key: 1 <= sum(key) <= degree)


def polynomials(
    max_k: int = 3, max_terms: int = 4, degree: int = 3, multilinear: bool = False
) -> SearchStrategy[Target]:
    """Targets of up to `max_terms` monomials in z1 .. z_k, k <= `max_k`."""

    def in_coordinates(k: int) -> SearchStrategy[Target]:
        terms = st.dictionaries(exponents(k, degree, multilinear), coefficients(), min_size=1, max_size=max_terms)
        return terms.map(lambda found: Target(found, k))

    return st.integers(1, max_k).flatmap(in_coordinates)


def leaps(max_leap: int = 3) -> SearchStrategy[Target]:
    """Hermite staircases: z1 + ..., each new coordinate entering by He_l of it times a product of earlier ones.

    The leap of each step is drawn from 1 .. `max_leap`.
    """

    @st.composite
    def build(draw: st.DrawFn) -> Target:
        text = f"{draw(coefficients())}*He{draw(st.integers(1, max_leap))}(z1)"
        for i in range(2, draw(st.integers(1, 3)) + 1):
            earlier = "*".join(f"z{j}" for j in draw(st.sets(st.integers(1, i - 1), max_size=2)))
            rung = f"He{draw(st.integers(1, max_leap))}(z{i})"
            text += f" + {draw(coefficients())}*{rung}" + (f"*{earlier}" if earlier else "")
        return Target(text)

    return build()


def rotated(targets: SearchStrategy[Target]) -> SearchStrategy[Target]:
    """The same polynomials in z1, z2 turned by a rational angle."""

    def turn(target: Target, rotation: tuple[Fraction, Fraction]) -> Target:
        if target.k < 2 or target.terms is None:
            return target
        c, s = (sympy.Rational(x.numerator, x.denominator) for x in map(Fraction, rotation))
        z1, z2 = coordinate(1), coordinate(2)
        turned = target.expr.subs({z1: c * z1 - s * z2, z2: s * z1 + c * z2}, simultaneous=True)
        return Target(sympy.expand(turned), target.k, target.noise)

    return st.builds(turn, targets, st.sampled_from(ROTATIONS))


def symmetric(max_terms: int = 2, degree: int = 3) -> SearchStrategy[Target]:
    """Polynomials in z1, z2 that an exchange of the two leaves as they are."""

    def mirror(target: Target) -> Target:
        z1, z2 = coordinate(1), coordinate(2)
        other = target.expr.subs({z1: z2, z2: z1}, simultaneous=True)
        return Target(sympy.expand(target.expr + other), 2)

    plain = polynomials(2, max_terms, degree).filter(lambda target: target.k == 2)
    return plain.map(mirror).filter(lambda target: bool(target.terms))


def links() -> SearchStrategy[Target]:
    """Functions of one or two directions that are no polynomials."""
    names = ("tanh(z1)", "abs(z1)", "cos(z1)", "sin(2*z1)", "sign(z1*z2)", "tanh(z1) + tanh(z2)", "sign(z1)", "erf(z1)")
    return st.sampled_from(names).map(Target)


def students(
    activations: Sequence[str] = ACTIVATIONS, p: int = 8, biases: Sequence[float] = (0.0,)
) -> SearchStrategy[Student]:
    """Students of p neurons."""
    return st.builds(
        lambda name, bias: Student(name, p, bias=bias), st.sampled_from(activations), st.sampled_from(biases)
    )


def settings(
    targets: SearchStrategy[Target], students: SearchStrategy[Student], **regime: object
) -> SearchStrategy[Setting]:
    """Settings with the given regime; by default two steps of eta = p on fresh batches of n = 8d."""
    options = {"d": 128, "n": "8*d", "eta": "p", "steps": 2, **regime}
    return st.builds(lambda f, s: Setting(f, s, Regime(**options)), targets, students)  # type: ignore[arg-type]
