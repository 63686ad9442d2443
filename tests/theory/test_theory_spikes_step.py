"""The constants of one step with a growing rate: closed forms, integrals done elsewhere, refusals."""

import math

import numpy as np
import pytest

from theory import Activation, ProblemError, Target
from theory.spikes import step_constants

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(120)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def he(k: int, x: np.ndarray) -> np.ndarray:
    return np.polynomial.hermite_e.hermeval(x, [0] * k + [1])


def test_relu_in_closed_form() -> None:
    found = step_constants(Target("z1", noise=0.5), Activation("relu"))
    variance = 0.5 - 1 / (2 * math.pi)
    assert found.sigma[:5] == pytest.approx(
        (0, 1 / 2, 1 / math.sqrt(8 * math.pi), 0, -1 / (24 * math.sqrt(2 * math.pi)))
    )
    assert found.sigma_energy == pytest.approx(variance)
    assert found.nonlinear == pytest.approx(variance - 1 / 4)
    assert found.slope_variance == pytest.approx(1 / 4)
    assert (found.target[1], found.target_energy, found.label_energy, found.unfitted) == (1, 1, 1.25, 0.25)


def test_a_smooth_pair_against_quadrature() -> None:
    """A single index along (3, 4)/5, by Gauss-Hermite of the link; sigma is shifted, so no coefficient vanishes."""
    target, sigma = Target("tanh(3/5*z1 + 4/5*z2) + 7", noise=0.5), np.tanh(NODES + 0.5)
    found = step_constants(target, Activation("tanh(u + 1/2)"))
    for k in range(1, 11):
        assert found.sigma[k] == pytest.approx(WEIGHTS @ (sigma * he(k, NODES)) / math.factorial(k), abs=1e-12)
        assert found.target[k] == pytest.approx(
            WEIGHTS @ (np.tanh(NODES) * he(k, NODES)) / math.factorial(k), abs=1e-12
        )
    assert found.sigma_energy == pytest.approx(WEIGHTS @ sigma**2 - (WEIGHTS @ sigma) ** 2)
    assert found.slope_variance == pytest.approx(WEIGHTS @ (1 - sigma**2 - found.sigma[1]) ** 2)
    assert found.target_energy == pytest.approx(WEIGHTS @ np.tanh(NODES) ** 2)


def test_a_target_of_two_indices_is_seen_along_its_slope() -> None:
    found = step_constants(Target("3*z1 + 4*z2 + z1*z2 + He3(z1)"), Activation("relu"))
    assert found.target[:4] == pytest.approx((0, 5, 12 / 25, 27 / 125))
    assert found.target_energy == pytest.approx(25 + 1 + 6)
    flat = step_constants(Target("z1*z2", noise=1.0), Activation("relu"))
    assert set(flat.target) == {0}
    assert (flat.alignment(0.5), flat.gradient_energy(0.5)) == (0, 1)


def test_what_is_added_by_a_residual_that_keeps_the_network() -> None:
    """E sigma^2 phi of noise and c_1^2 of signal."""
    plain, kept = (step_constants(Target("z1"), Activation("relu"), scaling) for scaling in ("mean-field", "ntk"))
    assert plain.gradient_energy(0.5) == 1.5
    assert kept.gradient_energy(0.5) - 1.5 == pytest.approx(1 / 4 + (0.5 - 1 / (2 * math.pi)) / 2)
    assert kept.alignment(0.5) == pytest.approx(1 / kept.gradient_energy(0.5))


@pytest.mark.parametrize(
    ("target", "activation", "scaling", "words"),
    [
        ("z1", "relu", "lazy", "mean-field, ntk"),
        ("z1", "abs", "mean-field", "c_1 = 0"),
        ("z1", "sign", "mean-field", "jumps"),
        ("0*z1 + 2", "relu", "mean-field", "constant"),
        ("z1", "0*u + 1", "mean-field", "constant"),
    ],
)
def test_refusals(target: str, activation: str, scaling: str, words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        step_constants(Target(target), Activation(activation), scaling)
