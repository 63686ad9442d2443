"""The reuse staircase of worked examples: dimensions, and the proof or the symmetry that settles each."""

import pytest

from theory import Target, staircase

# target: (fresh, reuse, O(log d), words of the reason)
TABLE = {
    "He2(z1)": (0, 0, 1, "z1 -> -z1"),
    "He4(z1)": (0, 0, 1, "z1 -> -z1"),
    "He3(z1)": (0, 1, 1, None),
    "z1*z2": (0, 0, 2, "joint sign change of z1, z2"),
    "z1 + z1*z2": (2, 2, 2, None),
    "z1 + He3(z2)": (1, 2, 2, None),
    "tanh(z1) + tanh(z2)": (1, 1, 2, "exchange of z1 and z2"),
    "z1*z2*z3": (0, 0, 3, "joint sign change of z1, z2"),
    "sign(z1*z2*z3)": (0, 0, 0, "joint sign change of z1, z2"),
    # and others of the same kinds (docs/notes/reuse_staircase.md)
    "z1**3 + z2**3": (1, 1, 2, "exchange of z1 and z2"),
    "z1 + z2 + z1*z2": (1, 1, 2, "exchange of z1 and z2"),
    "z1 + z1*z2*z3": (1, 1, 3, "joint sign change of z2, z3"),
    "He3(z1) + z1*z2*z3": (0, 1, 3, "joint sign change of z2, z3"),
    "He3(z1) + He3(z1)*z2": (0, 2, 2, None),
    "z1 + z2 + z1**2 + z2**2": (1, 1, 2, "exchange of z1 and z2"),
    "z1 + z2 + z1**2 + 2*z2**2": (2, 2, 2, None),
    "(z1 - z2)*(z2 - z3)*(z3 - z1) + z1 + z2 + z3": (1, 1, 3, "the map z1 -> z2, z2 -> z3, z3 -> z1"),
    "He5(z1) + He2(z2)": (0, 1, 2, "z2 -> -z2"),
    "relu(z1) + abs(z2)": (1, 1, 2, "z2 -> -z2"),
    "sign(z1) + sign(z2 - 1)*sign(z2 + 1)": (1, 1, 2, "z2 -> -z2"),
    "z1**2*exp(-z1**2)": (0, 0, 0, "z1 -> -z1"),
    "sign(z1) + 3*sign(z1)*sign(z2)": (2, 2, 2, None),
    "z1**3 - z2**3": (1, 1, 2, "z1 -> -z2"),
}


@pytest.mark.parametrize("text", TABLE)
def test_dimensions_and_reasons(text: str) -> None:
    fresh, finite, late, reason = TABLE[text]
    ours = staircase(text, reuse=True)
    assert staircase(text).dimensions[-1] == fresh
    assert (ours.dimensions[-1], ours.late_dimensions[-1]) == (finite, late)
    assert (ours.complete, ours.late_complete) == (finite == Target(text).k, late == Target(text).k)
    assert ours.certified
    assert ours.late_certified
    assert (ours.why_stuck is None) if reason is None else (reason in (ours.why_stuck or ""))


# student: (target, reached after finitely many steps, words of the reason)
STUDENTS = [
    ("tanh(z1) + z1*z2", "tanh", 0.0, 1, "f* changes sign under z1 -> -z1"),
    ("tanh(z1) + z1*z2", "sigmoid", 0.0, 2, None),
    ("tanh(z1) + z1*z2", "tanh", 0.5, 2, None),
    ("tanh(z1) + z1*z2", "tanh(u - 1)", 1, 1, "f* changes sign under z1 -> -z1"),  # odd again once the bias is added
    ("z1 + He3(z2)", "erf", 0.0, 2, None),
    ("z1 + z1*z2", "cos", 0.0, 0, "cos is even"),
    ("z1 + z1*z2", "He2", 0.0, 0, "He2 is even"),
    ("z1 + z1*z2", "relu", 0.0, 2, None),
    ("He3(z1)", "u + 1", 0.0, 0, "linear"),
    ("z1 + He3(z2)", "u", 0.0, 1, "linear"),
    ("z1 + He3(z2)", "2 + 0*u", 0.0, 0, "constant"),
    ("z1*z2", "tanh", 0.0, 0, "joint sign change"),
    ("z1 + z2**2", "sin", 0.0, 1, "z2 -> -z2"),
]


@pytest.mark.parametrize(("text", "activation", "bias", "reached", "reason"), STUDENTS)
def test_the_parity_of_the_student(text: str, activation: str, bias: float, reached: int, reason: str | None) -> None:
    ours = staircase(text, activation, reuse=True, bias=bias)
    assert ours.dimensions[-1] == reached
    assert ours.certified
    assert (ours.why_stuck is None) if reason is None else (reason in (ours.why_stuck or ""))


@pytest.mark.parametrize(("activation", "late"), [("tanh", 0), ("sigmoid", 2), ("relu", 2), ("cos", 2), ("u", 0)])
def test_signs_of_a_product_amplify_through_odd_powers_only(activation: str, late: int) -> None:
    """E[F(y) (u u^T - I)] is seen with F = y alone; an odd student on nothing learned offers only even F."""
    assert staircase("sign(z1*z2)", activation, reuse=True).late_dimensions[-1] == late


def test_mixed_biases_restrict_nothing() -> None:
    assert staircase("z1 + z1*z2", "cos", reuse=True, bias=(0.0, 0.5)).dimensions[-1] == 2
    assert staircase("z1 + z1*z2", "cos", reuse=True, bias="gaussian").dimensions[-1] == 2


def test_what_is_not_settled_is_not_certified() -> None:
    """z1 z2 z3 in a frame where its symmetries are no signed permutations: nothing is seen, and that is all we say."""
    a, b, c = "(z1 - 8*z2 + 4*z3)", "(8*z1 - z2 - 4*z3)", "(4*z1 + 4*z2 + 7*z3)"
    ours = staircase(f"{a}*{b}*{c}", reuse=True)
    assert ours.dimensions == (0,)
    assert not ours.certified
    assert "no symmetry was found" in (ours.why_stuck or "")
    assert (ours.late_dimensions[-1], ours.late_certified) == (3, True)


def test_unused_directions_do_not_matter() -> None:
    ours = staircase(Target("z1 + He3(z2)", k=5), reuse=True)
    assert (ours.dimensions[-1], ours.complete, ours.certified) == (2, True, True)
    assert staircase("3 + 0*z1", reuse=True).complete
    assert staircase(Target("tanh(z1) + tanh(z2)", k=3), reuse=True).certified


def test_noise_does_not_matter() -> None:
    plain, noisy = (staircase(Target("z1 + He3(z2)", noise=s), reuse=True) for s in (0.0, 0.5))
    assert plain.subspaces == noisy.subspaces
