"""Planted conjectures against real descent: the false ones fall with small counterexamples, true ones stand.

A true one is refuted with probability at most 1e-3 a run, if medians at these d obey it as they do in the limit. A
false one has twenty blocks of ten settings to fall in; it fell in one of the first eight wherever it was tried.
"""

import pytest

from checks.probe import conjectures, probe

FALSE = [c.id for c in conjectures() if c.truth is False]
TRUE = [c.id for c in conjectures() if c.truth is True]


@pytest.mark.parametrize("name", FALSE)
def test_a_false_one_is_refuted_with_at_most_three_monomials(name):
    found = probe(name, tasks=200)
    assert found.status == "REFUTED"
    assert len(found.counterexample.setting.target.terms) <= 3


@pytest.mark.parametrize("name", TRUE)
def test_a_true_one_stands(name):
    found = probe(name, tasks=20)
    assert found.status == "NOT_REFUTED"
    assert 0 < found.statistics["tried"] <= 20


@pytest.mark.slow
@pytest.mark.parametrize("name", TRUE)
def test_twenty_runs_of_a_true_one_refute_nothing(name):
    """On descent, each run on data of its own. One is refuted by chance with probability 1e-3, one of 20 with 2 %."""
    outcomes = [probe(name, tasks=20, seed=seed) for seed in range(20)]
    assert {outcome.status for outcome in outcomes} == {"NOT_REFUTED"}
    assert sum(outcome.statistics["tried"] for outcome in outcomes) > 200
