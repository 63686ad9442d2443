"""The gradient's Hermite expansion against integration, in the low-dimensional frame (z_1..z_k, the rest of w)."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import erf

from theory import ProblemError, Regime, Setting, Student, Target, gradient_terms
from theory.one_step import first_step

density = lambda x: np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)  # noqa: E731

SLOPES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "tanh": lambda x: 1 / np.cosh(x) ** 2,
    "sigmoid": lambda x: 1 / (4 * np.cosh(x / 2) ** 2),
    "softplus": lambda x: 1 / (1 + np.exp(-x)),
    "erf": lambda x: 2 / np.sqrt(np.pi) * np.exp(-(x**2)),
    "gelu": lambda x: (1 + erf(x / np.sqrt(2))) / 2 + x * density(x),
    "He3": lambda x: 3 * x**2 - 3,
    "exp": np.exp,
}
POLYNOMIALS: dict[str, Callable[..., np.ndarray]] = {
    "z1": lambda a: a,
    "z1 + z1*z2": lambda a, b: a + a * b,
    "z1**3 - 2*z2**2*z1 + 0.5": lambda a, b: a**3 - 2 * b**2 * a + 0.5,
    "He4(z1) + 3": lambda a: a**4 - 6 * a**2 + 6,
}


def integrals(
    slope: Callable[[np.ndarray], np.ndarray], f: Callable[..., np.ndarray], overlaps: list[float], bias: float
) -> np.ndarray:
    """E[z_r sigma'(<w,z> + b) f*(z)] for r = 1..k and for the unit rest of w, on a trapezoidal grid.

    The rule's error is exp(-2 pi a / h) for functions analytic in a strip of half-width a: pi/2 at least here
    (tanh), so e^-39 at h = 1/4; the weight beyond 11 is below 1e-22 with the polynomials.
    """
    x = np.arange(-11, 11.01, 0.25)
    rest = math.sqrt(1 - sum(m * m for m in overlaps))
    mesh = np.meshgrid(*[x] * (len(overlaps) + 1), indexing="ij")
    weight = np.prod([density(axis) * 0.25 for axis in mesh], axis=0)
    preactivation = sum(m * axis for m, axis in zip([*overlaps, rest], mesh, strict=True)) + bias
    common = weight * slope(preactivation) * f(*mesh[:-1])
    return np.array([np.sum(axis * common) for axis in mesh])


@pytest.mark.parametrize("text", POLYNOMIALS)
@pytest.mark.parametrize("name", SLOPES)
@pytest.mark.parametrize("bias", [0.0, 0.7])
def test_smooth_activations_against_integration(name: str, text: str, bias: float) -> None:
    overlaps = [0.4, -0.3][: Target(text).k]
    ours = gradient_terms(Target(text), name, np.array(overlaps), bias)
    expected = integrals(SLOPES[name], POLYNOMIALS[text], overlaps, bias)
    rest = math.sqrt(1 - sum(m * m for m in overlaps))
    found = np.append(ours.overlap_terms(np.array(overlaps)).sum(axis=0), rest * ours.row.sum())
    # round-off only: sums of 7e5 products of size at most 1e3
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


def relu_integrals(f: Callable[..., np.ndarray], overlaps: list[float], bias: float) -> np.ndarray:
    """The same for sigma' = 1(. > 0): given s = <w, z>, z = s w + P g is Gaussian, and polynomials in g are
    exact on Gauss-Hermite nodes; what is left are moments of a half line, I_n = (-b)^(n-1) phi(b) + (n-1) I_(n-2).
    """
    w = np.array([*overlaps, math.sqrt(1 - sum(m * m for m in overlaps))])
    projector = np.eye(len(w)) - np.outer(w, w)
    nodes, weights = np.polynomial.hermite_e.hermegauss(8)
    grid = np.array(np.meshgrid(*[nodes] * len(w), indexing="ij")).reshape(len(w), -1)
    weight = np.prod(np.meshgrid(*[weights / weights.sum()] * len(w), indexing="ij"), axis=0).ravel()
    moments = [0.5 * (1 + math.erf(bias / math.sqrt(2))), float(density(np.array(bias)))]
    for n in range(2, 8):
        moments.append((-bias) ** (n - 1) * moments[1] + (n - 1) * moments[n - 2])
    total = []
    for r in range(len(w)):
        at = []
        for s in np.arange(-4, 4.0):  # a polynomial of degree at most 7 in s
            z = s * w[:, None] + projector @ grid
            at.append(np.sum(weight * z[r] * f(*z[:-1])))
        coefficients = np.linalg.solve(np.vander(np.arange(-4, 4.0), 8, increasing=True), at)
        total.append(float(coefficients @ moments))
    return np.array(total)


@pytest.mark.parametrize("text", POLYNOMIALS)
@pytest.mark.parametrize("bias", [0.0, 0.7, -0.25])
def test_relu_by_moments_of_a_half_line(text: str, bias: float) -> None:
    overlaps = [0.4, -0.3][: Target(text).k]
    ours = gradient_terms(Target(text), "relu", np.array(overlaps), bias)
    rest = math.sqrt(1 - sum(m * m for m in overlaps))
    found = np.append(ours.overlap_terms(np.array(overlaps)).sum(axis=0), rest * ours.row.sum())
    # a Vandermonde system of condition 1e5 costs five digits of sixteen
    np.testing.assert_allclose(found, relu_integrals(POLYNOMIALS[text], overlaps, bias), rtol=1e-9, atol=1e-9)


def test_the_linear_case_by_hand() -> None:
    """f* = z1, |M| = m: E[z sigma'(<w,z>) z1] = c_1 e1 + c_3 m w; relu has c_1 = 1/2, c_3 = 0."""
    ours = gradient_terms(Target("z1"), "relu", np.array([0.3]))
    assert ours.teacher[:, 0].tolist() == [0.5, 0.0]
    assert ours.row.tolist() == [0.0, 0.0]


def test_shapes_broadcast_over_rows() -> None:
    overlaps = np.linspace(-0.5, 0.5, 12).reshape(3, 2, 2)
    target = Target("z1 + z1*z2")
    whole = gradient_terms(target, "tanh", overlaps)
    assert whole.row.shape == (3, 3, 2)
    assert whole.teacher.shape == whole.overlap_terms(overlaps).shape == (3, 3, 2, 2)
    one = gradient_terms(target, "tanh", overlaps[2, 1])
    np.testing.assert_array_equal(whole.teacher[:, 2, 1], one.teacher)
    np.testing.assert_array_equal(whole.row[:, 2, 1], one.row)


@pytest.mark.parametrize(
    ("target", "overlaps"), [("tanh(z1)", [0.1]), ("z1*z2", [0.1]), ("z1", [0.1, 0.2]), ("z1", 0.1)]
)
def test_bad_calls_are_refused(target: str, overlaps: object) -> None:
    with pytest.raises(ProblemError):
        gradient_terms(Target(target), "relu", overlaps)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "bias"), [("relu", 0.0), ("tanh", 0.0), ("softplus", 0.5), ("relu", -0.3), ("gelu", 0.0)]
)
def test_first_step_against_integration(name: str, bias: float) -> None:
    """signal = (eta/p) c_1 |C_1|, noise = (eta/p)^2 E[sigma'^2] (E f*^2 + noise^2) (d - k)/n."""
    target = Target("2*z1 - z2 + z1*z2", noise=0.5)
    setting = Setting(target, Student(name, 6, bias=bias), Regime(d=100, n=400, eta="3*p"))
    ours = first_step(setting)
    slope = SLOPES.get(name, lambda x: np.heaviside(x, 0.5))
    edges = np.linspace(-12, 12, 240_001) + (0 if name != "relu" else -bias)  # relu's jump falls on a node
    step, weight = 1e-4, density(edges)
    c_1, gain = np.sum(slope(edges + bias) * weight) * step, np.sum(slope(edges + bias) ** 2 * weight) * step
    # the half value at the jump enters the square as 1/4 in place of 1/2: step/4 * phi < 1e-5; all else is
    # smaller
    assert ours.signal == pytest.approx(3 * c_1 * math.sqrt(5), abs=1e-4)
    assert ours.noise == pytest.approx(9 * gain * (5 + 1 + 0.25) * 98 / 400, abs=1e-3)
    assert ours.direction == (2.0, -1.0)
