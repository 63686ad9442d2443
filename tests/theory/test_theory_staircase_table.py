"""The worked examples of the theory, with the reason where they are stuck; algebraic frames; no polynomials."""

import pytest
import sympy

from theory import ProblemError, Target, leap_complexity, staircase

ROOT2, ROOT3 = sympy.sqrt(2), sympy.sqrt(3)
E1, E2, E3 = (1, 0, 0), (0, 1, 0), (0, 0, 1)

# target: (the level each batch of directions is added at, words of the reason or None)
TABLE = {
    "z1 + z1*z2 + z1*z2*z3": ([[E1], [E2], [E3]], None),
    "z1 + z1*z2*z3": ([[E1]], "joint sign change of z2, z3"),
    "z1*z2": ([], "joint sign change of z1, z2"),
    "z1 + z2 + z1**2 - z2**2": ([[(1, 1)], [(1, -1)]], None),
    "z1 + z2 + z1**2 + z2**2": ([[(1, 1)]], "exchange of z1 and z2"),
    "z1 + z2 + z1*z2": ([[(1, 1)]], "exchange of z1 and z2"),
    "z1 + He2(z2)": ([[(1, 0)]], "z2 -> -z2"),
    "He2(z1)": ([], "z1 -> -z1"),
    "He3(z1)": ([], "leap 3"),
    "He4(z1)": ([], "z1 -> -z1"),
    "He5(z1)": ([], "leap 5"),
    "z1 + He3(z2)": ([[(1, 0)]], "z2: no term is linear there given what is learned"),
    "z1 + He2(z1)*z2": ([[(1, 0)], [(0, 1)]], None),
    "z1 + He3(z1)*(z2 + 2*z3)": ([[E1], [(0, 1, 2)]], None),
    "z1*(1 + z2) + He2(z1)*z3": ([[E1], [E2, E3]], None),  # two directions in one step
    "(z1 + z2 - z3)**3": ([[(1, 1, -1)]], None),
    "3 + 0*z1": ([], None),
    "(sqrt(2)*z1 + sqrt(3)*z2) + (sqrt(2)*z1 + sqrt(3)*z2)*(sqrt(3)*z1 - sqrt(2)*z2)": (
        [[(ROOT2, ROOT3)], [(ROOT3, -ROOT2)]],
        None,
    ),
    "sqrt(2)*z1 + z2 + (z1 - sqrt(2)*z2)**2": ([[(ROOT2, 1)]], "reflection along"),
    "pi*z1 + z2 + pi**2*z1**2 - z2**2/pi": ([[(sympy.pi, 1)], [(1, -sympy.pi)]], None),
    "sqrt(2)*z1 + pi*z2": ([[(ROOT2, sympy.pi)]], None),
}


@pytest.mark.parametrize("text", TABLE)
def test_worked_examples(text: str) -> None:
    added, reason = TABLE[text]
    ours = staircase(text)
    k, inside = Target(text).k, []
    assert len(ours.subspaces) == len(added) + 1
    for basis, new in zip(ours.subspaces[1:], added, strict=True):
        inside += [sympy.Matrix(v) for v in new]
        assert basis.shape == (k, len(inside))
        assert basis.row_join(sympy.Matrix.hstack(*inside)).rank(simplify=True) == len(inside)
        assert basis.rank(simplify=True) == len(inside)
    assert ours.certified
    assert ours.complete == (reason is None)
    assert (ours.why_stuck is None) if reason is None else (reason in (ours.why_stuck or ""))


def test_every_stuck_direction_is_explained() -> None:
    why = staircase("z1 + He2(z2) + He3(z3) + z4*z5").why_stuck or ""
    assert all(words in why for words in ("z2 -> -z2", "z3: no term", "leap 3", "joint sign change of z4, z5"))


def test_unused_directions_do_not_matter() -> None:
    ours = staircase(Target("z1 + z1*z2", k=5))
    assert (ours.dimensions, ours.complete, ours.why_stuck) == ((0, 1, 2), True, None)
    assert leap_complexity(Target("z1 + z1*z2", k=5)) == 1


# (dimensions, complete, certified, words of the reason)
NOT_POLYNOMIAL = {
    "tanh(z1) + tanh(z2)": ((0, 1), False, True, "exchange of z1 and z2"),
    "sign(z1*z2)": ((0,), False, True, "joint sign change of z1, z2"),
    "z1 + z1*tanh(z2)": ((0, 1, 2), True, True, ""),
    "relu(z1)": ((0, 1), True, True, ""),
    "relu(z1) + abs(z2)": ((0, 1), False, True, "z2 -> -z2"),
    "relu(z1) + relu(z1)*z2": ((0, 1, 2), True, True, ""),
    "Max(z1, z2)": ((0, 1), False, True, "exchange of z1 and z2"),
    "relu(z1 + z2)": ((0, 1), True, True, ""),
    "cos(z1)": ((0,), False, True, "z1 -> -z1"),
    "exp(z1)*exp(z2)*exp(-z3)": ((0, 1), True, True, ""),
    "z1 + tanh(z1*z2)": ((0, 1, 2), True, False, ""),  # no product structure: errors only estimated
    "tanh(z1*z2)": ((0,), False, False, "joint sign change"),
    "tanh(z1) + He12(z2)": ((0, 1), False, False, "up to Hermite order 10"),
    "tanh(z1) + z2*He12(z1)": ((0, 1), False, False, "up to Hermite order 10"),
    "sign(z1)*sign(z2)*sign(z3) + tanh(z1)": ((0, 1), False, True, "joint sign change of z2, z3"),
}


@pytest.mark.parametrize("text", NOT_POLYNOMIAL)
def test_targets_that_are_no_polynomials(text: str) -> None:
    dimensions, complete, certified, reason = NOT_POLYNOMIAL[text]
    ours = staircase(text)
    assert (ours.dimensions, ours.complete, ours.certified) == (dimensions, complete, certified)
    assert reason in (ours.why_stuck or "")


@pytest.mark.parametrize("text", ["tanh(z1)", "tanh(z1) + tanh(z2)", "z1 + z1*tanh(z2)"])
def test_unused_directions_of_other_targets(text: str) -> None:
    plain, wide = staircase(text), staircase(Target(text, k=Target(text).k + 1))
    assert (plain.dimensions, plain.complete, plain.certified) == (wide.dimensions, wide.complete, wide.certified)


def test_directions_of_other_targets() -> None:
    last = staircase("relu(3*z1 + 4*z2)").subspaces[-1]
    assert abs(float(last[0]) * 4 - float(last[1]) * 3) < 1e-15 * float(abs(last[0]) + abs(last[1])) * 4


def test_uncertainty_is_remembered_where_a_coefficient_drowns() -> None:
    """c_1 = 1e-40 is below what integration resolves: no growth, but no claim that there is none either."""
    ours = staircase("tanh(z1/10**40)")
    assert ours.dimensions == (0,)
    assert not ours.certified
    assert ours.resolution > 1e-40


@pytest.mark.parametrize("text", ["exp(1)*z1 + z2", "sqrt(pi)*z1", "sin(1)*z1**2", "tanh(z1*z2*z3*z4)"])
def test_what_cannot_be_decided_is_refused(text: str) -> None:
    with pytest.raises(ProblemError):
        staircase(text)


def test_too_large_a_number_field_is_refused() -> None:
    with pytest.raises(ProblemError, match="5 different roots"):
        staircase("sqrt(2)*z1 + sqrt(3)*z2 + sqrt(5)*z3 + sqrt(7)*z4 + sqrt(11)*z1*z2")
