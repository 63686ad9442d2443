"""The staged loop: exact levels over all paths, what it asks of a simulator, and foils."""

from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np
import pytest
from rates import assert_rate_at_most
from scipy.stats import binom

from checks.verdict import (
    Component,
    Data,
    DesignError,
    Exact,
    Exponent,
    Frequency,
    Interval,
    Median,
    Outcome,
    Status,
    clopper_pearson,
    first_stage,
    median_interval,
    run_stages,
    sample_sizes,
    slope_interval,
    spend,
)
from theory.problem import ProblemError

ROUNDING = 1e-10  # of sums over some thousand paths


def coin(counts: tuple[int, ...]) -> Callable[[int, int], Data]:
    """A simulator whose event happens counts[stage] times among the new replicas of each stage."""
    return lambda stage, n: {"hit": np.arange(n) < counts[stage]}


def law_of_outcomes(p: float) -> tuple[dict[Status, float], float]:
    """Exact probabilities of each status of a two-stage claim that p = 0.25, and its planned power."""
    component = Component("hit", 0.25, 0.34, 0.05, Frequency("hit", p))
    alpha, beta = 0.02, 0.1
    n0 = first_stage([component], stages=2, alpha=alpha, beta=beta)
    law = dict.fromkeys(Status, 0.0)
    for counts in product(range(n0 + 1), range(3 * n0 + 1)):
        outcome = run_stages(coin(counts), [component], n0=n0, stages=2, alpha=alpha, beta=beta)
        law[outcome.records[0].status] += binom.pmf(counts[0], n0, p) * binom.pmf(counts[1], 3 * n0, p)
    return law, outcome.power


@pytest.mark.parametrize("p", [0.25, 0.3, 0.2])
def test_a_right_claim_is_agreed_with_at_the_planned_rate(p: float) -> None:
    """Truth within the allowance (0.05): exact level and power through every path of both stages."""
    law, power = law_of_outcomes(p)
    assert sum(law.values()) == pytest.approx(1, abs=ROUNDING)
    assert law[Status.DISAGREE] <= 0.02 + ROUNDING
    assert law[Status.AGREE] >= power - ROUNDING >= 0.9 - ROUNDING


@pytest.mark.parametrize("p", [0.64, 0.7])
def test_a_wrong_claim_is_rejected_at_the_planned_rate(p: float) -> None:
    """Truth at bias + margin (0.39) from the prediction, and beyond."""
    law, power = law_of_outcomes(p)
    assert law[Status.AGREE] <= 0.02 + ROUNDING
    assert law[Status.DISAGREE] >= power - ROUNDING >= 0.9 - ROUNDING


def event_covers(p: float, count: int, n: int, alpha: float) -> bool:
    return p in clopper_pearson(count, n, alpha)


def median_covers(_: float, below: int, n: int, alpha: float) -> bool:
    """Whether the interval covers a median with `below` of n samples below it."""
    return below + 0.5 in median_interval(np.arange(1, n + 1), alpha)


def ever_uncovered(p: float, shares: tuple[float, ...], covers: Callable[..., bool]) -> float:
    """Probability that a count's interval fails at any stage, the law of the count carried through them."""
    alive, before = np.ones(1), 0
    for size, share in zip(sample_sizes(8, len(shares)), shares, strict=True):
        alive = np.convolve(alive, binom.pmf(np.arange(size - before + 1), size - before, p))
        alive *= [covers(p, count, size, share) for count in range(size + 1)]
        before = size
    return 1 - alive.sum()


@pytest.mark.parametrize("p", [0.02, 0.3, 0.5])
@pytest.mark.parametrize("alpha", [0.2, 0.01])
def test_optional_stopping_keeps_the_level(p: float, alpha: float) -> None:
    """The chance that any stage's interval fails to cover is exact, and at most alpha.

    A median's interval depends on the number of samples below the median: the case p = 1/2.
    """
    assert ever_uncovered(p, spend(alpha, 3), event_covers) <= alpha + ROUNDING
    if p == 0.5:
        assert ever_uncovered(p, spend(alpha, 3), median_covers) <= alpha + ROUNDING
        # The whole alpha at every stage would break the promise: the test can tell.
        assert ever_uncovered(p, (alpha,) * 3, median_covers) > alpha


def gaussian(seed: int, shift: float, asked: list[tuple[int, int]], stage: int, n: int) -> Data:
    """n Gaussian samples around `shift`, noting what was asked."""
    asked.append((stage, n))
    return {"x": np.random.default_rng([seed, stage]).normal(shift, 1.0, n)}


