"""The law after one step: numbers by hand, its distribution function against other routes, and what it refuses."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy
from scipy.stats import chi2, norm

from theory import OneStepLaw, ProblemError, Regime, Setting, Student, Target, one_step_law
from theory.one_step import first_step

GRID = np.concatenate([np.geomspace(1e-5, 1e-2, 6), np.linspace(0.02, 0.98, 25)])
MIXED = "u**2/2 + (u**3 - 3*u)/6"  # c_1 = 0, c_2 = c_3 = 1


def law(
    target: str, activation: str = "relu", order: int = 1, alpha: Any = "uniform", noise: float = 0.0, **regime: Any
) -> OneStepLaw:
    """n = 3 d^l, eta = 2 p d^((l-1)/2) unless said otherwise."""
    bias, scaling = regime.pop("bias", 0.0), regime.pop("scaling", "mean-field")
    student = Student(activation, 4, second_layer=alpha, bias=bias, scaling=scaling)
    sizes = {"d": 100, "n": f"3*d**{order}", "eta": f"2*p*d**({order - 1}/2)", **regime}
    return one_step_law(Setting(Target(target, noise=noise), student, Regime(**sizes)))


def test_the_quadratic_case_by_hand() -> None:
    """relu: c_2 = 1/sqrt(2 pi), E[sigma'^2] = 1/2; He2(z1): C_2 = 2 e1 e1, E[y^2] = 2 and the label noise."""
    ours = law("He2(z1)", order=2, noise=0.5)
    assert (ours.order, ours.rate, ours.samples, ours.drift) == (2, 2, 3, ())
    ((key, value),) = ours.signal[0]
    assert key == (1,)
    assert sympy.simplify(value - 2 / sympy.sqrt(2 * sympy.pi)) == 0
    assert ours.noise == sympy.Rational(3, 8)
    s = 2 * 0.7 * 2 * 1.3 / math.sqrt(2 * math.pi)
    expected = s**2 / (1 + s**2 + (2 * 0.7) ** 2 * 0.375)
    assert ours.ratio(np.array([1.3]), 0.7) == pytest.approx(expected, rel=1e-14)


def test_a_product_and_a_cube_by_hand() -> None:
    ours = law("z1*z2", order=2)
    assert np.asarray(ours.ratio(np.zeros((5, 3, 2)), np.ones(3))).shape == (5, 3)
    s = 4 * (0.3**2 + 2.0**2) / (2 * math.pi)
    assert ours.ratio(np.array([0.3, -2.0])) == pytest.approx(s / (1 + s + 4 / 6), rel=1e-14)
    cube = law("He3(z1)", "He3", 3)  # c_3 = 6, E[sigma'^2] = 9 E[He2^2] = 18, E[y^2] = 6
    s = (2 * 6 * 3 * 1.5**2) ** 2
    assert cube.ratio(np.array([1.5])) == pytest.approx(s / (1 + s + 4 * 18 * 6 / 3), rel=1e-14)


@pytest.mark.parametrize(("activation", "bias"), [("relu", 0.0), ("tanh", 0.3), ("softplus", -0.5)])
def test_leap_one_is_the_first_step(activation: str, bias: float) -> None:
    setting = Setting(
        Target("2*z1 - z2 + z1*z2", noise=0.5), Student(activation, 6, bias=bias), Regime(d=10**6, n="4*d", eta="3*p")
    )
    ours, known = one_step_law(setting), first_step(setting)
    alpha = np.linspace(-1, 1, 7)
    signal = (known.signal * alpha) ** 2
    expected = signal / (1 + signal + known.noise * alpha**2)
    np.testing.assert_allclose(ours.ratio(np.ones((7, 2)), alpha), expected, rtol=3e-6)  # (d - k)/n there, d/n here


def test_a_mean_label_stretches_rows_at_leap_one() -> None:
    """ratio = a^2 c_1^2 / ((1 + a c_2 C_0)^2 + a^2 (c_1^2 + E[sigma'^2] E[y^2] / c))."""
    ours = law("z1 + 1/2")
    for alpha in (-1.0, 0.4):
        a = 2 * alpha
        stretch = (1 + a * 0.5 / math.sqrt(2 * math.pi)) ** 2
        expected = a**2 / 4 / (stretch + a**2 * (1 / 4 + 1.25 / 6))
        assert ours.ratio(np.zeros(1), alpha) == pytest.approx(expected, rel=1e-14)


def test_a_blocked_lower_order_stretches_rows_at_random() -> None:
    """c_1 = 0 != C_1: T = c_3 <C_1, xi>; the part of order one is in the noise too."""
    ours = law("z1 + He2(z2)", MIXED, 2)
    xi = np.array([0.5, -1.2])
    signal = (2 * 2 * -1.2) ** 2  # sigma' = u + (u^2 - 1)/2: E[sigma'^2] = 3/2; E[y^2] = 3
    assert ours.ratio(xi) == pytest.approx(signal / ((1 + 2 * 0.5) ** 2 + signal + 4 * 1.5 * 3 / 3), rel=1e-13)


@pytest.mark.parametrize(("target", "order", "m"), [("He2(z1)", 2, 1), ("z1*z2", 2, 2), ("z1*z2 + z3*z4", 2, 4)])
def test_distribution_is_chi_squared_where_eigenvalues_agree(target: str, order: int, m: int) -> None:
    """|S|^2 = lambda^2 chi^2_m: ratio <= x iff chi^2_m <= (x/a^2 + x noise)/((1 - x) lambda^2)."""
    ours = law(target, order=order, alpha="rademacher")
    size = ours.ratio(np.eye(ours.k)[0]) * 1.0
    square = size * (1 + 4 * float(ours.noise)) / (1 - size) / 4
    expected = chi2.cdf(GRID * (1 / 4 + float(ours.noise)) / ((1 - GRID) * square), m)
    np.testing.assert_allclose(ours.distribution(GRID), expected, atol=1e-9)


def test_distribution_of_a_ridge_of_order_three() -> None:
    """He3 of a unit direction: S = lambda xi_v^2 with xi_v a standard normal."""
    ours = law("He3(3/5*z1 + 4/5*z2)", "tanh", 3)
    size = float(ours.ratio(np.array([0.6, 0.8]), 1.0))
    scale = math.sqrt(size * (1 + 4 * float(ours.noise)) / (1 - size) / 4)
    for alpha in (1.0, -0.3):
        bound = np.sqrt(GRID * (1 / (2 * alpha) ** 2 + float(ours.noise)) / (1 - GRID)) / scale
        np.testing.assert_allclose(ours.distribution(GRID, alpha), 2 * norm.cdf(np.sqrt(bound)) - 1, atol=1e-9)


def test_distribution_at_leap_one_by_solving_for_alpha() -> None:
    ours = law("z1 + z1*z2")
    top = float(ours.ratio(np.zeros(2), 1.0))
    inner = GRID[top > GRID]
    alpha = np.sqrt(inner / (4 * (0.25 * (1 - inner) - inner * float(ours.noise))))
    np.testing.assert_allclose(ours.distribution(inner), alpha, atol=1e-12)
    np.testing.assert_allclose(ours.distribution(inner, "gaussian"), 2 * norm.cdf(alpha) - 1, atol=1e-12)
    assert ours.distribution(top + 1e-9) == 1
    steps = ours.distribution(np.array([0.0, top - 1e-9, top + 1e-9]), "rademacher")
    assert steps.tolist() == [0, 0, 1]


CASES: dict[str, tuple[OneStepLaw, Any]] = {
    "leap one with a mean label": (law("z1 + 1/2"), "uniform"),
    "unequal eigenvalues": (law("He2(z1) + 3*z2*z3", order=2), "rademacher"),
    "uniform alpha": (law("He2(z1) - 2*He2(z2)", order=2), "uniform"),
    "gaussian alpha": (law("z1*z2", order=2), "gaussian"),
    "several alpha": (law("He2(z1)", order=2), (0.2, -1.0, 1.5)),
    "order three": (law("z1*z2*z3 + He3(z1)", "tanh", 3), 0.8),
    "order three, two directions": (law("z1*He2(z2)", "tanh", 3), "uniform"),
    "random stretch": (law("z1 + He2(z2)", MIXED, 2), "rademacher"),
    "random stretch, same direction": (law("3*z1 + He2(z1)", MIXED, 2), -1.0),
    "gradient": (law("He2(z1) + z2*z3", order=2).gradient, None),
    "gradient with stretch": (law("z1 + He2(z2)", MIXED, 2).gradient, None),
}


@pytest.mark.parametrize("name", CASES)
def test_distribution_against_samples(name: str) -> None:
    """Dvoretzky-Kiefer-Wolfowitz at 1e-9 for 200,000 samples: below 0.0074."""
    ours, alpha = CASES[name]
    rng, size = np.random.default_rng(7), 200_000
    draws = {
        "uniform": lambda: rng.uniform(-1, 1, size),
        "rademacher": lambda: rng.choice([-1.0, 1.0], size),
        "gaussian": lambda: rng.standard_normal(size),
    }
    drawn = (
        draws[alpha]() if isinstance(alpha, str) else rng.choice(np.atleast_1d(1.0 if alpha is None else alpha), size)
    )
    ratios = np.sort(ours.ratio(rng.standard_normal((size, ours.k)), drawn))
    grid = np.array([0.001, 0.02, 0.1, 0.25, 0.4, 0.6, 0.8, 0.95])
    found = np.searchsorted(ratios, grid, side="right") / size
    bound = math.sqrt(math.log(2 / 1e-9) / (2 * size))
    assert np.max(np.abs(found - ours.distribution(grid, alpha))) < bound


def test_distribution_outside_and_shapes() -> None:
    ours = law("He2(z1)", order=2)
    assert ours.distribution(np.array([[-0.1, 1.0], [2.0, 0.0]])).tolist() == [[0, 1], [1, 0]]
    assert np.asarray(ours.distribution(0.5)).shape == ()


def test_the_students_own_alpha_is_the_default() -> None:
    values = (0.5, 1.0, -1.0, -0.5)
    ours = law("He2(z1)", order=2, alpha=values)
    np.testing.assert_array_equal(ours.distribution(GRID), ours.distribution(GRID, values))


@pytest.mark.parametrize(("target", "activation", "order"), [("z1", "relu", 1), ("z1*z2", "relu", 2)])
def test_the_gradient_is_the_limit_of_large_steps(target: str, activation: str, order: int) -> None:
    ours = law(target, activation, order)
    xi = np.random.default_rng(1).standard_normal((50, ours.k))
    far = replace(ours, rate=sympy.Integer(10) ** 8)
    np.testing.assert_allclose(far.ratio(xi, 0.5), ours.gradient.ratio(xi), rtol=1e-12)
    if order == 1:  # c_1^2 |C_1|^2 / (c_1^2 |C_1|^2 + E[sigma'^2] E[y^2] d/n)
        np.testing.assert_allclose(ours.gradient.ratio(xi), 0.25 / (0.25 + 0.5 / 3), rtol=1e-14)
        assert ours.gradient.distribution(np.array([0.59, 0.61])).tolist() == [0, 1]


def test_scalings_and_plain_numbers_say_the_same() -> None:
    plain = law("He2(z1)", order=2, n=30_000, eta=80.0)
    assert plain == law("He2(z1)", order=2)
    assert law("He2(z1)", order=2, scaling="ntk", eta="2*sqrt(p)*sqrt(d)") == plain


def test_targets_that_are_no_polynomials() -> None:
    """sign(z1 z2) has C_2 = (2/pi)(e1 e2 + e2 e1) and E[y^2] = 1."""
    ours = law("sign(z1*z2)", order=2)
    assert float(ours.noise) == pytest.approx(0.5 / 3, rel=1e-12)
    s = 4 * (2 / math.pi) ** 2 / (2 * math.pi)
    assert float(ours.ratio(np.array([1.0, 0.0]))) == pytest.approx(s / (1 + s + 4 * 0.5 / 3), rel=1e-12)


def test_preprocessing_leaves_other_labels() -> None:
    centred = law("z1**2", order=2, preprocess=0)
    assert centred == law("He2(z1)", order=2)
    # relu: E[sigma'^2] - c_1^2 = 1/4 on what is left, c_1^2 = 1/4 on what is taken away
    assert (
        law("2*z1 + z1*z2 + 3", order=2, preprocess=1, noise=1.0).noise
        == (sympy.Rational(2, 4) + sympy.Rational(13, 4)) / 3
    )
    assert law("z1*z2", order=2, preprocess=1).noise == sympy.Rational(1, 12)


@pytest.mark.parametrize(("mean", "slope"), [(0.0, 0.0), (0.0, 2.0), (1.5, 0.0)])
def test_the_noise_of_removing_the_linear_part_on_the_batch(mean: float, slope: float) -> None:
    """n/d |gradient outside span(V*, w)|^2 over 30 explicit batches at d = 80, n = 2 d^2; its spread is below 3 %."""
    d, rng, found = 80, np.random.default_rng(11), []
    n = 2 * d**2
    for _ in range(30):
        z = rng.standard_normal((n, d))
        y = mean + slope * z[:, 0] + z[:, 0] * z[:, 1]
        y = y - y.mean() - z @ (z.T @ y / n)
        gradient = z.T @ ((z[:, 2] > 0) * y) / n
        found.append(np.sum(gradient[3:] ** 2) * n / (d - 3))
    ours = law(f"{mean} + {slope}*z1 + z1*z2", order=2, preprocess=1)
    assert np.mean(found) == pytest.approx(float(ours.noise * ours.samples), rel=0.15)


def test_finite_size_corrections() -> None:
    even, odd = law("z1*z2", order=2), law("z1*z2*z3", "tanh", 3)
    assert even.correction_exponent() == even.correction_exponent("rademacher") == odd.correction_exponent(1.0) == -1
    assert even.correction_exponent(1.0) == sympy.Rational(-1, 2)
    assert even.correction_exponent((1.0, -1.0)) == even.gradient.correction_exponent(1.0) == -1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"target": "z1**2", "order": 2}, "c_2 C_0 != 0.*preprocess=0"),
        ({"target": "z1 + He3(z2)", "activation": "He3", "order": 3}, "c_3 C_1 != 0"),
        ({"target": "He3(z1)", "order": 3}, "miss every order"),
        ({"target": "z1*z2", "activation": "tanh", "order": 2}, "miss every order"),
        ({"target": "z1*z2", "order": 1}, r"n = .*: the law is that of n of order d\^2"),
        ({"target": "z1*z2", "order": 2, "eta": "p"}, "eta = .*see one_step_exponent"),
        ({"target": "z1 + z1*z2", "order": 1, "preprocess": 1}, r"order d\^2"),
        ({"target": "z1", "weight_decay": 0.1}, "do not decay"),
        ({"target": "z1", "extragradient": 0.1}, "plain gradient step"),
        ({"target": "z1", "bias": "uniform"}, "one number as bias"),
        ({"target": "7 + 0*z1", "preprocess": 0}, "nothing is left"),
    ],
)
def test_refusals(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        law(**arguments)


def test_bad_calls() -> None:
    ours = law("z1*z2", order=2)
    with pytest.raises(ProblemError, match="length k = 2"):
        ours.ratio(np.zeros(3))
    with pytest.raises(ProblemError, match="known: uniform"):
        ours.distribution(0.5, "cauchy")
    with pytest.raises(ProblemError, match="symmetric"):
        one_step_law(Setting(Target("z1"), Student("relu", 4, init="plain"), Regime(d=10, n="d", eta="p")))


def test_odd_arguments_of_the_distribution() -> None:
    law = one_step_law(Setting(Target("He2(z1)"), Student("relu", 2, "rademacher"), Regime(64, "d**2", "p*d**(1/2)")))
    assert np.isnan(law.distribution(np.nan))
    for alpha in ([], np.nan, [1.0, np.inf]):
        with pytest.raises(ProblemError, match="finite numbers"):
            law.distribution(0.3, alpha)
    assert law.correction_exponent(np.int64(1)) == sympy.Rational(-1, 2)
    assert law.correction_exponent([1, -1]) == -1
