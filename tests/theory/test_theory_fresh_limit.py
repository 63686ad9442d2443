"""The fresh-batch limit where it is known in closed form: linear students, first steps, removed labels."""

import numpy as np
import pytest

from theory import FreshLimit, ProblemError, Regime, Setting, Student, Target, first_step, fresh_limit

ALPHA = (0.9, -0.4, 0.4, -0.9)


def limit(target: Target, student: Student, method: str = "quadrature", **regime: object) -> FreshLimit:
    return fresh_limit(Setting(target, student, Regime(**{"d": 1000, "n": "2*d", "eta": "p", **regime})), method=method)


# target, C_1, E f*, E f*^2
LINEAR = [
    ("z1 + z1*z2 - 2*z2", [1.0, -2.0], 0.0, 6.0),
    ("He3(z1)/2 + z2 + 3", [0.0, 1.0], 3.0, 9.0 + 1.0 + 6 / 4),
    ("z1*z2*z3 + z1**2", [0.0, 0.0, 0.0], 1.0, 1.0 + 3.0),
]


def linear_recursion(
    c: np.ndarray,
    mean: float,
    energy: float,
    v: np.ndarray,
    b: np.ndarray,
    rows: np.ndarray,
    steps: int,
    eta: float,
    ratio: float,
    decay: float,
    squared: bool,
    unit: bool,
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """sigma(u) = u: e = v r with r = y - <v, h + b>, so E[r u] = C_1 - M^T v, E[r h] = M C_1 - Q v and
    E r^2 = E y^2 - 2 <C_1, M^T v> + v^T Q v + (b-terms); without the student's part for the correlation loss.

    M' = D M + eta v E[r u]^T, Q' = D^2 Q + eta D (v E[r h]^T + its transpose) + eta^2 v v^T (|S|^2 + E r^2 / ratio),
    |S|^2 = |C_1|^2 - 2 <C_1, M^T v> + v^T Q v the squared norm of the linear part of r.
    """  # fmt: skip
    m, q = np.zeros((len(v), len(c))), rows @ rows.T
    overlaps, grams = [m], [q]
    for _ in range(steps):
        f = v if squared else 0 * v
        linear = c @ c - 2 * c @ (m.T @ f) + f @ q @ f
        square = energy - 2 * c @ (m.T @ f) + f @ q @ f - 2 * mean * (f @ b) + (f @ b) ** 2
        fields = np.outer(v, m @ c - q @ f)
        m_new = decay * m + eta * np.outer(v, c - m.T @ f)
        q = decay**2 * q + eta * decay * (fields + fields.T) + eta**2 * np.outer(v, v) * (linear + square / ratio)
        m = m_new
        if unit:
            norms = np.sqrt(np.diag(q))
            m, q = m / norms[:, None], q / np.outer(norms, norms)
        overlaps.append(m)
        grams.append(q)
    return overlaps, grams


@pytest.mark.parametrize(("text", "c", "mean", "energy"), LINEAR)
@pytest.mark.parametrize(("loss", "unit", "weight_decay"), [
    ("squared", False, 0.0), ("squared", True, 0.0), ("correlation", False, 0.1), ("squared", False, 0.25),
])  # fmt: skip
@pytest.mark.parametrize(("init", "scaling"), [("symmetric", "mean-field"), ("plain", "ntk")])
def test_linear_students(
    text: str, c: list[float], mean: float, energy: float, loss: str, unit: bool, weight_decay: float,
    init: str, scaling: str,
) -> None:  # fmt: skip
    """Only C_1, E y and E y^2 matter. weight_decay 0.25 with eta = 4 makes D = 0: nothing of the rows is kept."""
    bias = (0.5, -1.0, -1.0, 0.5)
    student = Student("u", 4, ALPHA if init == "symmetric" else (0.9, -0.4, 0.3, 0.2), init, bias, scaling)
    regime = {"steps": 4, "loss": loss, "normalize_rows": unit, "weight_decay": weight_decay}
    ours = limit(Target(text, noise=0.5), student, **regime)
    v = np.array(student.second_layer) / (4 if scaling == "mean-field" else 2)
    rows = np.eye(4) if init == "plain" else np.concatenate([np.eye(2), np.eye(2)[::-1]])
    overlaps, gram = linear_recursion(
        np.array(c), mean, energy + 0.25, v, np.array(bias), rows, 4, 4.0, 2.0, 1 - 4 * weight_decay,
        loss == "squared", unit,
    )  # fmt: skip
    scale = np.abs(gram).max(axis=(1, 2), initial=1)[:, None, None]
    np.testing.assert_allclose(ours.overlaps / scale, overlaps / scale, atol=1e-10)
    np.testing.assert_allclose(ours.gram / scale, gram / scale, atol=1e-10)
    assert ours.error.shape == ours.gram_error.shape == (5,)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "abs", "tanh", "erf", "softplus", "gelu", "He3", "u*abs(u)"])
