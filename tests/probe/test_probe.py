"""The prober: refutes what is false with the simplest counterexample, lets stand what is true, resumes, replays."""

import json

import numpy as np
import pytest
from probe_toys import (
    Coin,
    Dataless,
    Empty,
    Fails,
    FewTerms,
    Fickle,
    ManyTerms,
    Nameless,
    Silent,
    Thin,
    Untupled,
    WrongShape,
)
from scipy.stats import binom

from checks.campaign import Campaign, Store, Workers
from checks.probe import Conjecture, Counterexample, Ladder, conjectures, probe, replay
from checks.probe.search import search_block
from checks.probe.trial import ConjectureError, arguments_of, excesses, unpacked
from theory.problem import ProblemError


def test_a_false_conjecture_falls_to_its_simplest_counterexample():
    found = probe(FewTerms(), tasks=60)
    assert (found.status, found.conjecture) == ("REFUTED", "probe_toys:FewTerms")
    assert len(found.counterexample.setting.target.terms) == 3
    assert set(found.counterexample.setting.target.terms.values()) == {1}
    assert found.e_value > 500
    again = replay(found.counterexample)
    assert again.status == "REFUTED"
    assert replay(found.counterexample, seed=123).status == "REFUTED"  # all 48 are above: missed at 1e-6


def test_what_the_final_data_do_not_confirm_is_not_reported():
    """`replay` looks at these: a file that it does not confirm would be no counterexample."""
    found = probe(Fickle(), tasks=30)
    assert (found.status, found.counterexample) == ("NOT_REFUTED", None)
    assert found.statistics["confirmations"] == found.statistics["suspects"] == 3
    assert found.e_value > 1e6


def test_a_true_conjecture_stands_twenty_times():
    outcomes = [probe(ManyTerms(), tasks=10, seed=seed) for seed in range(20)]
    assert {outcome.status for outcome in outcomes} == {"NOT_REFUTED"}
    assert all(outcome.statistics["tried"] > 0 for outcome in outcomes)


def test_one_that_holds_only_just_is_suspected_often_and_refuted_no_more_than_allowed():
    """Each of 60 runs refutes with probability at most 0.2: more than 32 do once in 10^7 times. The search picks the
    unluckiest of its settings, so data that it shares with a confirmation would show."""
    outcomes = [probe(Coin(), tasks=20, seed=seed, alpha=0.2) for seed in range(60)]
    assert sum(outcome.statistics["suspects"] > 0 for outcome in outcomes) > 3
    assert binom.sf(32, 60, 0.2) < 1e-7
    assert sum(outcome.status == "REFUTED" for outcome in outcomes) <= 32
    e_values = np.minimum([outcome.e_value for outcome in outcomes], 50)  # mean at most 1, so a variance below 49
    assert np.mean(e_values) <= 1 + 6 * 7 / 60**0.5


def test_search_and_confirmation_see_different_data():
    (setting,) = {unpacked(row) for row in search_block(arguments_of(Coin(), seed=0, block=2), 0, 1, 1)["case"]}
    found = [
        excesses(Coin(), setting, 0.0, Ladder((16,), 12), 0, phase)["terms"]
        for phase in ("search 0", "confirmation 1, ladder 0", "final, ladder 0", "search 0")
    ]
    assert len({values.tobytes() for values in found[:3]}) == 3
    np.testing.assert_array_equal(found[0], found[3])


def test_outcomes_do_not_depend_on_store_or_workers(tmp_path):
    plain = probe(FewTerms(), tasks=40).to_json()
    with Store(tmp_path / "s.sqlite") as store:
        assert probe(FewTerms(), tasks=40, campaign=Campaign(store)).to_json() == plain
        second = Campaign(store)
        assert probe(FewTerms(), tasks=40, campaign=second).to_json() == plain
        assert second.computed == 0
    with Workers(2) as executor:
        assert probe(FewTerms(), tasks=40, campaign=Campaign(None, executor)).to_json() == plain
    assert probe(FewTerms(), tasks=40, seed=1).to_json() != plain


def test_a_time_limit_ends_a_search():
    found = probe(ManyTerms(), tasks=None, seconds=1e-3)
    assert found.statistics["tried"] <= found.tasks == 10


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"tasks": None}, "when to stop"),
        ({"tasks": 0}, "tasks"),
        ({"seconds": float("nan")}, "seconds"),
        ({"alpha": 1.5}, "alpha"),
    ],
)
def test_bad_options_are_one_clear_line(options, word):
    with pytest.raises(ProblemError, match=word):
        probe(ManyTerms(), **options)


def test_replicas_that_could_never_refute_are_refused():
    """All ten positive: 2^11 / 11 (1 - 2^-11) = 186, where a first confirmation needs pi^2 / 6 / alpha."""
    with pytest.raises(ProblemError, match="10 replicas of a confirmation can never reach"):
        probe(Thin(), tasks=10)
    assert probe(Thin(), tasks=10, alpha=0.01).tasks == 10
    with pytest.raises(ProblemError, match="can never"):
        probe(Thin(), tasks=10, alpha=0.0088)


NONE = ["nothing", "no.such:Thing", "probe_toys:missing", "json:loads", ":", "a:b:c", "probe_broken:Thing"]


@pytest.mark.parametrize("name", NONE)
def test_conjectures_that_are_none_are_refused(name):
    with pytest.raises(ProblemError):
        probe(name)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (WrongShape, "one number a replica"),
        (Silent, "strategy"),
        (Nameless, "has no id"),
        (Dataless, "no ladder in confirm"),
        (Untupled, "confirm a tuple"),
        (Empty, "no replicas"),
        (Fails, "predict raised ValueError: a slip"),
    ],
)
def test_a_conjecture_that_is_badly_written_hears_so(kind, words):
    for conjecture in (kind(), f"probe_toys:{kind.__name__}"):
        with pytest.raises(ConjectureError, match=words):
            probe(conjecture, tasks=10)


def test_a_counterexample_is_a_file_and_nothing_else_is(tmp_path):
    found = probe(FewTerms(), tasks=60).counterexample
    path = tmp_path / "c.json"
    found.write(path)
    assert Counterexample.read(path) == found
    record = json.loads(path.read_text())
    for change in ({"schema": 2}, {"seed": -1}, {"seed": True}, {"conjecture": 3}, {"setting": {}}, {"extra": 1}):
        path.write_text(json.dumps(record | change))
        with pytest.raises(ProblemError):
            Counterexample.read(path)
    for text in ("", "[]", "{"):
        path.write_text(text)
        with pytest.raises(ProblemError):
            Counterexample.read(path)
    with pytest.raises(ProblemError):
        Counterexample.read(tmp_path / "missing.json")


def test_every_shipped_conjecture_says_what_it_is_and_gives_settings_it_speaks_of():
    assert len({conjecture.id for conjecture in conjectures()}) == len(conjectures())
    for conjecture in conjectures():
        assert all(getattr(conjecture, name) for name in ("id", "title", "statement", "source"))
        assert (conjecture.truth is not None) == conjecture.id.startswith("planted-")
        assert isinstance(conjecture, Conjecture)
