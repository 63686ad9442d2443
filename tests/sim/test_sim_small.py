"""Small linear algebra on stacks, and the start in coordinates."""

import numpy as np
import pytest
from scipy.stats import chi2, kstest
from sim_laws import LEVEL, smallest_p_value
from sim_problems import setting

import sim
from sim.algebra import small
from sim.random.streams import GRADIENT, seed_sequence
from sim.student.start import start
from tests import oracle

KEY = np.array([3, 4], np.uint64)
RNG = np.random.default_rng(1)


@pytest.mark.parametrize("p", [1, 2, 5])
def test_root_squares_to_the_matrix(p: int) -> None:
    full = RNG.normal(size=(7, p, p + 2))
    gram = full @ full.swapaxes(1, 2)
    factor = small.root(gram)
    np.testing.assert_allclose(factor @ factor.swapaxes(1, 2), gram, atol=1e-13 * np.max(gram))


def test_root_of_singular_matrices() -> None:
    rows = RNG.normal(size=(3, 4, 2))  # rank two
    rows[0, 1] = 0.0  # a dead neuron
    rows[1, 2] = rows[1, 0]  # equal neurons
    rows[2] *= np.array([1e-150, 1.0, 1e100, 1e-7])[:, None]  # far apart: each keeps its relative accuracy
    gram = rows @ rows.swapaxes(1, 2)
    factor = small.root(gram)
    scale = np.linalg.norm(rows, axis=2)
    error = np.abs(factor @ factor.swapaxes(1, 2) - gram)
    assert np.all(error <= 1e-14 * scale[:, :, None] * scale[:, None, :])
    np.testing.assert_array_equal(factor[0, 1], 0.0)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("lost", [0, 2, 3])
@pytest.mark.parametrize("q", [2, 4, 6])
def test_a_row_that_is_not_finite_becomes_nan_and_harms_no_other(wrong: float, lost: int, q: int) -> None:
    rows = RNG.normal(size=(3, 4, q))
    rows[1, lost, 1] = wrong
    others = np.delete(np.arange(4), lost)
    with np.errstate(all="ignore"):
        gram = rows @ rows.swapaxes(1, 2)
    gram[1, lost, others[0]] = gram[1, others[0], lost] = 0.0  # overflow may leave an entry finite
    for factor in (small.root(gram), small.triangular(rows)):
        assert np.isnan(factor[1, lost]).all()
        part = factor[1, others]
        np.testing.assert_allclose(part @ part.T, gram[1][np.ix_(others, others)], atol=1e-13)
        for whole in (0, 2):
            np.testing.assert_allclose(factor[whole] @ factor[whole].T, gram[whole], atol=1e-13)


def test_what_is_not_finite_changes_no_bit_of_other_replicas() -> None:
    rows = RNG.normal(size=(3, 4, 5))
    gram = rows @ rows.swapaxes(1, 2)
    spoilt = rows.copy(), gram.copy()
    spoilt[0][1], spoilt[1][1] = np.nan, np.nan
    for function, right, wrong in ((small.triangular, rows, spoilt[0]), (small.root, gram, spoilt[1])):
        assert np.isnan(function(wrong)[1]).all()
        np.testing.assert_array_equal(function(wrong)[[0, 2]], function(right)[[0, 2]])


def test_an_entry_that_is_not_finite_beside_finite_norms_spoils_its_replica_alone() -> None:
    gram = np.stack([np.eye(2), np.array([[1.0, np.nan], [np.nan, 1.0]])])
    np.testing.assert_array_equal(small.root(gram)[0], np.eye(2))
    assert np.isnan(small.root(gram)[1]).all()


@pytest.mark.parametrize(("p", "q"), [(1, 1), (3, 5), (5, 3), (4, 4), (3, 0)])
def test_triangular_keeps_the_gram_matrix(p: int, q: int) -> None:
    rows = RNG.normal(size=(6, p, q))
    factor = small.triangular(rows)
    assert factor.shape == (6, p, min(p, q))
    np.testing.assert_array_equal(factor, np.tril(factor))
    np.testing.assert_allclose(factor @ factor.swapaxes(1, 2), rows @ rows.swapaxes(1, 2), atol=1e-13)


