"""mu_{U,x} against the definition: exact moments, sympy's own integrals, and known examples."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from theory_oracles import Poly, fractions, mean_gradient, polynomials, rank, same_span

from theory import ProblemError, Target, subspace_conditioning


@given(polynomials(), st.lists(st.lists(st.integers(-2, 2), min_size=3, max_size=3), max_size=2))
@settings(max_examples=120, deadline=None)
def test_mean_gradients_follow_the_definition(drawn: tuple[Poly, int], vectors: list[list[int]]) -> None:
    f, k = drawn
    chosen: list[list[Fraction]] = []
    for v in vectors:
        if rank([*chosen, list(map(Fraction, v[:k]))]) > len(chosen):
            chosen.append(list(map(Fraction, v[:k])))
    ours = subspace_conditioning(Target(f, k=k), chosen)  # type: ignore[arg-type]
    basis = fractions(ours.basis)
    assert same_span(basis, chosen)
    expected = mean_gradient(f, basis, k)
    for i in range(k):
        poly = sum(
            sympy.Rational(c.numerator, c.denominator)
            * sympy.Mul(*[x**e for x, e in zip(ours.coordinates, key, strict=True)])
            for key, c in expected[i].items()
        )
        assert sympy.expand(ours.mean_gradient[i] - poly) == 0
    spanned = [[part.get(key, Fraction(0)) for part in expected] for key in {key for part in expected for key in part}]
    assert rank(fractions(ours.directions)) == ours.directions.cols
    assert same_span(fractions(ours.directions), spanned)


def gaussian_mean(expr: sympy.Expr, *symbols: sympy.Symbol) -> sympy.Expr:
    for y in symbols:
        weight = sympy.exp(-(y**2) / 2) / sympy.sqrt(2 * sympy.pi)
        expr = sympy.integrate(sympy.expand(expr) * weight, (y, -sympy.oo, sympy.oo))
    return sympy.simplify(expr)


def test_against_sympy_integrals_in_an_orthonormal_frame() -> None:
    """U = span (1, 1)/sqrt2, s the coordinate along (1, -1)/sqrt2: mu = (1, -1)/sqrt2 E_s[d/ds f]."""
    target = Target("z1 + z2 + z1**2 - z2**2 + z1**3*z2")
    x, s = sympy.symbols("x s", real=True)
    root = sympy.sqrt(2)
    inside = target.expr.subs(
        dict(zip(target.symbols, [(x + s) / root, (x - s) / root], strict=True)), simultaneous=True
    )
    slope = gaussian_mean(sympy.diff(inside, s), s)
    ours = subspace_conditioning(target, [[1, 1]])
    length = sympy.sqrt(sum(entry**2 for entry in ours.basis))
    mean = ours.mean_gradient.subs(ours.coordinates[0], x / length)  # x along a unit vector
    for i, sign in enumerate((1, -1)):
        assert sympy.expand(mean[i] - sign * slope / root) == 0


def test_nothing_learned_is_the_mean_gradient() -> None:
    ours = subspace_conditioning("z1 + z2**3 + z1*z2*z3", None)
    assert ours.mean_gradient == sympy.ImmutableMatrix([1, 3, 0])
    assert ours.basis.shape == (3, 0)
    assert ours.coordinates == ()


def test_everything_learned_leaves_nothing() -> None:
    ours = subspace_conditioning("z1*z2 + z1**3", sympy.eye(2))
    assert ours.mean_gradient == sympy.zeros(2, 1)
    assert ours.directions.shape == (2, 0)


def test_irrational_subspaces() -> None:
    ours = subspace_conditioning("z1 + sqrt(2)*z2 + (z1 + sqrt(2)*z2)*(sqrt(2)*z1 - z2)", [[1, sympy.sqrt(2)]])
    x = ours.coordinates[0]
    expected = 3 * x * sympy.Matrix([sympy.sqrt(2), -1])  # z1 + sqrt2 z2 = 3 x at z = x (1, sqrt2)
    assert sympy.expand(sympy.Matrix(ours.mean_gradient) - expected) == sympy.zeros(2, 1)


@pytest.mark.parametrize(
    ("target", "subspace"),
    [
        ("tanh(z1)", None),
        ("z1 + z2", [[1, 0, 0]]),
        ("z1 + z2", [[1]]),
        ("z1 + z2", [[0, 0]]),
        ("z1 + z2", [[1, 1], [2, 2]]),
        ("z1 + z2", [[1, 0], [0, 1], [1, 1]]),
        ("z1 + z2", sympy.eye(3)),
        ("z1 + z2", [[1, "x"]]),
        ("z1 + z2", [[1, float("nan")]]),
        ("z1 + z2", [[sympy.Symbol("a"), 1]]),
    ],
)
def test_bad_subspaces_are_refused(target: str, subspace: object) -> None:
    with pytest.raises(ProblemError):
        subspace_conditioning(target, subspace)  # type: ignore[arg-type]
