"""The route through overlaps and Gram matrices has the law of the route through rows of R^d."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sim_readouts import copies, readout_setting, without_rows

import sim
from sim.readout import task

REPLICAS = 600
LEVEL = 1e-6  # of a comparison, over its statistics: how often two equal laws are told apart
FAR = 6.0  # standard errors between two means: 2e-9 if they are equal
RUN = copies(readout_setting(p=5, d=12, bias=0.5, activation="relu"), REPLICAS)


def statistics(found: sim.Readout) -> np.ndarray:
    """(statistics, replicas)."""
    assert found.learned is not None
    columns = [found.train_error, found.test_error, *found.coefficients.T[:3], *found.learned.T[1:]]
    columns += [(found.coefficients**2).sum(axis=1), np.log(found.ridge)]
    return np.array(columns if found.scores is None else [*columns, *found.scores.T])


def p_value(one: sim.Readout, two: sim.Readout) -> float:
    """Bonferroni over two-sample Kolmogorov-Smirnov tests (ties make them larger)."""
    pairs = zip(statistics(one), statistics(two), strict=True)
    values = [ks_2samp(a, b, method="asymp").pvalue for a, b in pairs]
    return min(1.0, len(values) * min(values))


def both(n: int, run: sim.Run, **options: Any) -> tuple[sim.Readout, sim.Readout]:
    chosen = {"test_samples": 32, "ridge": (0.02, 0.5), **options}
    rows = sim.fit_readout(run, n, rng=0, route="rows", **chosen)
    return rows, sim.fit_readout(without_rows(run), n, rng=1, route="reduced", **chosen)


@pytest.mark.parametrize(
    ("n", "preprocess", "choose"),
    [(3, None, "leave-one-out"), (12, None, "validation"), (3, 1, "validation"), (12, 1, "leave-one-out"), (12, 0, "")],
)
def test_both_routes_have_one_law(n: int, preprocess: int | None, choose: str) -> None:
    options: dict[str, Any] = {"choose": choose} if choose else {"ridge": 0.1}
    rows, reduced = both(n, RUN, preprocess=preprocess, **options)
    assert (rows.route, reduced.route) == ("rows", "reduced")
    assert p_value(rows, reduced) > LEVEL


def test_mean_errors_agree() -> None:
    run = copies(readout_setting(p=6, d=8, bias=0.5), REPLICAS)  # p + k = d: nothing is hidden
    rows, reduced = (statistics(found)[:2] for found in both(20, run, ridge=0.1))
    spread = np.hypot(rows.std(axis=1), reduced.std(axis=1)) / np.sqrt(REPLICAS)
    assert (np.abs(rows.mean(axis=1) - reduced.mean(axis=1)) <= FAR * spread).all()


def test_trained_networks_have_one_law_too() -> None:
    """Explicit descent and its rows, against the simulator that knows overlaps and Gram matrices only."""
    problem = readout_setting(p=6, d=20, init="symmetric", bias=0.3, activation="relu", n=40, steps=2, eta="2*p")
    explicit = sim.simulate(problem, 0, REPLICAS, "direct", record="rows", at=[2])
    reduced = sim.simulate(problem, 1, REPLICAS, "conditioned", record="gram", at=[2])
    one = sim.fit_readout(explicit, 60, (0.1, 10.0), 2, route="rows", test_samples=32)
    two = sim.fit_readout(reduced, 60, (0.1, 10.0), 3, test_samples=32)
    assert (one.route, two.route) == ("rows", "reduced")
    assert p_value(one, two) > LEVEL


@pytest.mark.parametrize("change", [-5, 5])
def test_a_wrong_number_of_hidden_coordinates_is_seen(change: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The 5 of them carry part of what preprocessing removes."""
    right = task.removed
    rows = sim.fit_readout(RUN, 6, 0.02, route="rows", preprocess=1, test_samples=32)
    monkeypatch.setattr(task, "removed", lambda *given: right(given[0], given[1], given[2] + change, given[3]))
    wrong = sim.fit_readout(RUN, 6, 0.02, 1, route="reduced", preprocess=1, test_samples=32)
    assert p_value(rows, wrong) < LEVEL
