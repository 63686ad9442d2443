"""The limit on batches that return, by sampling in coordinates, by quadrature of the textbook recursion, and where
batches are fresh by fresh_limit.

Sampling errors are estimated from 16 parts: six of them are exceeded by an entry with probability 2e-5 (Student's t).
"""

from collections.abc import Sequence

import numpy as np
import pytest

from theory import DmftLimit, Regime, Setting, Student, Target, fresh_limit, solve_dmft
from theory.dmft.quadrature import two_steps

ERRORS = 6.0


def reused(target: str, student: Student, noise: float = 0.0, **regime: object) -> Setting:
    regime = {"d": 100, "n": "3*d", "eta": 1.5, "steps": 2, "batch": "reused", **regime}
    return Setting(Target(target, noise=noise), student, Regime(**regime))


def one(name: str, alpha: float, bias: float = 0.0) -> Student:
    return Student(name, 1, (alpha,), "plain", bias)


CASES = {
    "tanh, He3": reused("He3(z1)", one("tanh", 1.5), eta=1.0),
    "erf, decay": reused("z1 + z1**2/2", one("erf", 1.2, 0.5), weight_decay=0.1),
    "erf, unit rows": reused("He3(z1)/2", one("erf", 1.2, 0.3), normalize_rows=True, eta=0.7),
    "tanh, correlation": reused("tanh(2*z1)", one("tanh", 1.2, 0.3), loss="correlation", n="d/2"),
    "tanh, noise": reused("z1", one("tanh", 1.2, 0.3), 0.5, weight_decay=0.1),
}


@pytest.mark.parametrize("name", CASES)
def test_sampling_meets_quadrature(name: str) -> None:
    stated = CASES[name]
    exact, coarse = (two_steps(stated, 1 / m) for m in ((4, 3) if stated.target.noise else (6, 5)))
    found = solve_dmft(stated, 400_000)
    for quantity in ("overlaps", "gram", "test_error", "train_error", "correlation", "response"):
        expected = getattr(exact, quantity)
        error = np.abs(expected - getattr(coarse, quantity)).max()
        assert error < 2e-3 * np.abs(expected).max()
        both = getattr(found, quantity), getattr(found, f"{quantity}_stderr")
        ours, stderr = (values[: len(expected)].reshape(expected.shape) for values in both)
        assert np.all(np.abs(ours - expected) <= ERRORS * stderr + error + 1e-12), quantity
        assert stderr.max() < 0.05 * np.abs(expected).max()


def assert_fresh(stated: Setting, **keywords: Sequence[float]) -> None:
    found, known = solve_dmft(stated, 200_000, **keywords), fresh_limit(stated, **keywords, samples=1 << 14)
    for ours, stderr, expected, error in (
        (found.overlaps, found.overlaps_stderr, known.overlaps, known.error),
        (found.gram, found.gram_stderr, known.gram, known.gram_error),
    ):
        assert np.all(np.abs(ours - expected) <= ERRORS * stderr + error[:, None, None] + 1e-12)


@pytest.mark.parametrize(("student", "regime"), [
    (Student("relu", 2, (0.9, -0.9), bias=0.4), {"normalize_rows": True}),
    (Student("relu", 4, (0.9, -0.5, 0.5, -0.9)), {"eta": 4.0, "weight_decay": 0.05}),
    (Student("tanh", 2, (0.9, 0.4), "plain", 0.5), {"batch": (3, 1, 2), "eta": 2.0}),
    (Student("erf", 2, (0.9, -0.9), scaling="ntk"), {"loss": "correlation"}),
])  # fmt: skip
def test_fresh_batches(student: Student, regime: dict) -> None:
    assert_fresh(reused("z1 + z1*z2", student, 0.3, **{"batch": "fresh", "steps": 3, **regime}))


def test_laws_need_values() -> None:
    stated = reused("z1 + z1*z2", Student("tanh", 2, "rademacher", bias="uniform"), batch="fresh", n="8*d")
    assert_fresh(stated, alpha=(1.0, -1.0), bias=(0.3, 0.3))


ALPHA = {2: (1.0, -1.0), 4: (1.0, 0.4, -0.4, -1.0)}


def solved(batch: object, rng: object = 0, p: int = 2) -> DmftLimit:
    student = Student("tanh", p, ALPHA[p], bias=0.5)
    return solve_dmft(reused("z1 + z1*z2", student, 0.2, batch=batch, steps=4, eta=2.0), 20_000, rng)


def test_only_which_batches_are_equal_matters() -> None:
    one, other, reused_again = solved((0, 0, 1, 0)), solved((7, 7, 2, 7)), solved((5, 5, 5, 5))
    np.testing.assert_array_equal(one.overlaps, other.overlaps)
    np.testing.assert_array_equal(reused_again.correlation, solved("reused").correlation)
    assert np.abs(one.overlaps - reused_again.overlaps).max() > 20 * one.overlaps_stderr.max()


def test_seeds() -> None:
    as_sequence = solved("reused", np.random.SeedSequence(0))
    np.testing.assert_array_equal(as_sequence.overlaps, solved("reused", 0).overlaps)
    assert np.any(solved("reused", 1).overlaps != as_sequence.overlaps)
    drawn = [solved("reused", np.random.default_rng(0)).overlaps for _ in range(2)]
    np.testing.assert_array_equal(*drawn)


def test_what_the_record_holds() -> None:
    found = solved("reused", p=4)
    assert found.samples == 20_000
    assert found.overlaps.shape == (5, 4, 2)
    assert found.correlation.shape == found.response.shape == (5, 5, 4, 4)
    np.testing.assert_array_equal(found.gram, np.einsum("ttij->tij", found.correlation))
    np.testing.assert_allclose(found.correlation, found.correlation.transpose(1, 0, 3, 2), atol=1e-12)
    np.testing.assert_allclose(found.gram[0], np.eye(4) + np.eye(4)[::-1], atol=1e-12)
    np.testing.assert_allclose([found.response[t + 1, t] for t in range(4)], [np.eye(4)] * 4, atol=1e-12)
    assert not any(found.response[t, s].any() for t in range(5) for s in range(t, 5))
    assert found.train_error[-1] < found.test_error[-1]  # the batch is learned by heart
    lengths = np.sqrt(np.einsum("tii->ti", found.gram))[..., None]
    np.testing.assert_allclose(found.cosines, found.overlaps / lengths)