@pytest.mark.parametrize("bias", [0.0, -0.75])
def test_the_first_step_is_theirs(name: str, bias: float) -> None:
    """signal alpha_i along C_1, and noise alpha_i^2 outside V*, at d = infinity, where (d - k)/n is d/n."""
    target = Target("z1 + 2*z2 + z1*z2", noise=0.7)
    setting = Setting(target, Student(name, 4, ALPHA, bias=bias), Regime(d=50, n="8*d", eta="3*p"))
    known, ours = first_step(setting), fresh_limit(setting, method="quadrature")
    direction = np.array(known.direction) / np.linalg.norm(known.direction)
    alpha = np.array(ALPHA)
    np.testing.assert_allclose(ours.overlaps[1], known.signal * np.outer(alpha, direction), atol=1e-8)
    outside = np.diag(ours.gram[1] - ours.overlaps[1] @ ours.overlaps[1].T)
    np.testing.assert_allclose(outside, 1 + known.noise * 400 / 48 / 8 * alpha**2, rtol=1e-8)
    assert max(ours.error[1], ours.gram_error[1]) < 1e-6


@pytest.mark.parametrize("ratio", [1, 2, 8])
def test_pure_noise_less_its_linear_part(ratio: int) -> None:
    """y' = (1 - X X^T/n) y for pure noise y: |X^T y'/n|^2 -> E y^2 tr(K - 2 K^2 + K^3)/n, K = X X^T/n, and with
    Marchenko-Pastur's moments 1, 1 + c, 1 + 3c + c^2 (c = d/n) of X^T X/n that is E y^2 c^2 (1 + c)."""
    c, student = 1 / ratio, Student("u", 4, ALPHA)
    ours = limit(Target("0*z1", noise=1.5), student, n=f"{ratio}*d", preprocess=1)
    v = np.array(ALPHA) / 4
    start = limit(Target("z1"), student).gram[0]
    np.testing.assert_allclose(ours.gram[1], start + 16 * np.outer(v, v) * 2.25 * c**2 * (1 + c), atol=1e-12)
    assert not ours.overlaps.any()


def test_a_linear_target_less_its_linear_part() -> None:
    """The gradient (1 - S) S w*, S = X^T X/n: along w* it is 1 - (1 + c) = -c, and its square is m2 - 2 m3 + m4 of
    Marchenko-Pastur, m4 = 1 + 6c + 6c^2 + c^3."""
    c = 0.25
    ours = limit(Target("z1"), Student("u", 4, ALPHA), n="4*d", preprocess=1)
    v = np.array(ALPHA)
    np.testing.assert_allclose(ours.overlaps[1][:, 0], -c * v, atol=1e-12)
    square = (1 + c) - 2 * (1 + 3 * c + c**2) + (1 + 6 * c + 6 * c**2 + c**3)
    np.testing.assert_allclose(ours.gram[1] - ours.gram[0], np.outer(v, v) * square, atol=1e-12)


def test_removing_the_mean_is_another_target() -> None:
    student = Student("tanh", 2, (0.9, -0.9), bias=0.3)
    removed = limit(Target("z1**2 + z1*z2", noise=0.5), student, steps=2, preprocess=0)
    centred = limit(Target("z1**2 + z1*z2 - 1", noise=0.5), student, steps=2)
    np.testing.assert_allclose(removed.overlaps, centred.overlaps, atol=1e-12)
    np.testing.assert_allclose(removed.gram, centred.gram, atol=1e-12)


def test_what_is_given_is_used_and_d_is_not() -> None:
    target = Target("z1 + z1*z2")
    named = Student("tanh", 2, (0.9, -0.9), bias=(0.3, 0.3))
    drawn = Setting(target, Student("tanh", 2, bias="uniform"), Regime(d=77, n="2*d + sqrt(d)", eta="p*sqrt(n/(2*d))"))
    with pytest.raises(ProblemError, match="no sum of powers"):
        fresh_limit(drawn, alpha=(0.9, -0.9), bias=(0.3, 0.3))
    drawn = Setting(target, drawn.student, Regime(d=77, n="2*d + sqrt(d)", eta="p + 1/d", steps=2))
    ours = fresh_limit(drawn, alpha=[0.9, -0.9], bias=np.array([0.3, 0.3]))
    expected = limit(target, named, steps=2)
    np.testing.assert_array_equal(ours.overlaps, expected.overlaps)
    np.testing.assert_allclose(ours.cosines, ours.overlaps / np.sqrt(np.einsum("tii->ti", ours.gram))[:, :, None])
    assert ours.method == "quadrature"
