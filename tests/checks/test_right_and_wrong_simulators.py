"""The whole registry on the shipped simulator, and on a second one with errors planted through `simulate=`.

A right simulator fails here with probability at most alpha_suite + beta_suite of the budget named.
"""

import pytest
from oracle import simulate as oracle

import checks
from checks.verdict import Budget, Status

BUDGET = Budget(
    alpha_suite=1e-6, beta_suite=1e-4
)  # over the whole suite of tests, rarer than a bit error is worried about
LOOSE = Budget(alpha_suite=1e-3, beta_suite=1e-2)  # for planted errors: they must be found with little data


@pytest.mark.parametrize("claim", [claim.id for claim in checks.claims()])
def test_theory_and_simulation_agree_and_every_foil_dies(claim):
    share = BUDGET.share(dict.fromkeys((c.id for c in checks.claims()), 1.0))[claim]
    verdict = checks.verify(claim, budget=Budget(share.alpha, share.beta), seed=20231)
    assert verdict.status is Status.AGREE, verdict.to_json()
    assert {status for _, status in verdict.foils} == {Status.DISAGREE}


@pytest.mark.parametrize("claim", ["exactness/descent", "giant-step/gradient-expansion", "giant-step/one-step-norm"])
def test_an_independent_simulator_passes_too(claim):
    assert checks.verify(claim, budget=LOOSE, simulate=oracle).status is Status.AGREE


PLANTED = {
    "eta-doubled": "giant-step/gradient-expansion",
    "n-halved": "giant-step/one-step-norm",
    "noise-dropped": "giant-step/one-step-norm",
    "second-layer-redrawn": "giant-step/staircase",
    "batch-reused": "giant-step/stuck",
    "residual-sign": "giant-step/gradient-expansion",
    "derivative-dropped": "exactness/descent",
}


@pytest.mark.parametrize(("mutant", "claim"), PLANTED.items())
def test_a_planted_error_turns_a_claim_from_agree(mutant, claim):
    def planted(setting, **options):
        return oracle(setting, mutant=mutant, **options)

    verdict = checks.verify(claim, budget=LOOSE, simulate=planted)
    assert verdict.status is Status.DISAGREE
