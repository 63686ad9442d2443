"""A thousand claims about a small case: error rates as promised, on samples drawn afresh.

`python tests/verdict/test_verdict_meta.py` prints the rates.
"""

from collections import Counter

import numpy as np
import pytest
from rates import assert_rate_at_least, assert_rate_at_most

from checks.verdict import (
    Combination,
    Component,
    Data,
    Exponent,
    Frequency,
    Mean,
    Median,
    Status,
    first_stage,
    run_stages,
)

ALPHA, BETA, RUNS, STAGES = 1e-2, 5e-2, 1000, 3
MARGIN, BIAS = 0.3, 0.1

# One of each kind that a claim about hitting times and overlaps uses; the spreads are the true ones.
COMPONENTS = (
    Component("median", 0.0, MARGIN, BIAS, Median("overlap", 1.0)),
    Component("mean", 0.5, MARGIN, BIAS, Mean("bounded", 0.0, 1.0, 0.3)),
    Component("event", 0.5, MARGIN, BIAS, Frequency("hit", 0.5)),
    Component("difference", 0.0, MARGIN, BIAS, Combination((("overlap", 1.0), ("other", -1.0)), 1.0)),
    Component("exponent", 1.0, MARGIN, BIAS, Exponent(((16, "t16"), (256, "t256")), 0.5)),
)


def draw(rng: np.random.Generator, shift: float, n: int) -> Data:
    """Every component's quantity is its prediction + shift; the mean of U^k is 1/(k + 1)."""
    mean = 0.5 + shift
    return {
        "overlap": rng.normal(shift, 1.0, n),
        "other": rng.normal(0.0, 1.0, n),
        "bounded": rng.random(n) ** ((1 - mean) / mean),
        "hit": rng.random(n) < 0.5 + shift,
        "t16": 16 * np.exp(rng.normal(0.0, 0.5, n)),
        "t256": 256 * 16**shift * np.exp(rng.normal(0.0, 0.5, n)),
    }


def rates(claim: tuple[Component, ...], shift: float) -> tuple[Counter[Status], float]:
    """Statuses of RUNS independent runs of a claim of these components, and its planned power."""
    n0 = first_stage(claim, stages=STAGES, alpha=ALPHA, beta=BETA)
    statuses: Counter[Status] = Counter()
    for replica in range(RUNS):

        def measure(stage: int, n: int, replica: int = replica) -> Data:
            return draw(np.random.default_rng([7, replica, stage]), shift, n)

        outcome = run_stages(measure, claim, n0=n0, stages=STAGES, alpha=ALPHA, beta=BETA)
        statuses[outcome.status] += 1
    return statuses, outcome.power


@pytest.mark.parametrize("shift", [0.0, BIAS, -BIAS])
def test_a_right_theory_is_rarely_rejected(shift: float) -> None:
    """All five components together, with discrepancies within the allowance, at its very edges too."""
    statuses, power = rates(COMPONENTS, shift)
    assert power >= 1 - BETA
    assert_rate_at_most(ALPHA, statuses[Status.DISAGREE], RUNS)
    assert_rate_at_least(power, statuses[Status.AGREE], RUNS)


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.name)
@pytest.mark.parametrize("shift", [BIAS + MARGIN, -BIAS - MARGIN])
def test_a_wrong_theory_is_caught(component: Component, shift: float) -> None:
    """Each component on its own, with a discrepancy of exactly bias + margin."""
    statuses, power = rates((component,), shift)
    assert power >= 1 - BETA
    assert_rate_at_least(power, statuses[Status.DISAGREE], RUNS)
    assert_rate_at_most(ALPHA, statuses[Status.AGREE], RUNS)


if __name__ == "__main__":
    cases = [(COMPONENTS, shift) for shift in (0.0, BIAS, -BIAS)]
    cases += [((component,), sign * (BIAS + MARGIN)) for component in COMPONENTS for sign in (1, -1)]
    for claim, shift in cases:
        statuses, power = rates(claim, shift)
        counts = ", ".join(f"{status} {statuses[status]}" for status in list(Status)[:3])
        print(f"{'+'.join(c.name for c in claim)}: off by {shift:+.1f}: {counts}; planned power {power:.4f}")
