"""Malformed targets and activations: one ProblemError, one short line that names what was wrong, and quickly."""

from datetime import timedelta

import pytest
import sympy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from theory_oracles import within

from theory import Activation, ProblemError, Target

# Python itself warns about some malformed texts, such as "0in x"; that is not what is tested
pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
PATIENCE = 8.0  # seconds; what is refused takes milliseconds, an unguarded bomb takes more than minutes

# (text, a word that names what was wrong)
TARGETS = [
    ("", "empty"),
    ("   ", "empty"),
    ("__import__('os')", "unknown function"),
    ("__import__('os').system('true')", "Call"),
    ("z1.__class__", "Attribute"),
    ("z1.real", "Attribute"),
    ("(lambda: z1)()", "Call"),
    ("lambda z1: z1", "Lambda"),
    ("[z1 for z1 in (1, 2)]", "ListComp"),
    ("{z1: z2}", "Dict"),
    ("f'{z1}'", "JoinedStr"),
    ("(z1 := 2)", "NamedExpr"),
    ("z1 if z2 else z3", "IfExp"),
    ("z1 and z2", "BoolOp"),
    ("not z1", "Not"),
    ("~z1", "Invert"),
    ("z1 < z2", "Compare"),
    ("z1[0]", "Subscript"),
    ("(z1, z2)", "Tuple"),
    ("*z1", "cannot"),
    ("z1; z2", "cannot be read"),
    ("z1\nz2", "cannot be read"),
    ("import os", "cannot be read"),
    ("(z1 + z2", "cannot be read"),
    ("z1 + z2)", "cannot be read"),
    ("z1 +", "cannot be read"),
    ("z1 z2", "cannot be read"),
    ("2z1", "cannot be read"),
    ("z1\x00", "cannot be read"),
    ("\ud800", "character"),
    ("\uff5a1 + z2", "character"),  # fullwidth z, which Python reads as z
    ("z\uff11", "character"),  # fullwidth 1
    ("z1 \u2212 z2", "character"),  # a minus sign that is no hyphen
    ("z0", "z0"),
    ("z01", "z01"),
    ("z65", "z65"),
    ("z9999", "z9999"),
    ("z", "unknown name"),
    ("x1 + z1", "unknown name 'x1'"),
    ("os", "unknown name"),
    ("nan*z1", "unknown name 'nan'"),
    ("inf", "unknown name"),
    ("oo*z1", "unknown name"),
    ("I*z1", "unknown name"),
    ("1j*z1", "not a real number"),
    ("'z1'", "not a real number"),
    ("b'z1'", "not a real number"),
    ("None", "not a real number"),
    ("True*z1", "not a real number"),
    ("...", "not a real number"),
    ("1e999*z1", "too large"),
    ("eval('z1')", "unknown function 'eval'"),
    ("sympify(z1)", "unknown function"),
    ("log(z1)", "unknown function 'log'"),
    ("He21(z1)", "unknown function 'He21'"),
    ("He(2, z1)", "unknown function"),
    ("gelu(z1)", "unknown function"),  # an activation's name, no target function
    ("tanh()", "takes one argument"),
    ("tanh(z1, z2)", "takes one argument"),
    ("tanh(x=z1)", "Call"),
    ("tanh(*z1)", "Starred"),
    ("Max()", "takes one argument"),
    ("sin", "unknown name 'sin'"),
    ("z1(2)", "unknown function"),
    ("z1^2", "**"),
    ("z1 % 2", "Mod"),
    ("z1 // 2", "FloorDiv"),
    ("z1 @ z2", "MatMult"),
    ("z1 << 2", "LShift"),
    ("1/z1", "divides by an expression"),
    ("z1/0", "divides by zero"),
    ("z1/(1 - 1)", "divides by zero"),
    ("z1/(sqrt(2)*sqrt(3) - sqrt(6))", "divides by zero"),
    ("0**(-1)*z1", "zero"),
    ("z1**-1", "natural number"),
    ("z1**0.5", "natural number"),
    ("z1**z2", "exponent"),
    ("2**z1", "exponent"),
    ("z1**pi", "exponent"),
    ("sqrt(z1)", "sqrt"),
    ("sqrt(-1)*z1", "sqrt"),
    ("(-2)**(1/2)*z1", "negative"),
    ("exp(z1**2)", "infinite"),
    ("exp(z1*z2)", "infinite"),
    ("cosh(z1**2)", "infinite"),
    ("exp(exp(z1))", "infinite"),
    ("5", "no coordinate"),
    # bombs
    ("z1**999999999", "exponent"),
    ("10**10**10", "exponent"),
    ("9**9**9**9*z1", "exponent"),
    ("z1*(10**60)**64", "bits"),
    ("z1**64**64", "exponent"),
    ("(z1**64)**64", "degree"),
    ("((z1 + z2 + z3 + z4 + z5)**40)*z1", "terms"),
    ("(((1 + sqrt(2))**64)**64)**64*z1", "bits"),
    ("z1*Max(exp(exp(exp(exp(5)))), 1)", "1e+300"),
    ("z1*sign(cosh(cosh(cosh(9))) - 1)", "1e+300"),
    ("exp(1000)*z1", "1e+300"),
    ("He20(" * 9 + "z1" + ")" * 9, "operations"),
    ("Max(" + ", ".join(f"{i}*z{i % 20 + 1}" for i in range(300)) + ")", "at most 16 arguments"),
    ("(" * 150 + "z1" + ")" * 150 + "+(" * 150, "cannot be read"),
    ("(" * 3000 + "z1" + ")" * 3000, "cannot be read"),
    ("-" * 5000 + "z1", "nested"),
    ("tanh(" * 199 + "z1" + ")" * 199, "nested"),
    ("z1" + "*z1" * 500, "degree"),
    ("z1" + "**1" * 2000, "nested"),
    ("z1" * 6000, "characters long"),
    ("0x" + "f" * 4000 + "*z1", "bits"),
    ("z1 + '" + "a" * 5000 + "'", "not a real number"),
    ("q" * 5000, "unknown name"),
    ("q" * 5000 + "(z1)", "unknown function"),
]


