"""Trained rows and explicit regressions the tests of the readout share."""

from dataclasses import replace
from typing import Any

import numpy as np
import sympy
from sim_problems import setting

import sim
from sim.data import Teacher
from sim.random.streams import Streams, seed_sequence
from sim.readout.coordinates import coordinates
from sim.readout.samples import Samples
from theory.problem import Setting


def trained(problem: Setting, rows: np.ndarray, bias: np.ndarray | None = None) -> sim.Run:
    """A run of one step kept, whose replicas have these rows (replicas, p, d)."""
    replicas, p, _ = rows.shape
    everything = rows[:, None]
    return sim.Run(
        setting=problem,
        method="given",
        why="a test",
        at=(problem.regime.steps,),
        alpha=np.ones((replicas, p)),
        bias=np.zeros((replicas, p)) if bias is None else np.tile(bias, (replicas, 1)),
        diverged=np.zeros(replicas, bool),
        overlaps=everything[..., : problem.target.k],
        gram=everything @ everything.swapaxes(2, 3),
        rows=everything,
    )


def without_rows(run: sim.Run) -> sim.Run:
    """The same run as a simulator without rows would leave it."""
    return replace(run, rows=None)


def copies(problem: Setting, replicas: int, scale: float = 1.0, seed: int = 0) -> sim.Run:
    """The same Gaussian rows, norms about `scale`, in every replica; so only the readout is random."""
    p, d = problem.student.p, problem.regime.d
    rows = scale * np.random.default_rng(seed).standard_normal((p, d)) / np.sqrt(d)
    return trained(problem, np.tile(rows, (replicas, 1, 1)))


def explicit(run: sim.Run, route: str, rng: int, replica: int, batch: int, size: int, **options: Any) -> tuple:
    """(features / sqrt(p), labels, z) of a batch, from whole arrays; options: those of ``Samples``."""
    rows, _ = coordinates(run, len(run.at) - 1, replica + 1, route)
    problem = run.setting
    z = np.empty((size, rows.shape[2]))
    streams = Streams(seed_sequence(rng), replica)
    labels = Samples(Teacher(problem.target), streams, batch, size, rows.shape[2], **options).draw(0, z)
    activation = problem.student.activation
    sigma = sympy.lambdify(activation.symbol, activation.expr, modules=["scipy", "numpy"])
    fields = z @ rows[replica].T + run.bias[replica]
    return np.broadcast_to(sigma(fields), fields.shape) / np.sqrt(len(rows[replica])), labels, z


def ridge(features: np.ndarray, labels: np.ndarray, penalty: float) -> np.ndarray:
    """Least squares on the matrix augmented by sqrt(penalty) I: no product of features is formed."""
    p = features.shape[1]
    augmented = np.concatenate([features, np.sqrt(penalty) * np.eye(p)])
    return np.linalg.lstsq(augmented, np.concatenate([labels, np.zeros(p)]), rcond=None)[0]


def readout_setting(**options: Any) -> Setting:
    """A small noisy problem with biases."""
    chosen = {"p": 8, "d": 30, "noise": 0.3, "init": "plain", "bias": "uniform", **options}
    return setting(**chosen)
