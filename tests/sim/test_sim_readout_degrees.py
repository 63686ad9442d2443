"""How much of each Hermite degree is learned, and whether error bars say the truth."""

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import hermite_e
from scipy.stats import binom, norm
from sim_problems import setting
from sim_readouts import copies, trained

import sim
from sim.readout.degrees import Degrees, energy, hermite_series, monomials
from theory.problem import Target

POWERS = st.tuples(*[st.integers(0, 5)] * 2)
POLYNOMIALS = st.dictionaries(POWERS, st.fractions(-5, 5, max_denominator=7), min_size=1, max_size=6)


def grid_of(terms: dict) -> np.ndarray:
    """Coefficients as an array, axis by axis the power or the order."""
    grid = np.zeros((6, 6))
    for key, value in terms.items():
        grid[key] = float(value)
    return grid


@given(POLYNOMIALS)
def test_the_change_of_basis_is_that_of_numpy(polynomial: dict) -> None:
    exact = {key: sympy.Rational(value.numerator, value.denominator) for key, value in polynomial.items()}
    series = hermite_series(exact)
    assert monomials(series) == {key: value for key, value in exact.items() if value}
    points = np.array([[-2.0, -0.5, 0.0, 1.0, 3.0], [0.5, 2.0, 1.0, -1.0, -3.0]])
    terms, orders = grid_of(exact), grid_of(series)
    values = hermite_e.hermeval2d(*points, orders)
    expected = np.polynomial.polynomial.polyval2d(*points, terms)
    # sums of at most 36 terms, coefficients below 5 * 15^2 of orders at most 5, whose values stay below 3^5 + 10 * 3^3
    np.testing.assert_allclose(values, expected, rtol=1e-12, atol=36 * 36 * 1125 * 513**2 * 1e-16)


@given(POLYNOMIALS)
def test_parts_add_up_and_are_orthogonal(polynomial: dict) -> None:
    target = Target({key: sympy.Rational(c.numerator, c.denominator) for key, c in polynomial.items()}, k=2)
    degrees = Degrees(target)
    nodes, weights = hermite_e.hermegauss(11)  # exact up to degree 21 in each coordinate
    z = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)
    weight = np.outer(weights, weights).reshape(-1) / (2 * np.pi)
    parts = degrees(z)
    value = sympy.lambdify(target.symbols, target.expr)(*z.T) * np.ones(len(z))
    scale = 1 + np.abs(value).max()
    np.testing.assert_allclose(parts.sum(axis=0), value, rtol=0, atol=1e-11 * scale)
    products = (parts * weight) @ parts.T
    np.testing.assert_allclose(products, np.diag(degrees.energies), rtol=0, atol=1e-10 * (1 + degrees.energies.max()))


def test_energies_of_known_targets() -> None:
    assert Degrees(Target("z1 + z1*z2 + z1*z2*z3")).energies.tolist() == [0, 1, 1, 1]
    assert Degrees(Target("3 + z2**2")).energies.tolist() == [16, 0, 2]
    assert Degrees(Target("2*He3(z1)", k=2)).energies.tolist() == [0, 0, 0, 24]
    assert energy({(2, 1): sympy.sqrt(2)}) == 4


def test_a_student_that_is_the_target_has_learned_all() -> None:
    """u + u^2 of +-e1, +-e2, e1 +- e2 spans z1, z2, z1^2, z2^2 and z1 z2; no noise, no penalty."""
    problem = setting("z1 - z2 + z1*z2 + z2**2", activation="u + u**2", p=6, d=9)
    rows = np.zeros((1, 6, 9))
    rows[0, :, :2] = [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [1, -1]]
    found = sim.fit_readout(trained(problem, rows), 200, 0.0)
    assert found.learned is not None
    assert found.learned_stderr is not None
    np.testing.assert_allclose(found.learned[0], [1, 1, 1], rtol=0, atol=1e-12)  # well conditioned: round-off
    assert found.learned_stderr.max() < 1e-7  # a variance that is a difference of squares
    assert found.test_error[0] < 1e-24
    assert found.train_error[0] < 1e-24


def test_a_student_that_outputs_nothing_has_learned_nothing() -> None:
    """Rows zero and an odd activation: f = 0."""
    problem = setting("z1 + He2(z2)", activation="tanh", p=4, d=9)
    found = sim.fit_readout(trained(problem, np.zeros((1, 4, 9))), 50, 1.0)
    np.testing.assert_array_equal(found.learned, [[np.nan, 0, 0]])
    np.testing.assert_array_equal(found.learned_stderr, [[np.nan, 0, 0]])
    assert abs(found.test_error[0] - 3) <= 8 * found.test_error_stderr[0]


def test_a_target_that_is_no_polynomial_has_no_degrees() -> None:
    found = sim.fit_readout(copies(setting("tanh(z1)*z2", d=9), 2), 50, 1.0, test_samples=100)
    assert (found.energies, found.learned, found.learned_stderr) == (None, None, None)
    assert np.isfinite(found.test_error).all()


REPLICAS = 400
RATE = 1e-7  # of each coverage statement


def assert_covers(estimates: np.ndarray, stderrs: np.ndarray, truth: np.ndarray, bend: float = 0.01) -> None:
    """At 1 and 2 standard errors, of independent estimates; coverages up to `bend` from those of a normal law pass.

    Means of 2^12 terms: Edgeworth's first correction cancels in two-sided statements, and the next ones are below
    (kurtosis + skewness^2) / 2^12 / 6, with kurtosis and skewness of (z1 z2)^2 below 200 and 10.
    """
    for size in (1.0, 2.0):
        inside = int((np.abs(estimates - truth) <= size * stderrs).sum())
        coverage = 1 - 2 * norm.sf(size)
        low, high = binom.ppf(RATE / 2, len(truth), coverage - bend), binom.isf(RATE / 2, len(truth), coverage + bend)
        assert low <= inside <= high, (size, inside / len(truth))


def test_error_bars_hold_what_they_promise() -> None:
    """A linear student: g = W^T a / sqrt(p), E (f* - f)^2 = |C_1 - g|^2 + E (P_2 f*)^2, R_1 = <C_1, g>, R_2 = 0."""
    problem = setting("z1 + z1*z2", activation="He1", p=4, d=9, noise=0.5)
    run = copies(problem, REPLICAS)
    assert run.rows is not None
    found = sim.fit_readout(run, 12, 0.3, test_samples=2**12)
    assert found.learned is not None
    assert found.learned_stderr is not None
    effective = np.einsum("ri,rij->rj", found.coefficients, run.rows[:, 0]) / 2
    truth = ((effective - np.eye(9)[0]) ** 2).sum(axis=1) + 1
    assert_covers(found.test_error, found.test_error_stderr, truth)
    assert_covers(found.learned[:, 1], found.learned_stderr[:, 1], effective[:, 0])
    assert_covers(found.learned[:, 2], found.learned_stderr[:, 2], np.zeros(REPLICAS))


@pytest.mark.parametrize("test_samples", [4, 5, 2049])
def test_odd_and_tiny_test_batches(test_samples: int) -> None:
    found = sim.fit_readout(copies(setting(d=9), 2), 50, 1.0, test_samples=test_samples)
    assert found.learned is not None
    assert np.isfinite(found.learned[:, 1:]).all()
    assert (found.test_error_stderr > 0).all()
