"""Regimes, sizes and visibility of spikes: thresholds, Schur complements by hand, and the kernel's singular values."""

import math
from fractions import Fraction

import numpy as np
import pytest

from theory import Activation, ProblemError, Target, spike_regime, spike_sizes, spike_spectrum, visible_from
from theory.spikes import spike_threshold, step_constants, step_kernel
from theory.spikes.kernel import spread
from theory.spikes.regime import column_moments, spike_shape

TARGET = Target("z1 + He2(z1)/2", noise=0.5)


def test_thresholds_and_the_open_intervals_between_them() -> None:
    assert [spike_threshold(k) for k in (1, 2, 3, 4)] == [0, Fraction(1, 4), Fraction(1, 3), Fraction(3, 8)]
    for order in range(1, 11):
        low, high = spike_threshold(order), spike_threshold(order + 1)
        assert spike_regime(float(low) + 1e-6) == spike_regime(float(high) - 1e-6) == order


@pytest.mark.parametrize("alpha", [-0.1, 0, 0.25, 1 / 3, 0.375, 5 / 11, 0.46, 0.5, math.nan])
def test_critical_exponents_are_refused(alpha: float) -> None:
    with pytest.raises(ProblemError, match=r"rate_exponent"):
        spike_regime(alpha)


def test_shapes_by_hand() -> None:
    """Gaussian moments 1, 3, 15, 105: 15 - 9 and 105 - 225/3; with r on the left E(g^2 + r)^2 = 3 + 2 r + r^2."""
    for order, value in enumerate((1, 3, 6, 30), start=1):
        assert spike_shape(list(range(1, order + 1)), 0.0) == pytest.approx(value, rel=1e-12)
    assert spike_shape([1, 2, 4], 0.0) == pytest.approx(30)
    assert spike_shape([1, 4], 0.0) == pytest.approx(105)
    assert spike_shape([1, 2], 0.5) == pytest.approx(math.sqrt(3 * 4.25))


def test_column_moments_by_quadrature() -> None:
    """E[p_j p_k] from p_k(g) = E_z (g + sqrt(r) z)^k, both averages by Gauss-Hermite."""
    x, w = np.polynomial.hermite_e.hermegauss(20)
    w = w / w.sum()
    columns = [((x[:, None] + math.sqrt(0.7) * x) ** k) @ w for k in (1, 2, 3, 5)]
    expected = [[(a * b) @ w for b in columns] for a in columns]
    np.testing.assert_allclose(column_moments([1, 2, 3, 5], 0.7), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("activation", "order"), [("relu", 2), ("tanh(u + 1/2)", 3), ("tanh", 3)])
def test_sizes_are_the_leading_singular_values_of_the_kernel(activation: str, order: int) -> None:
    """Relative corrections are O(kappa^2): a sixteenth at a quarter of kappa, and small."""
    constants = step_constants(TARGET, Activation(activation))
    present = [k for k in range(1, order + 1) if constants.sigma[k]]
    misses = []
    for kappa in (0.04, 0.01):
        kernel = step_kernel(activation, kappa, kappa * math.sqrt(spread(constants, 0.5)))
        leading = abs(constants.sigma[order]) * kappa**order * spike_shape(present, spread(constants, 0.5))
        misses.append(float(kernel.values[len(present) - 1]) / leading - 1)
    assert abs(misses[1]) < 0.01
    assert misses[1] == pytest.approx(misses[0] / 16, rel=0.1, abs=1e-4)


def test_sizes_grow_as_they_say_and_missing_spikes_are_missing() -> None:
    sizes = [
        spike_sizes(TARGET, "relu", n=n, d=n // 2, width=n, rate_exponent=0.36, prefactor=2) for n in (10**4, 10**8)
    ]
    for small, large in zip(*sizes, strict=True):
        assert small.order == large.order
        if small.size:
            assert math.log(large.size / small.size, 1e4) == pytest.approx(small.exponent, abs=1e-9)
            assert small.exponent == pytest.approx(small.order * 0.36 - (small.order - 1) / 2 + 0.5)
    assert [(s.size > 0, s.outgrows) for s in sizes[0]] == [(True, True), (True, True), (False, False), (True, False)]


def test_a_spike_separates_where_visible_from_says() -> None:
    sizes = {"phi": 0.5, "psi": 0.625, "rate_exponent": 0.29, "prefactor": 2}
    n = int(visible_from(TARGET, "softplus", 2, **sizes))
    for factor, count in ((0.9, 1), (1.1, 2)):
        m = round(n * factor)
        found = spike_spectrum(
            TARGET, "softplus", n=m, d=round(m / 2), width=round(0.8 * m), rate_exponent=0.29, prefactor=2
        )
        assert len(found.outliers) == count
    assert visible_from(TARGET, "softplus", 1, **sizes) == 100
    assert visible_from(TARGET, "tanh", 2, **sizes) == math.inf
    assert visible_from(TARGET, "softplus", 3, **sizes) == math.inf
    with pytest.raises(ProblemError, match="order"):
        visible_from(TARGET, "softplus", 0, **sizes)
