"""The parts of the simulator of one sample a step, each against plain arithmetic."""

import numpy as np
import pytest
from scipy.stats import chi, kstest
from sim_problems import setting

import sim
from sim.chain import draws, steps
from sim.chain.uses import Uses
from sim.expressions.lower import lower
from sim.random.streams import Streams
from sim.random.words import open_stream
from theory.problem import Activation, Regime, Setting, Target

KEY = np.array([5, 6], np.uint64)


def triangles(rng: np.random.Generator, p: int, replicas: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """root (p, p + 1, R), sample (p + 1, R) and signals (p, R)."""
    root = np.tril(rng.normal(size=(replicas, p, p + 1)))
    root[:, :, p] = 0.0
    return np.moveaxis(root, 0, 2).copy(), rng.normal(size=(p + 1, replicas)), rng.normal(size=(p, replicas))


@pytest.mark.parametrize("p", [1, 2, 5, 17])
def test_the_triangle_follows_the_gram_matrix(p: int) -> None:
    rng = np.random.default_rng(p)
    root, sample, signals = triangles(rng, p, 9)
    root[:, : (p + 1) // 2, 0] = root[:1, : (p + 1) // 2, 0]  # equal rows at first, as those of symmetric pairs
    root[:, :, 1], sample[-1, 2], sample[:, 3], signals[:, 4] = 0.0, 0.0, 0.0, 0.0
    gram = np.einsum("ijr,ljr->ril", root, root)
    fields, square = np.einsum("ijr,jr->ri", root, sample), np.einsum("jr,jr->r", sample, sample)
    steps.add_sample(root, sample, 0.3, signals)
    e = 0.3 * signals.T
    cross = np.einsum("ri,rj->rij", e, fields)
    gram += cross + cross.swapaxes(1, 2) + np.einsum("r,ri,rj->rij", square, e, e)
    tolerance = 1e-13 * (1.0 + p) * np.maximum(1.0, abs(gram).max())
    np.testing.assert_allclose(np.einsum("ijr,ljr->ril", root, root), gram, rtol=0, atol=tolerance)
    np.testing.assert_allclose(np.einsum("jr,jr->r", sample, sample), square, rtol=1e-13 * (1 + p))
    fields += e * square[:, None]  # the sample has turned with the basis
    np.testing.assert_allclose(np.einsum("ijr,jr->ri", root, sample), fields, rtol=0, atol=tolerance)
    np.testing.assert_array_equal(np.triu(np.moveaxis(root, 2, 0), 1), 0.0)


def test_a_million_turns_keep_the_gram_matrix() -> None:
    """Rotations are orthogonal to round-off: after m of them, at random, the error is about sqrt(m) epsilons."""
    root, sample, _ = triangles(np.random.default_rng(1), 3, 8)
    gram = np.einsum("ijr,ljr->ril", root, root)
    silent = np.zeros((3, 8))
    for _ in range(10**4):
        steps.add_sample(root, sample, 1.0, silent)
    np.testing.assert_allclose(np.einsum("ijr,ljr->ril", root, root), gram, rtol=0, atol=1e-11)


def arguments(p: int, k: int, replicas: int) -> tuple:
    """Of `advance`: seven looks at five samples, three of them recorded."""
    rng = np.random.default_rng(3)
    root, sample, bias = triangles(rng, p, replicas)
    activation = Activation("softplus")
    network = lower((activation.expr, activation.derivative), (activation.symbol,)).as_tuple()
    uses = np.array([[0, 1], [1, 1], [1, 0], [2, 1], [3, 1], [4, 1], [4, 0]])
    kept = np.array([True, False, False, True, False, False, True])
    inputs, labels = rng.normal(size=(k + p + 1, 5, replicas)), rng.normal(size=(5, replicas))
    state = rng.normal(size=(p, k, replicas)), root, sample
    records = np.zeros((3, p, k + p, replicas)), np.zeros((3, replicas))
    return uses, kept, 6, network, inputs, labels, (bias, rng.normal(size=(p, replicas))), state, records


@pytest.mark.parametrize(
    "rule", [(0.1, 1.0, 0.0, False, False), (0.2, 0.9, 0.3, False, True), (0.1, 1.0, 0.2, True, True)]
)
def test_compiled_steps_do_what_the_python_functions_do(rule: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for plain in (False, True):
        uses, kept, moves, *others = arguments(3, 2, 5)
        if plain:
            for name in (
                "preactivations",
                "weighted_signals",
                "look_ahead",
                "rotation",
                "rotate",
                "add_sample",
                "scale",
            ):
                monkeypatch.setattr(steps, name, getattr(steps, f"_{name}"))
        (steps._advance if plain else steps.advance)(uses, kept, moves, rule, *others)
        results.append([*others[-2], *others[-1]])
    for compiled, python in zip(*results, strict=True):
        np.testing.assert_array_equal(compiled, python)


@pytest.mark.parametrize("df", [0, 1, 2, 9])
def test_compiled_draws_do_what_the_python_functions_do(df: int, monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target("He2(z1)/2 + z2")
    teacher = lower((target.expr,), target.symbols).as_tuple()
    results = []
    for kernel in (draws.draw_samples, draws._draw_samples):
        inputs, labels = np.empty((6, 40, 11)), np.empty((40, 11))
        kernel(KEY, 3, 1, df, 2, 2, 0.5, teacher, inputs, labels)
        results.append((inputs, labels))
        monkeypatch.setattr(draws, "roots", draws._roots)
        monkeypatch.setattr(draws, "accepted", draws._accepted)
    for compiled, python in zip(*results, strict=True):
        np.testing.assert_array_equal(compiled, python)
    z1, z2, *_, noise = results[0][0]
    np.testing.assert_allclose(results[0][1], (z1**2 - 1) / 2 + z2 + 0.5 * noise, rtol=0, atol=1e-13)


@pytest.mark.parametrize("df", [1, 2, 3, 10, 998, 10**7])
def test_the_law_of_the_lengths(df: int) -> None:
    """Kolmogorov-Smirnov, level 1e-6 each."""
    values = np.random.default_rng(df).normal(size=10**6)
    draws.roots(open_stream(KEY, 0, 0, 0, df), df, values)
    assert kstest(values, chi(df).cdf).pvalue > 1e-6


def test_no_degrees_of_freedom_no_length() -> None:
    values = np.ones(5)
    draws.roots(open_stream(KEY, 0, 0, 0, 0), 0, values)
    np.testing.assert_array_equal(values, 0.0)


def test_what_is_accepted_without_a_logarithm_would_be_accepted_with_it() -> None:
    t = np.linspace(-0.5, 4.0, 10**5)
    assert (3 * np.log1p(t) - 3 * t + 1.5 * t**2 - t**3 >= -1.5 * t**4 - 1e-15).all()


BATCHES = ["fresh", "reused", (0, 1, 2, 3, 4, 5), (4, 4, 0, 0, 0, 9), (0, 0, 1, 1, 2, 2)]


@pytest.mark.parametrize("batch", BATCHES)
def test_uses_number_the_samples_in_order(batch: str | tuple[int, ...]) -> None:
    regime = Regime(d=5, n=1, eta=1.0, steps=6, batch=batch)
    uses, ids = Uses(regime), [*regime.batch_ids, regime.batch_ids[-1]]
    expected = [len(set(ids[: i + 1])) - 1 for i in range(7)]
    assert not uses.returning
    assert uses.numbers(-1, 7).tolist() == [-1, *expected]
    for number in range(8):
        assert uses.reaching(number) == next((i for i in range(7) if expected[i] >= number), 7)


def test_uses_notice_a_sample_that_returns() -> None:
    assert Uses(Regime(d=5, n=1, eta=1.0, steps=4, batch=(3, 3, 1, 3))).returning
    assert Uses(setting(n=1, batch="fresh", steps=3).regime).returning is False


PATHS = {
    "squared loss": setting(
        n=1, eta=1.0, d=9, p=3, init="plain", steps=8, batch=(0, 1, 1, 2, 3, 3, 3, 4), extragradient=0.4, noise=0.5
    ),
    "correlation loss": setting(
        n=1, eta=0.5, d=7, p=4, init="plain", steps=6, loss="correlation", bias="gaussian", normalize_rows=True
    ),
    "weight decay": setting(n=1, eta=1.0, d=5, p=2, init="plain", steps=9, batch="reused", weight_decay=0.2),
}


@pytest.mark.parametrize("name", PATHS)
def test_every_path_is_one_of_explicit_descent(name: str) -> None:
    """Samples in R^d with the drawn coordinates, in the basis the rows' remainders have then, give the same steps."""
    problem, seed = PATHS[name], np.random.SeedSequence(8)
    p, k, d = problem.student.p, problem.target.k, problem.regime.d
    run = sim.simulate(problem, seed, 3, method="chain", record=("train_error",))
    width, noise = p + k + (2 if problem.target.noise else 1), problem.target.noise
    inputs, labels = np.empty((width, 256, 3)), np.empty((256, 3))
    teacher = lower((problem.target.expr,), problem.target.symbols).as_tuple()
    key = Streams(seed, 0).key
    draws.draw_samples(key, 0, 0, d - k - p, k, p, noise, teacher, inputs, labels)
    for r in range(3):
        rows = np.zeros((p, d))
        rows[:, :k], rows[:, k : k + p] = run.overlaps[r, 0], triangle(run, r, 0)
        sample, known = -1, -1
        for step, batch in enumerate(problem.batch_ids):
            if batch != known:
                sample, known = sample + 1, batch
                basis = np.linalg.solve(triangle(run, r, step), rows[:, k:])
                outside = np.linalg.svd(basis)[2][p]
                u, g, c = inputs[:k, sample, r], inputs[k : k + p, sample, r], inputs[k + p, sample, r]
                x = np.concatenate([u, g @ basis + c * outside])
            rows, square = explicit_step(problem, run, r, rows, x, labels[sample, r])
            np.testing.assert_allclose(square, run.train_error[r, step], rtol=1e-8, atol=1e-12)
            np.testing.assert_allclose(rows[:, :k], run.overlaps[r, step + 1], rtol=0, atol=1e-9)
            np.testing.assert_allclose(rows @ rows.T, run.gram[r, step + 1], rtol=0, atol=1e-9)
        _, square = explicit_step(problem, run, r, rows, x, labels[sample, r])
        np.testing.assert_allclose(square, run.train_error[r, -1], rtol=1e-8, atol=1e-12)


def triangle(run: sim.Run, r: int, step: int) -> np.ndarray:
    """The rows' remainders in the chain's basis: the triangle with positive diagonal is the only one."""
    return np.linalg.cholesky(run.gram[r, step] - run.overlaps[r, step] @ run.overlaps[r, step].T)


def explicit_step(
    problem: Setting, run: sim.Run, r: int, rows: np.ndarray, x: np.ndarray, y: float
) -> tuple[np.ndarray, float]:
    """The rows (p, d) after a step on (x, y), and (y - f)^2 before it."""
    output, regime = run.alpha[r] / problem.student.p, problem.regime

    def move(at: np.ndarray) -> tuple[np.ndarray, float]:
        h = np.tanh(at @ x + run.bias[r])
        residual = y - output @ h
        signal = output * (1 - h**2) * (residual if regime.loss == "squared" else y)
        return signal[:, None] * x, residual**2

    gradient, square = move(rows)
    if problem.extragradient:
        gradient, _ = move(rows + problem.extragradient * gradient)
    rows = (1 - problem.eta * regime.weight_decay) * rows + problem.eta * gradient
    return rows / np.linalg.norm(rows, axis=1)[:, None] if regime.normalize_rows else rows, square
