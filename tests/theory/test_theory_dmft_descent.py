"""Explicit gradient descent at d = 1000 follows the limit.

Rows start orthogonal to the teacher and to each other (as they are in the limit): this does not change the law of what
follows by more than O(1/d) in the mean. Allowed are six standard errors, of descent and limit together, and 20/d times
the size of a quantity. Deviations of the fresh-batch limit, or of train from test error, are many times that.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from theory import Regime, Setting, Student, Target, solve_dmft

D, REPLICAS = 1000, 12

ACTIVATIONS: dict[str, tuple[Callable, Callable]] = {
    "relu": (lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0),
    "tanh": (np.tanh, lambda x: np.cosh(x) ** -2.0),
}


@dataclass(frozen=True)
class Case:
    text: str
    function: Callable[..., np.ndarray]
    student: Student
    regime: dict
    noise: float = 0.0

    @property
    def setting(self) -> Setting:
        regime = Regime(**{"d": D, "n": "3*d", "eta": "p", **self.regime})
        return Setting(Target(self.text, noise=self.noise), self.student, regime)


CASES = {
    "He3, which fresh batches cannot see": Case(
        "He3(z1)", lambda a: a**3 - 3 * a, Student("tanh", 1, (1.5,), "plain"), {"steps": 3, "batch": "reused"}
    ),
    "relu, noise": Case(
        "z1 + He2(z2)", lambda a, b: a + b**2 - 1, Student("relu", 2, (0.9, -0.9), bias=0.2),
        {"steps": 3, "batch": "reused", "eta": "2*p"}, 0.3,
    ),
    "each batch twice": Case(
        "z1 + z1*z2", lambda a, b: a + a * b, Student("tanh", 2, (1.2, 0.7), "plain", 0.5),
        {"steps": 4, "batch": (0, 0, 1, 1), "eta": "2*p", "weight_decay": 0.05},
    ),
    "a batch that returns, unit rows": Case(
        "z1 + z1*z2", lambda a, b: a + a * b, Student("tanh", 4, (1.2, 0.5, -0.5, -1.2), bias=0.5),
        {"steps": 4, "batch": (0, 1, 0, 0), "eta": "2*p", "normalize_rows": True}, 0.2,
    ),
    "correlation loss, unit rows": Case(
        "z1 + z1*z2", lambda a, b: a + a * b, Student("relu", 2, (1.2, -0.7), "plain", 0.3),
        {"steps": 3, "batch": "reused", "loss": "correlation", "normalize_rows": True}, 0.2,
    ),
}  # fmt: skip


def descend(case: Case, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Overlaps, two-time correlations and training errors of one run."""
    rng, stated = np.random.default_rng(seed), case.setting
    student, regime, k = stated.student, stated.regime, stated.target.k
    v, (sigma, slope) = np.array(student.second_layer) / student.p, ACTIVATIONS[student.activation.name]
    place = [min(i, student.p - 1 - i) if student.init == "symmetric" else i for i in range(student.p)]
    rows, batches = np.eye(D)[k + np.array(place)], {}
    path, train = [rows], []
    for step in range(regime.steps + 1):
        batch = regime.batch_ids[min(step, regime.steps - 1)]
        if batch not in batches:
            x = rng.standard_normal((stated.n, D))
            batches[batch] = x, case.function(*x.T[:k]) + case.noise * rng.standard_normal(len(x))
        x, y = batches[batch]
        h = x @ rows.T + student.bias
        residual = y - sigma(h) @ v
        train.append(np.mean(residual**2))
        if regime.loss == "correlation":
            residual = y
        rows = (1 - stated.eta * regime.weight_decay) * rows
        rows = rows + stated.eta / len(x) * (residual[:, None] * slope(h) * v).T @ x
        if regime.normalize_rows:
            rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        path.append(rows)
    kept = np.array(path[:-1])
    return kept[:, :, :k], np.einsum("tix,sjx->tsij", kept, kept), np.array(train)


@pytest.mark.parametrize("name", CASES)
def test_descent_follows_the_limit(name: str) -> None:
    case = CASES[name]
    found, runs = solve_dmft(case.setting, 300_000), [descend(case, seed) for seed in range(REPLICAS)]
    foil = solve_dmft(Setting(case.setting.target, case.student, Regime(
        **{**case.setting.regime.to_json(), "batch": "fresh"})), 300_000)  # fmt: skip
    told = False  # whether this can tell reused batches from fresh ones
    for index, quantity in enumerate(("overlaps", "correlation", "train_error")):
        values = np.array([run[index] for run in runs])
        expected, stderr = getattr(found, quantity), getattr(found, f"{quantity}_stderr")
        error = np.sqrt(values.var(axis=0, ddof=1) / REPLICAS + stderr**2)
        allowed = 6 * error + 20 / D * np.maximum(np.abs(expected), 1)
        assert np.all(np.abs(values.mean(axis=0) - expected) <= allowed), quantity
        told = told or bool(np.any(np.abs(getattr(foil, quantity) - expected) > 2 * allowed))
    assert told