def refusal(source: object, build: type = Target) -> str:
    """The message of the ProblemError that `build(source)` must raise."""
    with within(PATIENCE), pytest.raises(ProblemError) as caught:
        build(source)
    return str(caught.value)


def assert_clear(message: str, names: str) -> None:
    assert "\n" not in message
    assert len(message) < 300
    assert names in message


@pytest.mark.parametrize(("text", "names"), TARGETS, ids=range(len(TARGETS)))
def test_malformed_targets_are_refused(text: str, names: str) -> None:
    assert_clear(refusal(text), names)


OBJECTS = [
    (None, "not None"),
    (3.5, "3.5"),
    (["z1"], "z1"),
    ({}, "at least one term"),
    ({(1,): "z1"}, "z1"),
    ({(1,): float("nan")}, "coefficient"),
    ({(1,): float("inf")}, "coefficient"),
    ({(1,): 1j}, "coefficient"),
    ({(-1,): 1}, "exponent"),
    ({(0.5,): 1}, "exponent"),
    ({(65,): 1}, "exponent"),
    ({(40, 40): 1}, "degree"),
    ({(True,): 1}, "exponent"),
    ({(1,) * 65: 1}, "65 coordinates"),
    ({"ab": 1}, "exponents 'ab'"),
    ({3: 1}, "exponents"),
    (sympy.Symbol("x"), "x"),
    (sympy.Symbol("z1") * sympy.I, "finite real"),
    (sympy.Symbol("z1") / sympy.Symbol("z2"), "natural number"),
    (sympy.sqrt(1 + sympy.Symbol("z1") ** 2), "natural number"),
    (sympy.Function("g")(sympy.Symbol("z1")), "g"),
    (sympy.Integral(sympy.Symbol("z1"), sympy.Symbol("z1")), "Integral"),
    (sympy.gamma(sympy.Symbol("z1")), "gamma"),
    (sympy.oo * sympy.Symbol("z1"), "finite"),
    (sympy.Poly(sympy.Symbol("z1"), sympy.Symbol("z2"), sympy.Symbol("z1")), "z1, z2, ... in order"),
]


@pytest.mark.parametrize(("source", "names"), OBJECTS, ids=range(len(OBJECTS)))
def test_malformed_objects_are_refused(source: object, names: str) -> None:
    assert_clear(refusal(source), names)


ACTIVATIONS = [
    ("swish", "unknown name"),
    ("", "empty"),
    ("z1", "unknown name"),
    ("log(u)", "unknown function"),
    ("u**0.5", "natural number"),
    ("1/u", "divides by an expression"),
    ("Max", "unknown name"),
    ("gelu(" * 40 + "u" + ")" * 40, "operations"),
    (7, "not 7"),
    (sympy.Symbol("x"), "only variable"),
]


@pytest.mark.parametrize(("source", "names"), ACTIVATIONS, ids=range(len(ACTIVATIONS)))
def test_malformed_activations_are_refused(source: object, names: str) -> None:
    assert_clear(refusal(source, Activation), names)


@pytest.mark.parametrize("name", ["sign", "sign(u)*u + sign(u - 1)", "Max(sign(u), 0)"])
def test_descent_through_a_jump_is_refused(name: str) -> None:
    with pytest.raises(ProblemError, match="jumps"):
        Activation(name).derivative  # noqa: B018


PIECES = ["z1", "z2", "z64", "He3(", "tanh(", "exp(", "relu(", "Max(", "sqrt(", "(", ")", ",", "+", "-", "*"]
PIECES += ["/", "**", "2", "0", "0.1", "1e9", "pi", "E", " ", "#", "\n", "é", "_", "'", "z", "lambda", "**64"]


@example("\U00010000" * 40)  # every character of the message must be short, not only every letter of the text
@example("\x00\x01" * 40)
@given(st.one_of(st.text(), st.text("z12He()+-*/.,e "), st.lists(st.sampled_from(PIECES), max_size=14).map("".join)))
@settings(max_examples=800, deadline=timedelta(seconds=PATIENCE))
def test_any_text_is_a_target_or_a_problem_error(text: str) -> None:
    problem = None
    with within(PATIENCE):
        try:
            target = Target(text)
        except ProblemError as error:
            problem = str(error)
    if problem is None:
        assert Target.from_json(target.to_json()) == target
    else:
        assert "\n" not in problem
        assert len(problem) < 300


def test_a_sum_of_thousands_of_terms_is_read_or_refused_clearly() -> None:
    """How deep Python's own parser goes depends on its version; what it can read has to come out right."""
    refused = ""
    try:
        read = Target("+".join(["z1"] * 3000))
    except ProblemError as error:
        read, refused = None, str(error)
    assert read == Target("3000*z1") or "nested" in refused
