"""Every claim of the registry, through one set of questions: adding a claim adds its tests."""

import math
from dataclasses import replace

import pytest

import checks
from checks import Claim, Plan
from checks.claim import DEPTHS
from checks.verdict import first_stage
from theory import ProblemError, Setting

CLAIMS = checks.claims()
every_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
every_plan = pytest.mark.parametrize(
    ("claim", "depth"), [(c, d) for c in CLAIMS for d in DEPTHS], ids=lambda value: getattr(value, "id", value)
)


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
    assert len(claim.foils(claim.plan("quick"))) >= 1
    assert len(claim.mutants) >= 1
    assert len(claim.foils(claim.plan("quick"))) + len(claim.mutants) >= 2


@every_plan
def test_components_are_declared_before_any_data(claim: Claim, depth: str):
    components = claim.components(claim.plan(depth))
    assert len({component.name for component in components}) == len(components)
    assert all(component.margin > 0 and component.bias >= 0 for component in components)


@every_plan
def test_every_foil_differs_from_the_claim_by_more_than_the_rule_needs(claim: Claim, depth: str):
    plan = claim.plan(depth)
    components = {component.name: component for component in claim.components(plan)}
    for wrong in claim.foils(plan).values():
        assert set(wrong) <= set(components)
        told_apart = [
            abs(wrong[name] - c.prediction) >= 2 * c.bias + c.margin for name, c in components.items() if name in wrong
        ]
        assert any(told_apart)


@every_plan
def test_the_plan_is_affordable(claim: Claim, depth: str):
    plan = claim.plan(depth)
    n0 = first_stage(claim.components(plan), stages=plan.stages, alpha=1e-5, beta=1e-4)
    assert n0 * 4 ** (plan.stages - 1) <= 10_000


@every_claim
def test_settings_outside_the_domain_are_refused_with_the_reason(claim: Claim):
    setting = next(iter(claim.plan("quick").settings.values()))
    assert claim.domain(setting) is None
    outside = Setting(setting.target, setting.student, replace(setting.regime, normalize_rows=True))
    assert claim.domain(outside)
    with pytest.raises(ProblemError, match="outside the claim's domain"):
        replace(claim, plans={"quick": Plan({"outside": outside})})


def test_budget_is_shared_over_the_suite():
    shares = checks.Budget().share({claim.id: claim.weight for claim in CLAIMS})
    assert math.isclose(sum(share.alpha for share in shares.values()), 1e-4)
    assert math.isclose(sum(share.beta for share in shares.values()), 1e-2)
