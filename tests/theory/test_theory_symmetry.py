"""A symmetry that is reported is one: f* really does not change, and the blocked directions stay out."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from theory_oracles import Poly, compose, fractions, polynomials, staircase_dimensions

from theory import Target, staircase
from theory.hermite import expansion
from theory.span import unit_vectors
from theory.symmetry import blocking_symmetries, is_constant_along, is_invariant

NOT_POLYNOMIAL = ["tanh(z1)*z2", "abs(z1) + tanh(z2)", "sign(z1*z2*z3)", "Max(z1, z2)", "cos(z1) + z2*erf(z3)",
                  "exp(-z1**2)*z2", "tanh(z1*z2) + z3", "sin(z1)*sin(z2) + relu(z3)"]  # fmt: skip


def reflected(f: Poly, k: int, group: tuple[int, ...]) -> Poly:
    flips = [[Fraction((-1 if i in group else 1) * (i == j)) for j in range(k)] for i in range(k)]
    return compose(f, flips)


@given(polynomials(max_terms=4))
@settings(max_examples=100, deadline=None)
def test_reported_reflections_leave_a_polynomial_alone(drawn: tuple[Poly, int]) -> None:
    f, k = drawn
    target = Target(f, k=k)  # type: ignore[arg-type]
    series = expansion(target)
    axes = unit_vectors(series.field, k)
    final = staircase_dimensions(f, k)[-1]
    for group in blocking_symmetries(target, series, axes):
        assert reflected(f, k, group) == f
        assert all(vector[i] == 0 for vector in final for i in group)
    for i in range(k):  # and none is missed
        assert is_invariant(target, series, [axes[i]]) == (reflected(f, k, (i,)) == f)


@pytest.mark.parametrize("text", NOT_POLYNOMIAL)
def test_reported_reflections_leave_other_targets_alone(text: str) -> None:
    target = Target(text, k=3)
    series = expansion(target)
    axes = unit_vectors(series.field, 3)
    function = sympy.lambdify(target.symbols, target.expr, ["scipy", "numpy"])
    points = np.random.default_rng().normal(size=(3, 200))
    groups = blocking_symmetries(target, series, axes)
    assert groups  # each of these has at least one, with z3 unused or not
    for group in groups:
        flips = np.where(np.isin(np.arange(3), group), -1.0, 1.0)[:, None]
        # the same floating-point operations on numbers of opposite sign: a rounding of a few ulp at most
        np.testing.assert_allclose(function(*(flips * points)), function(*points), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("text", ["z1 + z2 + z1*z2", "Max(z1, z2)", "tanh(z1) + tanh(z2) + z1*z2"])
def test_an_exchange_is_one(text: str) -> None:
    target, ours = Target(text), staircase(text)
    swapped = target.expr.subs(dict(zip(target.symbols, reversed(target.symbols), strict=True)), simultaneous=True)
    assert sympy.simplify(swapped - target.expr) == 0
    assert "exchange of z1 and z2" in (ours.why_stuck or "")


@pytest.mark.parametrize("text", ["z1 + z2**3", "tanh(z1) + z2", "relu(z1)*z2", "exp(z1 - z2)"])
def test_no_symmetry_is_invented(text: str) -> None:
    target = Target(text)
    series = expansion(target)
    for group in ([0], [1], [0, 1]):
        axes = [unit_vectors(series.field, 2)[i] for i in group]
        assert not is_invariant(target, series, axes)


def test_a_reflection_in_an_oblique_frame_is_named() -> None:
    text = "z1 + 2*z2 + (2*z1 - z2)**2"
    why = staircase(text).why_stuck or ""
    assert "reflection along 2*z1 - z2" in why
    assert fractions(staircase(text).subspaces[-1]) == [[1, 2]]


def test_constancy_is_structural() -> None:
    target = Target("tanh(z1 + z2) + abs(z1 + z2)", k=3)
    series = expansion(target)
    one, zero = series.field.from_sympy(sympy.Integer(1)), series.field.from_sympy(sympy.Integer(0))
    assert is_constant_along(target, series, (one, -one, zero))
    assert is_constant_along(target, series, (zero, zero, one))
    assert not is_constant_along(target, series, (one, one, zero))