MEDIAN = Component("median", 0.0, 0.2, 0.05, Median("x", 1.0))
DESIGN = {"n0": 200, "stages": 3, "alpha": 1e-6, "beta": 1e-4}


def run(shift: float, seed: int, foils: dict[str, dict[str, float]] | None = None) -> tuple[Outcome, list]:
    asked: list[tuple[int, int]] = []
    return run_stages(partial(gaussian, seed, shift, asked), [MEDIAN], foils=foils, **DESIGN), asked


def two_points(stage: int, n: int) -> Data:
    """Half the samples at -5 and half at 5: any median interval is [-5, 5], so that nothing is decided."""
    return {"x": np.resize([-5.0, 5.0], n)}


def test_an_open_claim_draws_every_stage() -> None:
    asked: list[tuple[int, int]] = []

    def measure(stage: int, n: int) -> Data:
        asked.append((stage, n))
        return two_points(stage, n)

    outcome = run_stages(measure, [MEDIAN], **DESIGN)
    assert asked == [(0, 200), (1, 600), (2, 2400)]
    assert outcome.records[0].status is Status.INCONCLUSIVE
    assert outcome.records[0].interval == Interval(-5, 5)
    assert outcome.n == 3200
    assert outcome.alpha == 1e-6
    assert 1 - 1e-4 <= outcome.power < 1


def test_a_doubtful_rejection_waits_for_the_last_stage() -> None:
    """[0.1, 0.3] misses the allowance 0.05 but not the region of AGREE, which ends at 0.25."""

    def measure(stage: int, n: int) -> Data:
        return {"x": np.linspace(0.1, 0.3, n)}

    doubtful = Component("range", 0.0, 0.2, 0.05, Exact("x"))
    outcome = run_stages(measure, [doubtful], n0=5, stages=2, alpha=1e-3, beta=1e-2)
    assert (outcome.n, outcome.status) == (20, Status.DISAGREE)


def test_a_gross_error_stops_at_once() -> None:
    """Ten standard deviations off, 200 samples: one of the lower 60 below 0.25 has probability < 1e-20."""
    outcome, asked = run(10.0, seed=1)
    assert asked == [(0, 200)]
    assert outcome.records[0].status is Status.DISAGREE
    assert outcome.n == 200


def test_the_result_is_a_function_of_the_data() -> None:
    assert run(0.02, seed=5)[0] == run(0.02, seed=5)[0]
    assert run(0.02, seed=5)[0] != run(0.02, seed=6)[0]


def test_what_is_decided_stays_decided() -> None:
    """The first component agrees at stage 0; later data that would refute it no longer counts for it."""

    def measure(stage: int, n: int) -> Data:
        return two_points(stage, n) | {"early": np.full(n, 9.0 * stage), "late": np.zeros(n)}

    components = [
        Component("early", 0.0, 0.2, 0.0, Exact("early")),
        Component("late", 0.0, 0.2, 0.0, Median("late", 0.01)),  # 8 samples are too few for any interval
        Component("never", 0.0, 0.2, 0.0, Median("x", 0.01)),
    ]
    outcome = run_stages(measure, components, n0=8, stages=2, alpha=0.01, beta=0.1)
    early, late, never = outcome.records
    assert (early.status, early.estimate) == (Status.AGREE, 0.0)
    assert late.status is Status.AGREE
    assert never.status is Status.INCONCLUSIVE
    assert outcome.n == 32
    assert early.alpha == pytest.approx(0.01 / 3 / 5, rel=1e-12)
    assert never.alpha == pytest.approx(0.01 / 3 * 4 / 5, rel=1e-12)


def test_foils_die_on_the_data_of_the_claim() -> None:
    """The planned power covers claim and foils together: each of 50 runs goes wrong with at most 1e-4."""
    wrong = 0
    for seed in range(50):
        outcome, _ = run(0.0, seed, foils={"opposite": {"median": -0.4}, "near": {"median": 0.31}})
        right = outcome.foils == (("opposite", Status.DISAGREE), ("near", Status.DISAGREE))
        wrong += not (right and outcome.records[0].status is Status.AGREE)
    assert_rate_at_most(1e-4, wrong, 50)


def test_a_refuted_claim_needs_no_more_data_for_its_foils() -> None:
    """One component is refuted at stage 0; the foil, right about that one, is still open and stays so."""

    def measure(stage: int, n: int) -> Data:
        return two_points(stage, n) | {"exact": np.ones(n)}

    components = [Component("exact", 0.0, 0.2, 0.0, Exact("exact")), MEDIAN]
    outcome = run_stages(measure, components, foils={"right": {"exact": 1.0}}, **DESIGN)
    assert (outcome.n, outcome.status) == (200, Status.DISAGREE)
    assert outcome.foils == (("right", Status.INCONCLUSIVE),)


