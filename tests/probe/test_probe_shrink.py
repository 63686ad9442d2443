"""Shrinking keeps what it is told to keep, and ends at something simple."""

import sympy
from hypothesis import given, settings

from checks import strategies
from checks.probe.shrink import shrink, simpler
from theory.problem import Regime, Setting, Student, Target

PLAIN = Student("relu", 4), Regime(d=64, n="4*d", eta="p")


def setting(target: Target | str) -> Setting:
    return Setting(target if isinstance(target, Target) else Target(target), *PLAIN)


def complexity(target: Target) -> tuple[float, ...]:
    """Monomials (or summands), total degree, directions, distance of coefficients from 1, noise: what steps lower."""
    if target.terms is None:
        return (float(len(sympy.Add.make_args(target.expr))), 0.0, float(target.k), 0.0, target.noise)
    degrees = float(sum(sum(key) for key in target.terms))
    off = float(sum(abs(float(value) - 1.0) for value in target.terms.values()))
    return (float(len(target.terms)), degrees, float(target.k), off, target.noise)


@given(strategies.polynomials())
@settings(max_examples=40, deadline=None)
def test_every_step_makes_the_target_simpler(target):
    for other in simpler(setting(target)):
        assert complexity(other.target) < complexity(target)


def test_what_matters_stays():
    """A product of two coordinates, among other things."""
    has_product = lambda s: any(sum(e > 0 for e in key) >= 2 for key in s.target.terms)  # noqa: E731
    messy = Target("3*z1/2 - 2*z1**2*z3 + z2 + z4", k=5, noise=0.5)
    trail = shrink(setting(messy), has_product)
    found = trail[-1]
    assert trail[0].target == messy
    assert all(has_product(step) for step in trail)
    assert (found.target.terms, found.target.noise) == (Target("z1*z2").terms, 0.0)


def test_functions_lose_summands_and_unused_directions():
    found = shrink(setting("tanh(z1) + cos(z3) + z2"), lambda s: s.target.degree is None)[-1]
    assert found.target in {Target("tanh(z1)"), Target("cos(z1)")}


def test_where_nothing_simpler_will_do_the_setting_stays():
    given_ = setting("z1 + 2*z2**2")
    assert shrink(given_, lambda _: False) == [given_]
