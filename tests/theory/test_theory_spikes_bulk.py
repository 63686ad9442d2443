"""Random features beyond gamma > 0: the upper edge, traces outside it, and the density of singular values."""

import math
from itertools import product

import numpy as np
import pytest

from theory import ProblemError
from theory.energies import FeatureEnergy, feature_energy
from theory.problem import Activation
from theory.ridge import bulk_density, bulk_edge, outside
from theory.ridge.fixed_point import fixed_point

ENERGIES = [FeatureEnergy(1.0, 0.0), FeatureEnergy(0.25, 0.09), FeatureEnergy(1.0, 1e-10), FeatureEnergy(0.0, 2.0)]
RATIOS = [1e-8, 1e-3, 0.3, 1.0, 2.5, 1e3, 1e8]


@pytest.mark.parametrize("energy", ENERGIES)
def test_residuals_over_a_grid(energy: FeatureEnergy) -> None:
    for phi, psi in product(RATIOS, RATIOS):
        edge = bulk_edge(energy, phi, psi)
        assert edge >= energy.linear + energy.nonlinear  # the mean eigenvalue of n of them
        for factor in (1 + 1e-12, 1 + 1e-6, 1.01, 2.0, 1e3, 1e9):
            found = outside(energy, phi, psi, edge * factor)
            assert found.residual < 1e-12
            assert found.m2 <= found.m1 < 0
            assert found.m1 * edge * factor <= -1 + 1e-12  # eigenvalues are not negative


@pytest.mark.parametrize("ratio", [0.01, 0.5, 1.0, 3.0])
def test_edges_of_marchenko_pastur(ratio: float) -> None:
    """c_1 = 0: noise, n/N = ratio; an affine sigma at psi = 0: X X^T/d at d/n = ratio; psi -> infinity at phi = inf."""
    noise, linear = FeatureEnergy(0.0, 2.0), FeatureEnergy(3.0, 0.0)
    assert bulk_edge(noise, 1.0, ratio) == pytest.approx(2 * (1 + math.sqrt(ratio)) ** 2, rel=1e-12)
    assert bulk_edge(linear, ratio, 0.0) == pytest.approx(3 * (1 + 1 / math.sqrt(ratio)) ** 2, rel=1e-12)
    assert bulk_edge(FeatureEnergy(1.0, 1.0), 1e12, 1e12 * ratio) == pytest.approx(
        2 * (1 + math.sqrt(ratio)) ** 2, rel=1e-5
    )


def test_ends() -> None:
    energy = FeatureEnergy(1.0, 1.0)
    assert bulk_edge(energy, 0.0, 0.5) == bulk_edge(energy, 0.5, math.inf) == math.inf
    assert bulk_edge(energy, math.inf, 0.5) == 2
    assert bulk_edge(energy, 0.5, 1e-10) == pytest.approx(bulk_edge(energy, 0.5, 0.0), rel=1e-4)
    assert bulk_edge(energy, 1e10, 0.5) == pytest.approx(2, rel=1e-4)
    with pytest.raises(ProblemError, match="depends on n/N"):
        bulk_edge(energy, math.inf, math.inf)
    with pytest.raises(ProblemError, match="beyond the edge"):
        outside(energy, 0.5, 0.5, bulk_edge(energy, 0.5, 0.5))


@pytest.mark.parametrize(("phi", "psi"), [(0.5, 0.8), (2.0, 0.7), (1.0, 1.0)])
def test_one_analytic_function_on_both_sides(phi: float, psi: float) -> None:
    """m1 = -sum_k M_k/value^{k+1} outside and the same series in -gamma at large gamma: their even parts agree."""
    energy, far = FeatureEnergy(0.25, 0.09), 1e3
    total = energy.linear + energy.nonlinear
    left, right = outside(energy, phi, psi, far), fixed_point(energy, phi, psi, far * phi / psi, far)
    assert left.m1 + right.m1 == pytest.approx(-2 * total / far**2, rel=1e-4)  # M_1 = A + B
    assert (left.m2 + 1 / far) / (right.m2 - 1 / far) == pytest.approx(1, rel=0.02)


