"""planted_masses: unit energies outside U, and U is what the staircase learns."""

import pytest
import sympy

from theory import ProblemError, error_floor, planted_masses, staircase


@pytest.mark.parametrize("learned", [0, 1, 2, 3])
@pytest.mark.parametrize("degrees", [(1, 2, 3), (2, 3), (1, 4), (3,)])
def test_one_unit_a_degree(degrees: tuple[int, ...], learned: int) -> None:
    target, subspace = planted_masses(degrees, learned)
    assert subspace == sympy.eye(learned + 1)[:, :learned]
    for kappa in range(6):
        assert error_floor(target, kappa, subspace) == sum(j > kappa for j in degrees)
    levels = staircase(target).subspaces
    assert [basis.cols for basis in levels[: learned + 1]] == list(range(learned + 1))
    if learned:
        assert levels[learned] == subspace
        assert staircase(target).complete == (1 in degrees)  # only the term of degree one opens y, one step later


@pytest.mark.parametrize(
    ("degrees", "learned"), [((), 1), ((0,), 1), ((1, 1), 1), ((21,), 1), ((1.5,), 1), ((1,), 5), ((1,), -1)]
)
def test_refusals(degrees: tuple, learned: int) -> None:
    with pytest.raises(ProblemError):
        planted_masses(degrees, learned)
