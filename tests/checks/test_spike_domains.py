"""Claims on growing rates: settings of which they say nothing though their theory, which centres, would answer."""

from dataclasses import replace
from typing import Any

import pytest

import checks
from checks.catalogue.spikes import spectrum
from checks.verdict.linear import limit_weights
from theory import Setting, Student, Target

CLAIMS = {claim.id: claim for claim in checks.claims() if claim.id.startswith("spikes/")}
every_claim = pytest.mark.parametrize("name", sorted(CLAIMS))


def own(name: str, target: str | None = None, activation: str | None = None, **regime: Any) -> Setting:
    """The first setting of the claim's quick plan, changed."""
    setting = next(iter(CLAIMS[name].plan("quick").settings.values()))
    student: Student = replace(setting.student, activation=activation) if activation else setting.student
    return Setting(Target(target) if target else setting.target, student, replace(setting.regime, **regime))


@every_claim
@pytest.mark.parametrize("shift", ["1", "1/1000"])
def test_labels_with_a_mean_are_refused(name: str, shift: str) -> None:
    assert CLAIMS[name].domain(own(name, "z1 + He2(z1)/4 + He3(z1)/9")) is None
    assert "E f* = " in str(CLAIMS[name].domain(own(name, f"z1 + He2(z1)/4 + He3(z1)/9 + {shift}")))


@every_claim
def test_features_with_a_mean_are_refused(name: str) -> None:
    """But of rows alone, which sigma' moves."""
    inside = CLAIMS[name].domain(own(name, activation="relu"))
    assert inside is None if name == "spikes/two-steps" else "E sigma(g) = 0.398942" in str(inside)


@every_claim
def test_means_are_zero_up_to_rounding(name: str) -> None:
    assert CLAIMS[name].domain(own(name, activation="relu(u) - 0.3989422804014327")) is None
    assert CLAIMS[name].domain(own(name, "z1 + cos(2*z1)/4 - 0.033833820809153176", "relu(u) - 1/sqrt(2*pi)")) in (
        None,
        "the target is no polynomial of one coordinate: degrees are not told apart",  # spikes/staircase
    )


@pytest.mark.parametrize("name", ["spikes/spectrum", "spikes/alignment", "spikes/two-steps"])
@pytest.mark.parametrize("rate", ["1", "n**(1/4)"])
def test_thresholds_are_refused(name: str, rate: str) -> None:
    assert "threshold" in str(CLAIMS[name].domain(own(name, eta=f"{rate}*sqrt(p)")))


def test_two_steps_have_no_threshold_where_the_coefficient_vanishes() -> None:
    assert CLAIMS["spikes/two-steps"].domain(own("spikes/two-steps", activation="erf", eta="n**(1/4)*sqrt(p)")) is None


def test_no_stairs_without_a_linear_part() -> None:
    """C_1 = 0: g knows nothing of f*."""
    assert "E[z1 f*] = 0" in str(CLAIMS["spikes/staircase"].domain(own("spikes/staircase", "He2(z1) + He3(z1)")))


def test_an_extrapolation_is_allowed_what_its_rungs_are() -> None:
    """Rungs off by 5/n each, with the signs of their weights; at the largest n alone it would be less."""
    (found,) = spectrum._extrapolated(CLAIMS["spikes/spectrum"].plan("deep"))
    sizes = [step.n for step in spectrum.LADDER]
    weights = limit_weights(sizes, 0.42)
    off = [5 / n if weight > 0 else -5 / n for n, weight in zip(sizes, weights, strict=True)]
    assert found.bias == pytest.approx(weights @ off)
    assert found.margin == 0.12
