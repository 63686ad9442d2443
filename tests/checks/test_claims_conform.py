"""Every claim of the registry, through one set of questions: adding a claim adds its tests."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

import checks
from checks import Claim, Plan
from checks.claim import DEPTHS
from checks.verdict import Component, DesignError, first_stage
from theory import ProblemError, Setting

CLAIMS = checks.claims()
every_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
EXPENSIVE = {  # whose deep plan takes its theory several seconds: with -m slow
    "giant-step/trajectory", "readout/conditional-equivalent", "readout/linear-floor", "readout/preprocessed",
    "reuse/trajectory",
}  # fmt: skip


def plans() -> Iterator[Any]:
    """Each plan that a claim has of its own: a depth it has none for is its quick one again."""
    for claim in CLAIMS:
        for depth in DEPTHS:
            if depth in claim.plans:
                slow = [pytest.mark.slow] if depth == "deep" and claim.id in EXPENSIVE else []
                yield pytest.param(claim, depth, marks=slow, id=f"{claim.id}-{depth}")


every_plan = pytest.mark.parametrize(("claim", "depth"), list(plans()))


@cache
def components_of(claim_id: str, depth: str) -> tuple[Component, ...]:
    """The theory of some takes seconds: each is asked once."""
    (claim,) = [claim for claim in CLAIMS if claim.id == claim_id]
    return claim.components(claim.plan(depth))


@cache
def foils_of(claim_id: str, depth: str) -> Mapping[str, Mapping[str, float]]:
    (claim,) = [claim for claim in CLAIMS if claim.id == claim_id]
    return claim.foils(claim.plan(depth))


def test_ids_are_unique_and_grouped():
    ids = [claim.id for claim in CLAIMS]
    assert len(set(ids)) == len(ids)
    assert all(claim.id == f"{claim.group}/{claim.id.split('/')[1]}" for claim in CLAIMS)


@every_claim
def test_a_claim_says_what_it_claims(claim: Claim):
    assert len(claim.statement) > 100
    assert "arXiv" in claim.source or "docs/notes" in claim.source
    assert claim.blind.strip()
    assert claim.domain.__doc__


@every_claim
def test_at_least_two_foils_and_a_wrong_simulator(claim: Claim):
    foils = foils_of(claim.id, "quick")
    assert len(foils) >= 1
    assert len(claim.mutants) >= 1
    assert len(foils) + len(claim.mutants) >= 2


@every_plan
def test_components_are_declared_before_any_data(claim: Claim, depth: str):
    components = components_of(claim.id, depth)
    assert len({component.name for component in components}) == len(components)
    assert all(component.margin > 0 and component.bias >= 0 for component in components)


@every_plan
def test_every_foil_differs_from_the_claim_by_more_than_the_rule_needs(claim: Claim, depth: str):
    components = {component.name: component for component in components_of(claim.id, depth)}
    for wrong in foils_of(claim.id, depth).values():
        assert set(wrong) <= set(components)
        told_apart = [
            abs(wrong[name] - c.prediction) >= 2 * c.bias + c.margin for name, c in components.items() if name in wrong
        ]
        assert any(told_apart)


MOST_REPLICAS = {"smoke": 10_000, "quick": 10_000, "deep": 40_000}


@every_plan
def test_the_plan_is_affordable(claim: Claim, depth: str):
    plan = claim.plan(depth)
    n0 = first_stage(components_of(claim.id, depth), stages=plan.stages, alpha=1e-5, beta=1e-4)
    assert n0 * 4 ** (plan.stages - 1) <= MOST_REPLICAS[depth]


CHANGES = {
    "rows renormalised": {"normalize_rows": True},
    "weights decayed": {"weight_decay": 0.1, "loss": "correlation"},
    "labels preprocessed": {"preprocess": 1, "loss": "correlation"},
    "a batch used twice": {"steps": 2, "batch": (0, 0), "eta": "p"},
}
INSIDE = {  # what is not outside every claim
    "giant-step/preprocessing": {"labels preprocessed"},
    "giant-step/trajectory": {"rows renormalised", "weights decayed"},
    "exactness/conditioned": {"rows renormalised", "weights decayed", "labels preprocessed"},
    "exactness/dice": set(CHANGES),
    "readout/preprocessed": {"labels preprocessed"},
    "readout/random-features": {"a batch used twice"},  # the rows are those before any step
    "reuse/reachable": {"a batch used twice"},
    "reuse/hidden": {"a batch used twice"},
    "reuse/gradient-flow": {"a batch used twice"},
    "reuse/mean-bias": {"rows renormalised", "weights decayed", "a batch used twice"},
    "reuse/escape": {"rows renormalised", "weights decayed", "a batch used twice"},
    "reuse/same-samples": {"rows renormalised", "weights decayed", "a batch used twice"},
    "reuse/trajectory": {"rows renormalised", "weights decayed", "a batch used twice"},
    "exactness/chain": {"rows renormalised", "weights decayed", "a batch used twice"},
}


@every_claim
@pytest.mark.parametrize("change", CHANGES)
def test_settings_outside_the_domain_are_refused_with_the_reason(claim: Claim, change: str):
    setting = next(iter(claim.plan("quick").settings.values()))
    assert claim.domain(setting) is None
    outside = Setting(setting.target, setting.student, replace(setting.regime, **CHANGES[change]))
    if change in INSIDE.get(claim.id, ()):
        assert claim.domain(outside) is None
        return
    assert claim.domain(outside)
    with pytest.raises(ProblemError, match="'outside' lies outside the claim's domain"):
        checks.verify(replace(claim, plans={"quick": Plan({"outside": outside})}))


@pytest.mark.parametrize(("claim", "depth"), [pytest.param(*plan.values, id=plan.id) for plan in plans()])
def test_every_setting_lies_inside_the_domain(claim: Claim, depth: str):
    claim.require_domain(depth)


@pytest.mark.parametrize(
    ("claim", "wrong"),
    [
        ("giant-step/one-step-norm", {"n": "d**2"}),
        ("giant-step/one-direction", {"eta": "p/d"}),
        ("giant-step/one-direction", {"steps": 2}),
        ("giant-step/staircase", {"n": 4096}),
        ("giant-step/stuck", {"eta": "p*d"}),
        ("giant-step/parity", {"n": "d**2"}),
        ("giant-step/necessity", {"n": "d**2"}),
        ("giant-step/necessity", {"steps": 2}),
        ("giant-step/limit-law", {"n": "d**3"}),
        ("giant-step/limit-law", {"eta": "p*d"}),
        ("giant-step/preprocessing", {"n": "d**3"}),
        ("giant-step/preprocessing", {"preprocess": 0}),
        ("giant-step/links", {"steps": 2}),
        ("giant-step/links", {"preprocess": 1}),
        ("giant-step/links", {"n": "d**(3/2)"}),
        ("giant-step/preprocessing", {"eta": "p"}),
        ("giant-step/trajectory", {"n": "d**2"}),
        ("giant-step/trajectory", {"eta": "p*d"}),
        ("reuse/reachable", {"n": "d**2"}),
        ("reuse/reachable", {"preprocess": 0}),
        ("reuse/hidden", {"eta": "p*d"}),
        ("reuse/gradient-flow", {"n": "d**2"}),
        ("reuse/gradient-flow", {"eta": "p*d"}),
        ("reuse/mean-bias", {"n": "d**2"}),
        ("reuse/mean-bias", {"steps": 2, "batch": (0, 1)}),
        ("reuse/escape", {"n": "d**2"}),
        ("reuse/escape", {"steps": 2, "batch": (0, 1)}),
        ("reuse/same-samples", {"normalize_rows": False}),
        ("reuse/same-samples", {"n": "d**2"}),
        ("reuse/trajectory", {"n": "d**2"}),
        ("reuse/trajectory", {"extragradient": 0.1}),
        ("readout/floors", {"n": "d**2"}),
        ("readout/floors", {"eta": "p*d"}),
        ("readout/conditional-equivalent", {"steps": 2}),
        ("readout/linear-floor", {"n": "d**2"}),
        ("readout/linear-floor", {"steps": 2}),
        ("readout/linear-floor", {"loss": "squared"}),
        ("readout/preprocessed", {"n": "d**3"}),
        ("readout/preprocessed", {"eta": "p"}),
        ("readout/preprocessed", {"preprocess": 0}),
        ("spikes/gradient", {"eta": "p*d"}),
        ("spikes/spectrum", {"n": "d**2"}),
        ("spikes/spectrum", {"eta": "n**(1/4)*sqrt(p)"}),
        ("spikes/spectrum", {"loss": "squared"}),
        ("spikes/alignment", {"steps": 2}),
        ("spikes/gains", {"eta": "2*n**(1/3)*sqrt(p)"}),
        ("spikes/staircase", {"eta": "4*n**(2/5)*sqrt(p)"}),
        ("spikes/staircase", {"loss": "squared"}),
        ("spikes/two-steps", {"steps": 1}),
        ("spikes/two-steps", {"loss": "squared"}),
        ("spikes/two-steps", {"eta": "p*d"}),
        ("spikes/maximal-rate", {"n": "d**2"}),
        ("spikes/maximal-rate", {"loss": "squared"}),
        ("exactness/descent", {"eta": 1.0}),
        ("exactness/conditioned", {"extragradient": 0.1}),
        ("exactness/conditioned", {"n": "d**8"}),
        ("exactness/dice", {"d": 10**6}),
        ("exactness/chain", {"n": 2}),
        ("exactness/chain", {"d": 2}),
        ("exactness/chain", {"steps": 3, "batch": (0, 1, 0)}),
        ("exactness/chain", {"d": 10**6}),
    ],
)
def test_each_hypothesis_on_the_regime_is_checked(claim: str, wrong: dict):
    (known,) = [c for c in CLAIMS if c.id == claim]
    setting = next(iter(known.plan("quick").settings.values()))
    assert known.domain(Setting(setting.target, setting.student, replace(setting.regime, **wrong)))


def test_a_claim_needs_a_quick_plan():
    with pytest.raises(ProblemError, match="quick"):
        replace(CLAIMS[0], plans={"deep": CLAIMS[0].plan("quick")})


def test_a_budget_no_claim_can_meet_is_refused_before_any_simulation():
    def never(setting, **options):
        raise AssertionError("simulated")

    with pytest.raises(DesignError, match=r"not even [0-9]* samples are enough"):
        list(checks.verify_all(CLAIMS, checks.Budget(alpha_suite=3e-3, beta_suite=1e-2), never))


def test_budget_is_shared_over_the_suite():
    shares = checks.Budget().share({claim.id: claim.weight for claim in CLAIMS})
    assert math.isclose(sum(share.alpha for share in shares.values()), 1e-4)
    assert math.isclose(sum(share.beta for share in shares.values()), 1e-2)
