"""Hermite tensors of polynomials against derivatives and Gaussian moments; all equalities are exact."""

from fractions import Fraction
from itertools import product
from math import factorial

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from theory_oracles import Poly, cayley, compose, expectation, polynomials, slope, times

from theory import ProblemError, Target, hermite_tensor


def tensor(f: Poly, k: int, order: int) -> np.ndarray:
    """Our tensor with Fractions for entries."""
    ours = hermite_tensor(Target(f, k=k), order)  # type: ignore[arg-type]
    result = np.empty((k,) * order, dtype=object)
    for index in product(range(k), repeat=order):
        entry = ours[index] if order else ours[()]
        result[index] = Fraction(int(entry.p), int(entry.q))
    return result


@given(polynomials())
@settings(max_examples=60, deadline=None)
def test_tensors_are_mean_derivatives(drawn: tuple[Poly, int]) -> None:
    f, k = drawn
    for order in range(4):
        ours = tensor(f, k, order)
        for index in product(range(k), repeat=order):
            part = f
            for i in index:
                part = slope(part, i)
            assert ours[index] == expectation(part)


@given(polynomials())
@settings(max_examples=60, deadline=None)
def test_parseval(drawn: tuple[Poly, int]) -> None:
    f, k = drawn
    energies = (sum(x**2 for x in tensor(f, k, m).flat) / Fraction(factorial(m)) for m in range(5))
    assert sum(energies) == expectation(times(f, f))


@given(polynomials(), st.permutations([0, 1, 2]))
@settings(max_examples=30, deadline=None)
def test_tensors_are_symmetric(drawn: tuple[Poly, int], order: list[int]) -> None:
    ours = tensor(*drawn, 3)
    assert (ours.transpose(order) == ours).all()


@given(polynomials(), st.lists(st.integers(-2, 2), min_size=3, max_size=3))
@settings(max_examples=40, deadline=None)
def test_tensors_turn_with_the_target(drawn: tuple[Poly, int], entries: list[int]) -> None:
    """C_m(f o Q) = C_m(f) with Q applied to every index."""
    f, k = drawn
    q = cayley(entries, k)
    turned = compose(f, q) or {(0,) * k: Fraction(0)}
    matrix = np.array(q, dtype=object).reshape(k, k)
    for order in (1, 2, 3):
        expected = tensor(f, k, order)
        for _ in range(order):  # contract the first axis; the new index goes last, so all come round once
            expected = np.tensordot(expected, matrix, axes=(0, 0))
        assert (tensor(turned, k, order) == expected).all()


def test_irrational_coefficients_stay_exact() -> None:
    target = Target("(z1 + sqrt(2)*z2)**2 + pi*z1**3")
    assert hermite_tensor(target, 2).tolist() == [[2, 2 * sympy.sqrt(2)], [2 * sympy.sqrt(2), 4]]
    assert hermite_tensor(target, 3)[0, 0, 0] == 6 * sympy.pi
    assert hermite_tensor(target, 1).tolist() == [3 * sympy.pi, 0]


def test_a_function_that_is_no_polynomial() -> None:
    """E[grad^2 sign(z1) sign(z2)] has c_1^2 = 2/pi off the diagonal and 0 on it."""
    ours = hermite_tensor("sign(z1*z2)", 2)
    assert ours[0, 0] == ours[1, 1] == 0
    assert abs(float(ours[0, 1]) - 2 / np.pi) < 1e-15
    assert ours[0, 1] == ours[1, 0]


def test_the_shapes_of_extreme_orders() -> None:
    assert hermite_tensor("z1**2 + z2", 0)[()] == 1
    assert hermite_tensor("z1 + z2", 5).shape == (2,) * 5
    assert set(hermite_tensor("z1 + z2", 5).reshape(32).tolist()) == {0}


@pytest.mark.parametrize(
    ("target", "order"), [("z1", -1), ("z1", 1.0), ("z1", True), ("tanh(z1)", 11), ("z64", 4), ("z1", None)]
)
def test_bad_orders_are_refused(target: str, order: object) -> None:
    with pytest.raises(ProblemError):
        hermite_tensor(target, order)  # type: ignore[arg-type]
