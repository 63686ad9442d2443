"""Do two simulators draw from one law? Projections of whole trajectories, compared by exact two-sample tests."""

import numpy as np
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
