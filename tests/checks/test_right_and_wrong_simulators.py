"""The whole registry on the shipped simulator, and on a second one with errors planted through `simulate=`.

A right simulator fails here with probability at most alpha_suite + beta_suite of BUDGET. Planted errors are far beyond
every margin: LOOSE bounds the data spent on finding them, and how rarely a right simulator would pass for a wrong one.
"""

from dataclasses import replace

import numpy as np
import pytest
from oracle import simulate as oracle

import checks
import sim
from checks.catalogue.exponents import ladder_plan
from checks.catalogue.giant_step import one_direction, parity, staircase, stuck
from checks.verdict import Budget, Status

BUDGET = Budget(alpha_suite=1e-5, beta_suite=1e-4)
LOOSE = Budget(alpha_suite=1e-3, beta_suite=1e-2)


# The others take half a minute each; `giantstep verify` decides all of them, in .ci/run with loose error rates.
CHEAP = (
    "exactness/descent",
    "giant-step/gradient-expansion",
    "giant-step/one-step-norm",
    "giant-step/one-direction",
    "giant-step/necessity",
    "giant-step/preprocessing",
    "giant-step/limit-law",
)


@pytest.mark.parametrize(
    "claim", [pytest.param(c.id, marks=() if c.id in CHEAP else pytest.mark.slow) for c in checks.claims()]
)
def test_theory_and_simulation_agree_and_every_foil_dies(claim):
    share = BUDGET.share(dict.fromkeys((c.id for c in checks.claims()), 1.0))[claim]
    verdict = checks.verify(claim, budget=Budget(share.alpha, share.beta), seed=20231)
    assert verdict.status is Status.AGREE, verdict.to_json()
    assert {status for _, status in verdict.foils} == {Status.DISAGREE}


@pytest.mark.parametrize("claim", ["exactness/descent", "giant-step/gradient-expansion", "giant-step/one-step-norm"])
def test_an_independent_simulator_passes_too(claim):
    assert checks.verify(claim, budget=BUDGET, simulate=oracle).status is Status.AGREE


# What is wrong shows on low ladders already, where the second simulator, which is explicit, can follow.
LOW = (64, 256)
CLAIMS = {
    **{claim.id: claim for claim in checks.claims()},
    "giant-step/one-direction": replace(one_direction.CLAIM, plans={"quick": ladder_plan([one_direction.CASE], LOW)}),
    "giant-step/staircase": replace(staircase.CLAIM, plans={"quick": ladder_plan(staircase.CASES, LOW)}),
    "giant-step/stuck": replace(stuck.CLAIM, plans={"quick": ladder_plan((stuck.LEAP_THREE, stuck.PRODUCT), LOW)}),
    "giant-step/parity": replace(parity.CLAIM, plans={"quick": ladder_plan(parity.CASES, LOW)}),
}
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

    verdict = checks.verify(CLAIMS[claim], budget=LOOSE, simulate=planted)
    assert verdict.status is Status.DISAGREE


def everywhere(value, names):
    """A simulator that has these arrays hold one number, and in all else repeats what one replica does."""

    def simulate(setting, replicas, **options):
        run = sim.simulate(setting, replicas=1, **options)
        arrays = {
            name: np.repeat(getattr(run, name), replicas, axis=0)
            for name in ("overlaps", "gram", "cosines", "rows", "test_error", "train_error", "alpha", "bias")
            if getattr(run, name) is not None
        }
        return replace(run, **{name: array * 0 + value if name in names else array for name, array in arrays.items()})

    return simulate


diverging = everywhere(np.nan, ("overlaps", "cosines", "gram", "rows", "train_error"))
frozen = everywhere(0.0, ("overlaps", "cosines", "rows"))


@pytest.mark.parametrize("claim", [claim.id for claim in checks.claims()])
@pytest.mark.parametrize("broken", [diverging, frozen], ids=["diverging", "frozen"])
def test_a_simulator_that_returns_nonsense_never_agrees_and_raises_nothing(claim, broken):
    verdict = checks.verify(CLAIMS[claim], budget=LOOSE, simulate=broken)
    assert verdict.status in (Status.DISAGREE, Status.INCONCLUSIVE)
    assert "<simulate>" in verdict.replay