@pytest.mark.parametrize(("phi", "psi"), [(0.5, 0.8), (2.0, 0.7), (0.3, 1.7)])
def test_slopes_against_differences(phi: float, psi: float) -> None:
    energy, step = FeatureEnergy(0.25, 0.09), 1e-5
    value = 1.5 * bulk_edge(energy, phi, psi)
    here, low, high = (outside(energy, phi, psi, value + shift) for shift in (0, -step, step))
    assert here.m1_slope == pytest.approx((low.m1 - high.m1) / (2 * step), rel=1e-7)
    assert here.m2_slope == pytest.approx((low.m2 - high.m2) / (2 * step), rel=1e-7)


@pytest.mark.parametrize("activation", ["relu", "tanh", "u", "He2"])
@pytest.mark.parametrize(("phi", "psi"), [(0.5, 0.5), (0.3, 0.5), (2.0, 0.4), (0.4, 2.0), (1.0, 1.0)])
def test_mass_moment_and_traces_of_the_density(activation: str, phi: float, psi: float) -> None:
    """Mass min(1, N/n) (rank min(d, n, N) for an affine sigma), second moment A + B, and m1 outside.

    Midpoints in an angle, under which the square roots at the edges become smooth; 2000 of them see the lower edge,
    which need not lie at 0, to about 2000^(-3/2) = 1e-5 times constants.
    """
    energy = feature_energy(Activation(activation))
    edge = math.sqrt(bulk_edge(energy, phi, psi))
    angle = (np.arange(2000) + 0.5) * np.pi / 2000
    s, weights = edge * np.sin(angle / 2) ** 2, edge * np.sin(angle) / 2 * np.pi / 2000
    found = bulk_density(activation, s, phi=phi, psi=psi)
    rank = min(1.0, phi / psi, phi if activation == "u" else 1.0)
    assert found.residual < 1e-12
    assert found.edge == pytest.approx(edge)
    assert weights @ found.density == pytest.approx(rank, abs=5e-4)
    assert (weights * s**2) @ found.density == pytest.approx(energy.linear + energy.nonlinear, rel=5e-4)
    trace = -weights @ (found.density / (1.5 * edge**2 - s**2)) - (1 - rank) / (1.5 * edge**2)
    assert trace == pytest.approx(outside(energy, phi, psi, 1.5 * edge**2).m1, rel=5e-4)
    assert bulk_density(activation, [edge * 1.01], phi=phi, psi=psi).density[0] == 0


def test_refused_values() -> None:
    """Each as one line, what is no array of numbers as well."""
    for values in ([0.0], [-1.0], [math.inf], [[1.0]], "x", [[1.0], [1.0, 2.0]], None, [1j]):
        with pytest.raises(ProblemError, match=r"^values.*") as refused:
            bulk_density("relu", values, phi=0.5, psi=0.5)
        assert "\n" not in str(refused.value)


def test_an_explicit_matrix() -> None:
    """Gaussian features, n = 400: eigenvalue statistics fluctuate by O(1/n) and are off by O(1/n); 10/n is allowed.

    The largest eigenvalue is off by .63 n^(-2/3) = 1.2 % times (-1.2 +- 1.3) (Tracy and Widom): 10 % is six of it.
    """
    n, d, width, energy = 400, 200, 300, FeatureEnergy(0.25, 0.09)
    rng = np.random.default_rng(5)
    inputs, rows = rng.normal(size=(n, d)), rng.normal(size=(width, d))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    features = 0.5 * inputs @ rows.T + 0.3 * rng.normal(size=(n, width))
    kernel = features @ features.T / width
    edge = bulk_edge(energy, d / n, d / width)
    assert np.linalg.eigvalsh(kernel)[-1] == pytest.approx(edge, rel=0.1)
    found = outside(energy, d / n, d / width, 1.5 * edge)
    inverse = np.linalg.inv(kernel - 1.5 * edge * np.eye(n))
    assert np.trace(inverse) / n == pytest.approx(found.m1, rel=10 / n)
    assert np.sum(inverse * (inputs @ inputs.T)) / (d * n) == pytest.approx(found.m2, rel=10 / n)
