"""What small steps leave on fresh batches, and exact means of a linear neuron at finite n and d."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from theory import ProblemError, Regime, Setting, Student, Target
from theory.dmft.linear import linear_limit, linear_means
from theory.dmft.quadrature import two_steps
from theory.dmft.wishart import moment
from theory.fresh.stuck import stuck_variances


def setting(
    target: str, activation: str, steps: int, eta: float, n: str, batch: str, d: int = 1000, noise: float = 0.0
):
    student = Student(activation, 1, (1.0,), init="plain")
    return Setting(Target(target, noise=noise), student, Regime(d, n=n, eta=eta, steps=steps, batch=batch))


def pairings(points: tuple[int, ...]):
    if not points:
        yield ()
    for i in range(1, len(points)):
        for rest in pairings(points[1:i] + points[i + 1 :]):
            yield ((points[0], points[i]), *rest)


def components(size: int, edges) -> int:
    label = list(range(size))
    for a, b in edges:
        old, new = label[a], label[b]
        label = [new if x == old else x for x in label]
    return len(set(label))


@pytest.mark.parametrize("j", [0, 1, 2, 3, 4])
@pytest.mark.parametrize(("n", "d"), [(1, 1), (3, 5), (8, 2)])
def test_moments_by_wicks_theorem(j: int, n: int, d: int):
    """A sum over pairings of 2j entries, n and d to the number of classes of row and of column indices."""
    size = 2 * j
    rows = [(2 * m, 2 * m + 1) for m in range(j)]
    columns = [(2 * m + 1, (2 * m + 2) % size) for m in range(j)]
    total = sum(
        n ** components(size, (*rows, *pairs)) * d ** components(size, (*columns, *pairs))
        for pairs in pairings(tuple(range(size)))
    )
    assert moment(j, n, d) == (Fraction(total, d * n**j) if j else 1)


def test_means_of_two_linear_steps_by_hand():
    """E w_2 w* = 2 eta - eta^2 (1 + (d + 1)/n), as E S^2 = (1 + (d + 1)/n) I."""
    state = linear_means(setting("z1", "u", 2, 0.5, "d/2", "reused", d=32))
    assert state.overlaps[-1] == pytest.approx(2 * 0.5 - 0.25 * (1 + 33 / 16), abs=1e-15)


def test_means_of_linear_descent_tend_to_their_limit_as_one_over_d():
    stated = [setting("2*z1", "u", 3, 0.5, "2*d", "reused", d=d, noise=0.5) for d in (10**3, 10**4, 10**5)]
    limit = linear_limit(stated[0])
    for name in ("overlaps", "gram", "test_error", "train_error"):
        off = [s.regime.d * (getattr(linear_means(s), name)[-1] - getattr(limit, name)[-1]) for s in stated]
        assert abs(off[-1]) > 0.01
        assert all(abs(a - b) < 0.05 * abs(b) for a, b in pairwise(off))


def test_first_step_leaves_what_is_computed_by_hand():
    """One step of a linear neuron on He3 with noise: V = (1 - eta)^2 + eta^2 E[(y - h)^2 u^2] d/n, 42 + 1/4 + 1."""
    found = stuck_variances(setting("He3(z1)", "u", 1, 0.5, "4*d", "fresh", noise=0.5))
    assert found == pytest.approx([1, 0.25 + 0.25 * 43.25 / 4], rel=1e-9)


def test_noise_of_fresh_batches_falls_with_the_number_of_samples_in_all():
    """At fixed eta T: by half when T or n doubles, up to O(1/T) of itself."""

    def noise(steps: int, n: str) -> float:
        plain = stuck_variances(setting("He3(z1)", "tanh", steps, 1 / steps, n, "fresh"))[-1]
        return plain - stuck_variances(setting("He3(z1)", "tanh", steps, 1 / steps, "10**6*d", "fresh"))[-1]

    assert noise(32, "3*d") / noise(64, "3*d") == pytest.approx(2, rel=0.05)
    assert noise(64, "3*d") / noise(64, "6*d") == pytest.approx(2, rel=0.02)


def test_targets_that_move_the_overlap_are_refused():
    with pytest.raises(ProblemError, match=r"E\[y u\]"):
        stuck_variances(setting("z1", "tanh", 2, 0.5, "3*d", "fresh"))


def test_leading_order_of_two_short_steps_on_one_batch():
    """M_2 = eta^3/(2 delta^2) E[u y^3] E[sigma''' sigma'^2], y odd, E[y u] = 0."""
    target, eta = "sin(2*z1) - 2*exp(-3/2)*sin(z1)", 0.01
    x = np.linspace(-10, 10, 4001)
    weight = np.exp(-(x**2) / 2) / np.exp(-(x**2) / 2).sum()
    y, slope = np.sin(2 * x) - 2 * np.exp(-1.5) * np.sin(x), 1 - np.tanh(x) ** 2
    third = slope * (4 * np.tanh(x) ** 2 - 2 * slope)
    predicted = eta**3 / 2 * (weight @ (x * y**3)) * (weight @ (third * slope**2))
    found = two_steps(setting(target, "tanh", 2, eta, "d", "reused"), spacing=0.2).overlaps[-1]
    assert found == pytest.approx(predicted, rel=0.05)
