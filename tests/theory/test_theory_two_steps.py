"""Outliers of the weights after two steps: which orders, special cases in closed form, explicit steps, refusals."""

import math
from typing import Any

import numpy as np
import pytest

from theory import Activation, ProblemError, Target, two_step_outliers
from theory.spikes.step import step_constants
from theory.spikes.two_steps import separated

TARGET = Target("2*sin(z1) + cos(2*z1) - exp(-2)", noise=0.3)
SINE = "sin(u + 1/2)"
SIZES: dict[str, Any] = {"n": 800, "d": 100, "width": 200, "prefactors": (1.5, 1.5)}


@pytest.mark.parametrize(("activation", "exponents", "orders"), [
    (SINE, (0.15, 0.15), (0,)),
    (SINE, (0.3, 0.3), (0, 1)),
    (SINE, (0.38, 0.38), (0, 1, 2, 3)),
    (SINE, (0.38, 0.05), (0,)),
    (SINE, (0.0, 0.49), (0,)),
    ("relu", (0.38, 0.38), (0, 1, 3)),  # c_3 = 0
    ("erf", (0.38, 0.38), (0, 2)),  # c_2 = c_4 = 0
])  # fmt: skip
def test_orders(activation: str, exponents: tuple[float, float], orders: tuple[int, ...]) -> None:
    """k (1/2 - a1) < a2 and c_{k+1} != 0; where no c_k is 0, floor(a2/(1/2 - a1)) beyond the first."""
    found = two_step_outliers(TARGET, activation, **SIZES, rate_exponents=exponents)
    assert found.orders == orders
    if activation == SINE:
        assert len(orders) - 1 == math.floor(exponents[1] / (0.5 - exponents[0]))


def test_one_step_and_none() -> None:
    """A step of rate 0 leaves one rank, eta c_1 |beta|, whichever of the two it is; two leave W0."""
    constants = step_constants(TARGET, Activation("relu"))
    size = 1.5 * 800**0.3 * constants.sigma[1] * math.sqrt(constants.gradient_energy(1 / 8))
    for prefactors in ((1.5, 0.0), (0.0, 1.5)):
        found = two_step_outliers(TARGET, "relu", **{**SIZES, "prefactors": prefactors}, rate_exponents=(0.3, 0.3))
        assert found.strengths[0] == pytest.approx(size, rel=1e-8)
        assert max(found.strengths[1:]) < 1e-6
        assert found.outliers == pytest.approx((separated(size, 2.0),))
    none = two_step_outliers(TARGET, "relu", **{**SIZES, "prefactors": (0.0, 0.0)}, rate_exponents=(0.3, 0.3))
    assert none.outliers == ()
    assert separated(2**0.25, 2.0) == pytest.approx(none.edge)  # where it separates


def test_slow_first_step_adds_vectors() -> None:
    """kappa -> 0: eta_1 beta_1 + eta_2 beta_2 along a, means the same and noise independent."""
    constants = step_constants(TARGET, Activation(SINE))
    found = two_step_outliers(
        TARGET, SINE, n=10**12, d=10**12 // 8, width=10**12 // 4, prefactors=(1.0, 0.2), rate_exponents=(0, 1 / 12)
    )  # both rates are small beside n^(1/2): 1 and 2
    assert found.orders == (0,)
    signal, energy = constants.target[1] ** 2, constants.gradient_energy(1 / 8)
    expected = constants.sigma[1] * math.sqrt(5 * energy + 4 * signal)
    assert found.strengths[0] == pytest.approx(expected, rel=1e-4)


def test_a_mirrored_target_gives_the_same_outliers() -> None:
    """x -> -x along w* leaves the law of the weights alone, whichever way C_1 points."""
    steps: dict[str, Any] = {**SIZES, "rate_exponents": (0.38, 0.38)}
    one, other = (two_step_outliers(f"{sign}z1 + He2(z1)", SINE, **steps) for sign in ("", "-"))
    assert len(one.outliers) > 2  # odd i + l in E[y^2 he_i(g) he_l(g)] counts
    assert other.outliers == pytest.approx(one.outliers, rel=1e-9)


def moved(slope: Any, exponent: float, rng: np.random.Generator) -> np.ndarray:
    n, d, width = 800, 100, 200
    w = rng.standard_normal((width, d))
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    a = rng.standard_normal(width) / math.sqrt(width)
    for _ in range(2):
        x = rng.standard_normal((n, d))
        y = 2 * np.sin(x[:, 0]) + np.cos(2 * x[:, 0]) - math.exp(-2) + 0.3 * rng.standard_normal(n)
        w = w + 1.5 * n**exponent * a[:, None] * ((slope(x @ w.T) * y[:, None]).T @ x) / n
    found: np.ndarray = np.linalg.svd(w, compute_uv=False)
    return found


@pytest.mark.parametrize(
    ("activation", "slope"), [(SINE, lambda u: np.cos(u + 0.5)), ("relu", lambda u: np.heaviside(u, 0.5))]
)
def test_explicit_steps(activation: str, slope: Any) -> None:
    """The two largest values over predictions, kappa .9: six standard errors, 10/n, and kappa^2/16 of the second."""
    rng, theory = np.random.default_rng(5), two_step_outliers(TARGET, activation, **SIZES, rate_exponents=(0.38, 0.38))
    values = np.array([moved(slope, 0.38, rng)[:2] for _ in range(40)]) / theory.outliers[:2]
    error = values.std(axis=0, ddof=1) / math.sqrt(len(values))
    allowed = 6 * error + 10 / 800 + np.array([0, theory.kappa**2 / 16])
    assert (np.abs(values.mean(axis=0) - 1) < allowed).all()


@pytest.mark.parametrize(("arguments", "words"), [
    ({"batch": "reused"}, "moved with the very samples"),
    ({"batch": "old"}, "neither fresh nor reused"),
    ({"rate_exponents": (0.5, 0.2)}, "rate_exponent = 0.5"),
    ({"rate_exponents": (0.2, -0.1)}, "rate_exponent = -0.1"),
    ({"prefactors": (1.0, -1.0)}, "prefactor"),
    ({"rate_exponents": (0.25, 0.25)}, "threshold of order k = 1"),
    ({"rate_exponents": (0.1, 0.4)}, "threshold of order k = 1"),
    ({"rate_exponents": (0.0, 0.0)}, "threshold of order k = 0"),
])  # fmt: skip
def test_refusals(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        two_step_outliers(TARGET, SINE, **{**SIZES, "rate_exponents": (0.2, 0.2), **arguments})
    assert two_step_outliers(TARGET, "erf", **SIZES, rate_exponents=(0.25, 0.25)).orders == (0,)  # c_2 = 0
    with pytest.raises(ProblemError, match="one coordinate"):
        two_step_outliers("z1 + z1*z2", SINE, **SIZES, rate_exponents=(0.2, 0.2))