def test_triangular_keeps_the_difference_of_nearly_equal_rows() -> None:
    """Which a Gram matrix would lose: 1e-10 of a row is 1e-20 of its square."""
    row, other = RNG.normal(size=(2, 6))
    factor = small.triangular(np.stack([row, row + 1e-10 * other])[None])[0]
    difference = np.linalg.norm(factor[1] - factor[0])
    assert abs(difference / (1e-10 * np.linalg.norm(other)) - 1) < 1e-5


@pytest.mark.parametrize(("rows", "degrees"), [(1, 1), (3, 5), (5, 3), (2, 1000), (4, 0)])
def test_bartlett_has_the_law_of_a_gaussian_matrix_in_its_own_span(rows: int, degrees: int) -> None:
    replicas = 4000
    factor = small.bartlett(KEY, 0, GRADIENT, 0, 0, rows, np.full(replicas, degrees))
    assert factor.shape == (replicas, rows, min(rows, degrees))
    np.testing.assert_array_equal(factor, np.tril(factor))
    explicit = RNG.normal(size=(replicas, rows, degrees))
    weights = np.linspace(1, -0.5, rows)
    numbers = [np.sum((weights @ matrix) ** 2, axis=1) for matrix in (factor, explicit)]  # a form of the Gram matrix
    if degrees == 0:
        assert factor.size == 0
        return
    for number in numbers:
        assert kstest(number / np.sum(weights**2), chi2(degrees).cdf).pvalue > LEVEL
    lengths = np.sum(factor**2, axis=2)
    assert all(kstest(lengths[:, i], chi2(degrees).cdf).pvalue > LEVEL / rows for i in range(rows))
    products = np.sum(factor[:, 0] * factor[:, -1], axis=1) if rows > 1 else None
    if products is not None:
        assert abs(np.mean(products)) < 6 * np.sqrt(degrees / replicas)


def test_replicas_with_other_degrees_keep_their_own_numbers() -> None:
    together = small.bartlett(KEY, 5, GRADIENT, 0, 0, 3, np.array([4, 1, 4]))
    alone = small.bartlett(KEY, 6, GRADIENT, 0, 0, 3, np.array([1]))
    np.testing.assert_array_equal(together[1, :, :1], alone[0])
    np.testing.assert_array_equal(together[1, :, 1:], 0.0)


@pytest.mark.parametrize("kernel", ["bartlett", "chi_squares", "fill_stack"])
def test_twins(kernel: str) -> None:
    compiled, plain = np.zeros((2, 3, 4, 4))
    if kernel == "bartlett":
        for function, array in ((small.fill_bartlett, compiled), (small._bartlett, plain)):
            function(KEY, 2, GRADIENT, 1, 0, np.array([9, 2, 4]), array)
    elif kernel == "chi_squares":
        for function, array in ((small.fill_chi_squares, compiled), (small._chi_squares, plain)):
            function(KEY, 2, GRADIENT, 1, 0, np.array([9, 1, 0]), array[:, 0, 0])
    else:
        for function, array in ((small.fill_stack, compiled), (small._fill_stack, plain)):
            function(KEY, 2, GRADIENT, 1, 0, array)
    np.testing.assert_array_equal(compiled, plain)
    assert compiled.any()


@pytest.mark.parametrize(
    "problem",
    [
        setting(d=6, p=4, k=3),
        setting(d=3, p=8, second_layer="rademacher", bias="gaussian"),
        setting(d=2, p=3, init="plain", second_layer="gaussian"),
    ],
    ids=["pairs", "more neurons than dimensions", "teacher fills the space"],
)
def test_the_start_has_the_law_of_explicit_rows(problem: sim.Run) -> None:
    begin = start(problem, seed_sequence(5), 0, 4000)
    explicit = oracle.simulate(problem, 6, 4000, at=(0, 1))
    k = problem.target.k
    overlaps = np.repeat(begin.coordinates[:, None, :, :k], 2, axis=1)
    gram = np.repeat((begin.coordinates @ begin.coordinates.swapaxes(1, 2))[:, None], 2, axis=1)
    ours = sim.Run(problem, "start", "", (0, 1), begin.alpha, begin.bias, explicit.diverged, overlaps, gram)
    still = explicit.overlaps.copy()
    still[:, 1] = still[:, 0]
    assert explicit.gram is not None
    theirs = sim.Run(
        problem, "start", "", (0, 1), explicit.alpha, explicit.bias, explicit.diverged, still,
        np.repeat(explicit.gram[:, :1], 2, axis=1),
    )  # fmt: skip
    assert smallest_p_value(ours, theirs) > LEVEL
