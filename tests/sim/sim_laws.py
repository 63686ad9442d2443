"""Do two simulators draw from one law? Projections of whole trajectories, compared by exact two-sample tests."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ks_2samp

import sim

LEVEL = 1e-6  # of each comparison, over all its projections: how often two equal laws are told apart


def statistics(run: sim.Run) -> np.ndarray:
    """(replicas, statistics): of two neurons at all times overlaps, the same times alpha, norms, product; errors."""
    assert run.gram is not None
    replicas, neurons = len(run.alpha), min(2, run.overlaps.shape[2])
    overlaps = run.overlaps[:, :, :2, :2]
    columns = [
        overlaps.reshape(replicas, -1),
        (run.alpha[:, None, :2, None] * overlaps).reshape(replicas, -1),
        np.sum(run.overlaps**2, axis=(2, 3)),
        np.einsum("rtii->rt", run.gram),
        np.einsum("rtij,ri,rj->rt", run.gram, run.alpha, run.alpha),
    ]
    columns += [run.gram[:, :, i, j] for i in range(neurons) for j in range(i + 1)]
    columns += [np.diff(run.overlaps[:, :, 0, 0], axis=1), np.diff(run.gram[:, :, 0, 0], axis=1)]
    columns += [error for error in (run.test_error, run.train_error) if error is not None]
    return np.concatenate(columns, axis=1)


def smallest_p_value(one: sim.Run, two: sim.Run) -> float:
    """Bonferroni over the projections of two-sample Kolmogorov-Smirnov p-values (ties make them larger).

    Values are rounded to 11 decimals: what is constant in law up to round-off, such as a unit norm, ties.
    """
    columns = [np.round(statistics(run), 11).T for run in (one, two)]
    values = [ks_2samp(a, b, method="asymp").pvalue for a, b in zip(*columns, strict=True)]
    return min(1.0, len(values) * min(values))


def rows_over_time(run: sim.Run) -> sim.Run:
    """The run with coordinates outside the teacher's as overlaps, and products with the first rows as Gram matrices."""
    assert run.rows is not None
    k = run.overlaps.shape[-1]
    np.testing.assert_allclose(run.rows[..., :k], run.overlaps, atol=1e-12)
    np.testing.assert_allclose(run.rows @ run.rows.swapaxes(-1, -2), run.gram, atol=1e-11)
    across = np.einsum("rtid,rjd->rtij", run.rows[:, 1:], run.rows[:, 0])
    return replace(run, overlaps=run.rows[..., k : k + 2], gram=across, train_error=None)


def assert_no_bit_depends_on_grouping(bits: Callable[..., list[np.ndarray]], monkeypatch: pytest.MonkeyPatch) -> None:
    """bits(replicas=, threads=): what a run gives. Groups are those of ``sim.groups``."""
    three = bits(replicas=3, threads=1)
    for one, two in zip(three, bits(replicas=3, threads=3), strict=True):
        np.testing.assert_array_equal(one, two)
    for one, two in zip(three, bits(replicas=2, threads=1), strict=True):
        np.testing.assert_array_equal(one[:2], two)
    monkeypatch.setattr("sim.groups.GROUP_BYTES", 1)
    for one, two in zip(three, bits(replicas=3, threads=2), strict=True):
        np.testing.assert_array_equal(one, two)
