"""Verdicts do not depend on where results come from: computed here, by workers, or found in a store."""

import json
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import checks
import sim
from checks import Budget, Draw, Verdict
from checks.campaign import Campaign, Store, Workers
from checks.judge import measured
from theory import ProblemError

CLAIMS = {claim.id: claim for claim in checks.claims()}
CHOSEN = checks.select(("giant-step/one-step-norm", "giant-step/one-direction"))
LOOSE = Budget(alpha_suite=1e-2, beta_suite=1e-1)


def decided(campaign: Campaign | None) -> list[str]:
    """The verdicts as JSON, but for the time they took."""
    verdicts = checks.verify_all(CHOSEN, LOOSE, depth="smoke", campaign=campaign)
    return [json.dumps(replace(verdict, seconds=0.0).to_json()) for verdict in verdicts]


@pytest.fixture(scope="module")
def expected() -> list[str]:
    return decided(None)


def test_workers_give_the_same_verdicts(expected):
    with Workers(2) as executor:
        assert decided(Campaign(None, executor)) == expected


def test_theory_leaves_the_cores_to_the_workers():
    def blas_threads() -> set[int]:
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    def watched(plan: checks.Plan) -> tuple[checks.verdict.Component, ...]:
        seen.append(blas_threads())
        return CHOSEN[0].components(plan)

    seen: list[set[int]] = []
    before, claim = blas_threads(), replace(CHOSEN[0], id="own/watched", components=watched)
    with Workers(1) as executor:
        checks.verify(claim, LOOSE, depth="smoke", campaign=Campaign(None, executor))
    assert seen == [{1}]
    assert blas_threads() == before


def test_a_store_gives_the_same_verdicts_whole_or_in_part(expected, tmp_path):
    with Store(tmp_path / "store.sqlite") as store:
        first = Campaign(store)
        assert decided(first) == expected
        assert first.answered == 0
        assert first.computed == first.expected
        second = Campaign(store)
        assert decided(second) == expected
        assert (second.answered, second.computed) == (first.computed, 0)
        store._database.execute("DELETE FROM result WHERE rowid % 3 = 0")
        third = Campaign(store)
        assert decided(third) == expected
        assert third.answered > third.computed > 0


def test_another_seed_is_not_answered_by_the_first(tmp_path):
    with Store(tmp_path / "store.sqlite") as store:
        for seed in (0, 1):
            campaign = Campaign(store)
            list(checks.verify_all(CHOSEN[:1], LOOSE, depth="smoke", seed=seed, campaign=campaign))
            assert campaign.answered == 0


def test_own_simulators_are_never_answered_from_a_store(tmp_path):
    with Store(tmp_path / "store.sqlite") as store:
        assert decided(Campaign(store))
        verdict = checks.verify(
            CHOSEN[0], LOOSE, CLAIMS["giant-step/one-step-norm"].mutants["eta doubled"](sim.simulate),
            depth="smoke", campaign=Campaign(store),
        )  # fmt: skip
        assert isinstance(verdict, Verdict)
        assert verdict.status is checks.Status.DISAGREE


def test_a_failure_in_one_claim_ends_the_others(monkeypatch):
    broken = replace(CHOSEN[1], id="own/broken", measure=lambda plan, draw: 1 / 0)
    with Workers(1) as executor:
        campaign = Campaign(None, executor)
        with pytest.raises(ZeroDivisionError):
            list(checks.verify_all((broken, CHOSEN[0]), LOOSE, depth="smoke", campaign=campaign))
        (verdict,) = checks.verify_all(CHOSEN[:1], LOOSE, depth="smoke", campaign=campaign)  # it goes on with others
    assert verdict.status is checks.Status.AGREE


@pytest.mark.parametrize("claim", list(CLAIMS))
def test_a_stage_measured_in_parts_is_the_stage(claim):
    plan = CLAIMS[claim].plan("smoke")
    small = replace(plan, settings=dict(list(plan.settings.items())[:2]))
    try:
        whole = measured(CLAIMS[claim], small, Draw(sim.simulate, 3, claim, 1, 3))
    except (KeyError, IndexError):  # the claim needs all of its settings
        whole = measured(CLAIMS[claim], small := plan, Draw(sim.simulate, 3, claim, 1, 3))
    ends = [measured(CLAIMS[claim], small, Draw(sim.simulate, 3, claim, 1, n, first)) for first, n in ((0, 1), (1, 2))]
    for name, values in whole.items():
        parts = np.concatenate([end[name] for end in ends])
        np.testing.assert_allclose(parts, values, rtol=1e-9, atol=1e-12, err_msg=name)


def test_many_replicas_in_place_of_one_are_cut_alike():
    draw = Draw(sim.simulate, 3, "a/b", 0, replicas=2, first=4).times(8)
    assert (draw.first, draw.replicas) == (32, 16)


def test_a_store_that_is_none_is_refused(tmp_path):
    (tmp_path / "store.sqlite").write_text("a letter of some length, that is no database " * 40)
    with pytest.raises(ProblemError, match="no store of giantstep"):
        Store(tmp_path / "store.sqlite")
