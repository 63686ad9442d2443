"""The fresh-batch limit by quadrature, by quasi Monte Carlo, and by plain Monte Carlo of the textbook recursion."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import FreshLimit, Regime, Setting, Student, Target, fresh_limit

PAIR = (0.9, -0.9)


def limit(target: str, student: Student, **regime: object) -> Callable[..., FreshLimit]:
    stated = Setting(Target(target, noise=0.3), student, Regime(**{"d": 100, "n": "8*d", "eta": "p", **regime}))
    return lambda method, samples=None: fresh_limit(stated, method=method, samples=samples)


CASES: dict[str, Callable[..., FreshLimit]] = {
    "relu": limit("z1 + z1*z2", Student("relu", 2, PAIR), steps=2),
    "relu with bias": limit("z1 + z1*z2", Student("relu", 2, PAIR, bias=0.4), steps=2, normalize_rows=True),
    "abs": limit("(z1 + z2 + z1**2 - z2**2)/2", Student("abs(u - 1/2)", 2, PAIR), steps=3, weight_decay=0.1),
    "leaky": limit("z1 + z1*z2", Student("leaky_relu", 2, (0.5, 0.8), "plain", (0.0, 0.6)), steps=2, preprocess=1),
    "tanh": limit("z1 + z1*z2", Student("tanh", 2, PAIR, bias=0.5), steps=3),
    "erf": limit("z1 + z1*z2*z3", Student("erf", 2, PAIR), steps=2, loss="correlation"),
    "ntk": limit("z1 + z2", Student("gelu", 2, PAIR, scaling="ntk"), steps=2, eta=1.0, preprocess=0),
    "three": limit("z1", Student("tanh", 3, (0.9, 0.3, -0.6), "plain"), steps=2),
    "smooth": limit("tanh(2*z1)", Student("erf", 2, PAIR), steps=2, preprocess=1),
    "quadratic": limit("z1 + He2(z2)/2", Student("u + u**2/4", 4, (0.9, -0.5, 0.5, -0.9)), steps=2),
}


@pytest.mark.parametrize("name", CASES)
def test_the_routes_meet_within_their_errors(name: str) -> None:
    exact, random = CASES[name]("quadrature"), CASES[name]("qmc", 1 << 13)
    assert (exact.method, random.method) == ("quadrature", "qmc")
    assert max(exact.error.max(), exact.gram_error.max()) < 1e-5
    assert 0 < random.error[-1] < 0.02
    apart = np.abs(exact.overlaps - random.overlaps).max(axis=(1, 2))
    assert np.all(apart <= exact.error + random.error)
    apart = np.abs(exact.gram - random.gram).max(axis=(1, 2))
    assert np.all(apart <= exact.gram_error + random.gram_error)
    assert CASES[name]("auto").method == "quadrature"


def plain(
    f: Callable[..., np.ndarray],
    sigma: Callable,
    slope: Callable,
    v: np.ndarray,
    noise: float,
    steps: int,
    eta: float,
    ratio: float,
    unit: bool,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """M' = M + eta E[e u^T], Q' = Q + eta (E[e h^T] + transpose) + eta^2 (E[e s^T] Omega^+ E[s e^T] + E[e e^T]/ratio),
    with fields s = (u, h) of covariance Omega, 50,000 samples a step, noise drawn."""  # fmt: skip
    rng, p = np.random.default_rng(seed), len(v)
    m, q = np.zeros((p, 2)), np.eye(p)
    q = np.maximum(q, q[::-1])
    for _ in range(steps):
        omega = np.block([[np.eye(2), m.T], [m, q]])
        values, vectors = np.linalg.eigh(omega)
        s = rng.standard_normal((50_000, p + 2)) @ (vectors * np.sqrt(np.maximum(values, 0))).T
        u, h = s[:, :2], s[:, 2:]
        e = (f(*u.T) + noise * rng.standard_normal(len(s)) - sigma(h) @ v)[:, None] * slope(h) * v
        es, ee = e.T @ s / len(s), e.T @ e / len(s)
        q = q + eta * (es[:, 2:] + es[:, 2:].T)
        q = q + eta**2 * (es @ np.linalg.pinv(omega, rcond=1e-10, hermitian=True) @ es.T + ee / ratio)
        m = m + eta * es[:, :2]
        if unit:
            norms = np.sqrt(np.diag(q))
            m, q = m / norms[:, None], q / np.outer(norms, norms)
    return m, q


@pytest.mark.parametrize(("name", "unit"), [("relu", False), ("tanh", False), ("relu", True)])
def test_four_neurons_against_plain_monte_carlo(name: str, unit: bool) -> None:
    """The spread of ten runs with fixed seeds judges their mean: five standard errors and the limit's own error."""
    alpha = (0.9, -0.5, 0.5, -0.9)
    ours = limit("z1 + z1*z2", Student(name, 4, alpha), steps=2, normalize_rows=unit)("auto", 1 << 14)
    assert ours.method == "qmc"
    sigma = {"relu": lambda x: np.maximum(x, 0), "tanh": np.tanh}[name]
    slope = {"relu": lambda x: x > 0, "tanh": lambda x: np.cosh(x) ** -2.0}[name]
    v = np.array(alpha) / 4
    runs = [plain(lambda a, b: a + a * b, sigma, slope, v, 0.3, 2, 4.0, 8.0, unit, seed) for seed in range(10)]
    for index, found, error in ((0, ours.overlaps[2], ours.error[2]), (1, ours.gram[2], ours.gram_error[2])):
        values = np.array([run[index] for run in runs])
        spread = values.std(axis=0, ddof=1).max() / np.sqrt(10)
        assert np.abs(values.mean(axis=0) - found).max() < 5 * spread + error


