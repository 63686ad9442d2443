"""How many replicas a claim and its wrong simulators begin with: enough to decide something, and of planned power."""

import threading

import pytest

from checks import claims
from checks.campaign import Campaign
from checks.judge import Judge
from checks.verdict import Share, median_interval, planned_power, sample_sizes, spend

SHARES = [Share(1e-4, 1e-2), Share(4e-6, 4e-4), Share(1e-9, 1e-6)]


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("name", ["exactness/descent", "giant-step/one-direction", "readout/random-features"])
def test_first_looks(name: str, share: Share) -> None:
    (claim,) = (claim for claim in claims() if claim.id == name)
    judge = Judge(claim, share, "quick", 0, None, Campaign(), threading.Event())
    n0, stages = judge.mutant_stages
    designs = [(judge.first_stage, judge.plan.stages), (n0, stages)]
    for first, count in designs:
        power = planned_power(judge.components, n0=first, stages=count, alpha=share.alpha)
        assert power >= 1 - judge.beta
        if count > 1:
            level = spend(share.alpha / len(judge.components), count)[0]
            interval = median_interval(range(first), level)
            assert interval.lo >= 0  # of so few, the median is bounded
            assert interval.hi < first
    assert n0 <= judge.first_stage
    worst = 4 * designs[0][0] if claim.plan("quick").stages == 1 else sample_sizes(*designs[0])[-1]
    assert sample_sizes(n0, stages)[-1] <= 1.5 * worst
    assert judge.tasks() >= 1 + len(claim.mutants)