def test_a_foil_that_is_true_survives() -> None:
    """The data follow the foil: it must not be reported dead, and the claim is refuted.

    The first fails with probability below alpha = 1e-6; the second needs a median 15 standard errors off.
    """
    outcome, _ = run(0.5, seed=3, foils={"truth": {"median": 0.5}})
    assert outcome.records[0].status is Status.DISAGREE
    assert outcome.foils[0][1] is not Status.DISAGREE


def test_what_refuted_a_foil_is_kept() -> None:
    """The component of the wrong theory that is farthest off, with the theory's own prediction and the claim's data.

    The exact quantity is 10 off, in units of the same 0.2 farther off than the
    median, 1 from its prediction.
    """

    def measure(stage: int, n: int) -> Data:
        return {"x": np.zeros(n), "exact": np.ones(n)}

    components = [MEDIAN, Component("exact", 1.0, 0.15, 0.05, Exact("exact"))]
    outcome = run_stages(measure, components, foils={"far": {"median": 1.0, "exact": 11.0}}, **DESIGN)
    (fate,) = outcome.fates
    assert (fate.name, fate.kind, fate.record.name) == ("far", "theory", "exact")
    assert (fate.record.prediction, fate.record.estimate) == (11.0, 1.0)
    assert fate.record.status is Status.DISAGREE
    assert (outcome.worst.name, outcome.worst.prediction) == ("median", 0.0)


def test_an_exponent_keeps_the_medians_that_its_slope_is_taken_through() -> None:
    """Their intervals, at alpha over the number of rungs, span a box whose slopes are the component's interval."""

    def measure(stage: int, n: int) -> Data:
        noise = np.random.default_rng(stage).normal(0, 0.05, (2, n))
        return {str(d): np.exp(noise[i]) / np.sqrt(d) for i, d in enumerate((64, 256))}

    slope = Component("slope", -0.5, 0.2, 0.05, Exponent(((64.0, "64"), (256.0, "256")), spread=0.1))
    (record,) = run_stages(measure, [slope], **DESIGN).records
    low, high = record.ladder
    assert (low.x, high.x) == (64.0, 256.0)
    box = [Interval(*np.log([rung.interval.lo, rung.interval.hi])) for rung in record.ladder]
    again = slope_interval(np.log([64, 256]), box).overall
    assert (record.interval.lo, record.interval.hi) == pytest.approx((again.lo, again.hi), rel=1e-12)


def never(stage: int, n: int) -> Data:
    raise AssertionError("a design error must be found before anything is simulated")


@pytest.mark.parametrize(
    ("design", "foils"),
    [
        ({"n0": 20}, {}),
        ({"alpha": 1e-3}, {}),
        ({}, {"elsewhere": {"mean": 3.0}}),
    ],
)
def test_design_errors_cost_no_simulation(design: dict, foils: dict) -> None:
    with pytest.raises(DesignError):
        run_stages(never, [MEDIAN], foils=foils, **(DESIGN | design))


def test_a_foil_that_is_the_claim_itself_is_judged_and_survives() -> None:
    """A theory broken in the code may come to equal its own foil: that must show as a verdict, not as an error.

    The claim agrees but for the beta of DESIGN; that the same prediction gets the same status is certain.
    """
    outcome, _ = run(0.0, seed=3, foils={"same": {}})
    assert outcome.foils == (("same", outcome.records[0].status),)
    assert outcome.foils[0][1] is not Status.DISAGREE


def test_components_need_distinct_names() -> None:
    for components in ([], [MEDIAN, MEDIAN]):
        with pytest.raises(ProblemError, match="distinct names"):
            run_stages(never, components, **DESIGN)


def test_dropped_and_renamed_samples_are_refused() -> None:
    def dropping(stage: int, n: int) -> Data:
        return {"x": two_points(stage, n)["x"][stage:]}

    with pytest.raises(ProblemError, match="599 rows of 'x' where 600"):
        run_stages(dropping, [MEDIAN], **DESIGN)

    def renaming(stage: int, n: int) -> Data:
        return {"xy"[stage]: two_points(stage, n)["x"]}

    with pytest.raises(ProblemError, match="had returned"):
        run_stages(renaming, [MEDIAN], **DESIGN)