def test_even_and_odd_students_are_stuck_where_the_staircase_says() -> None:
    """z1 z2 needs c_2: an odd sigma never moves along z2, ReLU does at the second step."""
    odd, kinked = CASES["erf"], CASES["relu"]
    assert np.abs(odd("quadrature").overlaps[:, :, 1:]).max() < 1e-12
    found = kinked("quadrature").overlaps
    assert np.abs(found[1, :, 1]).max() < 1e-12
    assert np.abs(found[2, :, 1]).min() > 0.05


def quick(terms: dict[tuple[int, ...], float], alpha: list[float], bias: list[float], unit: bool) -> FreshLimit:
    student = Student("u - u**2/3", len(alpha), alpha, "plain", bias)
    return fresh_limit(Setting(Target(terms), student, Regime(d=10, n="3*d", eta="p", steps=2, normalize_rows=unit)))


numbers = st.floats(-1, 1).map(lambda x: round(x, 3))


@settings(max_examples=15, deadline=None)
@given(st.lists(numbers, min_size=3, max_size=3), st.lists(numbers, min_size=3, max_size=3), st.permutations(range(3)))
def test_neurons_have_no_order(alpha: list[float], bias: list[float], order: list[int]) -> None:
    terms = {(1, 0): 1.0, (1, 1): 1.0, (0, 2): 0.5}
    one = quick(terms, alpha, bias, unit=True)
    other = quick(terms, [alpha[i] for i in order], [bias[i] for i in order], unit=True)
    np.testing.assert_allclose(other.overlaps, one.overlaps[:, order], atol=1e-9)
    np.testing.assert_allclose(other.gram, one.gram[:, order][:, :, order], atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(
    st.dictionaries(st.tuples(*[st.integers(0, 2)] * 3).filter(lambda key: sum(key) <= 3), numbers, min_size=1),
    st.permutations(range(3)),
    st.tuples(*[st.sampled_from([-1, 1])] * 3),
)
def test_coordinates_have_no_order_and_no_sign(terms: dict, order: list[int], signs: tuple[int, ...]) -> None:
    """f*(z) with z_r replaced by signs[r] z_order[r]: then overlap r of the old is signs[r] times overlap order[r]."""
    turned = {}
    for key, value in terms.items():
        moved = [0, 0, 0]
        for r, power in enumerate(key):
            moved[order[r]] = power
        turned[tuple(moved)] = value * float(np.prod([s**e for s, e in zip(signs, key, strict=True)]))
    one, other = (quick(f, [0.9, -0.3], [0.2, -0.1], unit=False) for f in (terms, turned))
    scale = 1 + np.abs(one.gram).max()
    np.testing.assert_allclose(other.overlaps[:, :, order] * np.array(signs) / scale, one.overlaps / scale, atol=1e-9)
    np.testing.assert_allclose(other.gram / scale, one.gram / scale, atol=1e-9)


def test_mirrored_neurons_part_oppositely_at_the_first_step() -> None:
    ours = limit("z1 + z1*z2", Student("relu", 4, (0.9, -0.5, 0.5, -0.9)))("quadrature")
    np.testing.assert_allclose(ours.overlaps[1], -ours.overlaps[1, ::-1], atol=1e-12)
    np.testing.assert_array_equal(ours.gram[0], np.eye(4) + np.eye(4)[::-1])
