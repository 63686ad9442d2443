"""The verdict as a record: headline, foils, JSON."""

import json
import subprocess
import sys
from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.verdict import ComponentRecord, Fate, Interval, Outcome, Rung, Status, Verdict
from theory.problem import ProblemError

AGREE, DISAGREE, INCONCLUSIVE = Status.AGREE, Status.DISAGREE, Status.INCONCLUSIVE


def component(name: str, status: Status, lo: float, hi: float, resolved: bool = False) -> ComponentRecord:
    return ComponentRecord(
        name, status, (lo + hi) / 2, Interval(lo, hi), 1.0, 0.5, 0.25, 1e-7, Interval(lo, hi), resolved
    )


def verdict(*records: ComponentRecord, foils: dict[str, Status], mutants: dict[str, Status]) -> Verdict:
    outcome = Outcome(records, tuple(foils.items()), n=320, alpha=1e-6, power=0.9999)
    return Verdict.of(
        outcome, claim="giant-step/staircase", group="giant-step", dims=(64, 256), seed=3, seconds=1.5,
        replay="giantstep verify giant-step/staircase", mutants=mutants,
    )  # fmt: skip


GOOD = component("safe", AGREE, 0.9, 1.1), component("tight", AGREE, 0.8, 1.7, resolved=True)
DEAD = {"leap": DISAGREE}, {"wrong step": DISAGREE}


def test_headline_is_the_component_closest_to_failing() -> None:
    record = verdict(*GOOD, foils=DEAD[0], mutants=DEAD[1])
    assert record.status is AGREE
    assert (record.estimate, record.interval) == (1.25, Interval(0.8, 1.7))
    assert record.flags == ("resolved_bias",)
    assert record.foils == (("leap", DISAGREE), ("wrong step", DISAGREE))
    open_one = component("open", INCONCLUSIVE, 1.0, 1.76)
    refuted = component("refuted", DISAGREE, 1.3, 1.8)
    wide = component("wide", INCONCLUSIVE, -inf, inf)
    assert verdict(*GOOD, open_one, wide, foils={}, mutants={}).interval == wide.interval
    assert verdict(*GOOD, open_one, foils={}, mutants={}).status is INCONCLUSIVE
    worst = verdict(*GOOD, wide, refuted, foils={}, mutants={})
    assert (worst.status, worst.estimate, worst.interval) == (DISAGREE, 1.55, refuted.interval)
    assert verdict(GOOD[0], foils=DEAD[0], mutants={}).flags == ()
    below = component("below", AGREE, 0.26, 1.0)  # 0.74 below the prediction, where "tight" is 0.7 above
    assert verdict(*GOOD, below, foils=DEAD[0], mutants={}).interval == below.interval


@pytest.mark.parametrize("survivor", [AGREE, INCONCLUSIVE, Status.POWERLESS])
def test_a_surviving_foil_or_mutant_makes_the_claim_powerless(survivor: Status) -> None:
    assert verdict(*GOOD, foils={"leap": survivor}, mutants=DEAD[1]).status is Status.POWERLESS
    assert verdict(*GOOD, foils=DEAD[0], mutants={"wrong step": survivor}).status is Status.POWERLESS
    refuted = component("refuted", DISAGREE, 1.3, 1.8)
    assert verdict(refuted, foils={"leap": survivor}, mutants={}).status is DISAGREE


def test_a_claim_that_could_not_fail_is_powerless() -> None:
    assert verdict(*GOOD, foils={}, mutants={}).status is Status.POWERLESS


def test_json_is_the_published_line() -> None:
    line = verdict(*GOOD, foils=DEAD[0], mutants={}).to_json()
    published = {
        "schema": 1,
        "claim": "giant-step/staircase",
        "group": "giant-step",
        "status": "AGREE",
        "estimate": 1.25,
        "interval": [0.8, 1.7],
        "prediction": 1.0,
        "margin": 0.5,
        "bias": 0.25,
        "alpha": 1e-6,
        "seconds": 1.5,
        "foils": [{"name": "leap", "status": "DISAGREE"}],
        "replay": "giantstep verify giant-step/staircase",
    }
    assert published.items() <= line.items()
    assert set(line) - set(published) == {"power", "n", "dims", "seed", "flags", "components"}


numbers = st.floats(allow_nan=True, allow_infinity=True)
names = st.text(max_size=8)
statuses = st.sampled_from(Status)
ends = st.floats(allow_nan=False)
intervals = st.tuples(ends, ends).map(lambda pair: Interval(*sorted(pair)))
ladders = st.lists(st.builds(Rung, numbers, numbers, intervals), max_size=3).map(tuple)
records = st.builds(
    ComponentRecord, names, statuses, numbers, intervals, numbers, numbers, numbers, numbers, intervals, st.booleans(),
    ladders,
)  # fmt: skip
fates = st.builds(Fate, names, st.sampled_from(["theory", "simulator"]), records)
verdicts = st.builds(
    Verdict, names, names, statuses, numbers, intervals, numbers, numbers, numbers, numbers, numbers,
    st.integers(0, 10**12), st.lists(st.integers(1, 10**7), max_size=3).map(tuple), st.integers(0, 2**128),
    numbers, st.lists(names, max_size=2).map(tuple), st.lists(records, max_size=3).map(tuple),
    st.lists(st.tuples(names, statuses), max_size=3).map(tuple), names, st.lists(fates, max_size=2).map(tuple),
)  # fmt: skip


@given(verdicts)
def test_json_round_trip(record: Verdict) -> None:
    """Through strict JSON, which has no NaN and no infinity. repr tells NaN apart from everything else."""
    back = Verdict.from_json(json.loads(json.dumps(record.to_json(), allow_nan=False)))
    assert repr(back) == repr(record)


@pytest.mark.parametrize(
    "damage",
    [
        {"schema": 2},
        {"schema": None},
        {"status": "MAYBE"},
        {"estimate": "much"},
        {"estimate": True},
        {"estimate": None},
        {"interval": [1.0]},
        {"interval": [2.0, 1.0]},
        {"interval": ["nan", 1.0]},
        {"foils": [{"name": "leap"}]},
        {"components": [{}]},
        {"fates": [{"name": "leap"}]},
        {"fates": [{"name": "leap", "kind": "rumour", "record": {}}]},
        {"dims": 3},
    ],
)
def test_other_records_are_refused(damage: dict) -> None:
    line = verdict(*GOOD, foils=DEAD[0], mutants={}).to_json()
    with pytest.raises(ProblemError, match="schema 1"):
        Verdict.from_json(line | damage)


def test_a_missing_field_is_refused() -> None:
    line = verdict(*GOOD, foils=DEAD[0], mutants={}).to_json()
    for key in line:
        with pytest.raises(ProblemError, match="schema 1"):
            Verdict.from_json({name: value for name, value in line.items() if name != key})


def test_infinities_and_nan_are_strings() -> None:
    wide = replace(GOOD[0], estimate=nan, interval=Interval(-inf, inf))
    line = verdict(wide, foils=DEAD[0], mutants={}).to_json()
    assert (line["estimate"], line["interval"]) == ("nan", ["-inf", "inf"])
    assert line["components"][0]["interval"] == ["-inf", "inf"]


def test_importing_the_rule_loads_nothing_slow() -> None:
    code = "import checks.verdict, sys; print({'scipy', 'numba', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
