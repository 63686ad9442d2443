"""A second gradient descent, written to be read and not to be fast: whole arrays, its own random numbers.

Shares nothing with the simulators but the class they return, so agreement in law is evidence for both.
`mutant` plants an error, for the checks that must find it.
"""

import math
from collections.abc import Callable, Iterable
from functools import cache

import numpy as np
import sympy

from sim.run import Run
from theory.problem import Setting

MUTANTS = (
    "eta-doubled",
    "n-halved",
    "noise-dropped",
    "second-layer-redrawn",
    "batch-reused",
    "residual-sign",
    "derivative-dropped",
)
TEST_SAMPLES = 4096

Function = Callable[..., np.ndarray]


@cache
def compiled(symbols: tuple[sympy.Symbol, ...], expr: sympy.Expr) -> Function:
    """`expr` as a NumPy function of arrays of one shape; constants are spread over that shape."""
    function = sympy.lambdify(symbols, expr, modules=["scipy", "numpy"])
    return lambda *arrays: np.broadcast_to(function(*arrays), arrays[0].shape)


def network(rows: np.ndarray, output: np.ndarray, bias: np.ndarray, sigma: Function, x: np.ndarray) -> np.ndarray:
    """f(x) = sum_i v_i sigma(<w_i, x> + b_i) for every row of x."""
    return sigma(x @ rows.T + bias) @ output


def gradient(
    rows: np.ndarray,
    output: np.ndarray,
    bias: np.ndarray,
    derivative: Function,
    x: np.ndarray,
    residual: np.ndarray,
) -> np.ndarray:
    """v_i (1/n) sum x sigma'(<w_i, x> + b_i) r, shape (p, d): the direction of descent."""
    errors = derivative(x @ rows.T + bias) * output * residual[:, None]
    return errors.T @ x / len(x)


def draw_law(law: object, count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` values of a law named as in ``theory.problem.Student``, or the one given value repeated."""
    if law == "uniform":
        return rng.uniform(-1, 1, count)
    if law == "rademacher":
        return rng.choice([-1.0, 1.0], count)
    if law == "gaussian":
        return rng.normal(size=count)
    return np.full(count, float(law))  # type: ignore[arg-type]


def draw_student(setting: Setting, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """rows (p, d), alpha (p,), bias (p,) at initialisation."""
    student, d = setting.student, setting.regime.d
    symmetric = student.init == "symmetric"
    count = student.p // 2 if symmetric else student.p
    rows = rng.normal(size=(count, d))
    rows = rows / np.linalg.norm(rows, axis=1)[:, None]
    alpha = draw_alpha(setting, rng)
    bias = np.array(student.bias) if isinstance(student.bias, tuple) else draw_law(student.bias, count, rng)
    if symmetric:
        rows = np.vstack([rows, rows[::-1]])
        bias = bias if isinstance(student.bias, tuple) else np.append(bias, bias[::-1])
    return rows, alpha, bias


def draw_alpha(setting: Setting, rng: np.random.Generator) -> np.ndarray:
    """alpha (p,)."""
    student = setting.student
    if isinstance(student.second_layer, tuple):
        return np.array(student.second_layer)
    if student.init == "plain":
        return draw_law(student.second_layer, student.p, rng)
    half = draw_law(student.second_layer, student.p // 2, rng)
    return np.append(half, -half[::-1])


def draw_batch(setting: Setting, rng: np.random.Generator, mutant: str | None) -> tuple[np.ndarray, np.ndarray]:
    """x (n, d) and y (n,), with noise and preprocessing."""
    target, n = setting.target, max(1, setting.n // 2) if mutant == "n-halved" else setting.n
    x = rng.normal(size=(n, setting.regime.d))
    y = compiled(target.symbols, target.expr)(*x.T[: target.k])
    y = y + (0.0 if mutant == "noise-dropped" else target.noise) * rng.normal(size=n)
    mean, linear = y.mean(), y @ x / n
    if setting.regime.preprocess is not None:
        y = y - mean
    if setting.regime.preprocess == 1:
        y = y - x @ linear
    return x, y


def simulate(
    setting: Setting,
    rng: int | np.random.SeedSequence | np.random.Generator = 0,
    replicas: int = 32,
    method: str = "auto",
    record: Iterable[str] = ("overlaps",),
    at: str | Iterable[int] = "all",
    *,
    mutant: str | None = None,
) -> Run:
    """The interface of ``sim.simulate``; records everything whatever `record` says, test and train error only
    if asked.

    mutant: one of MUTANTS, or None for the truth.
    """
    if mutant is not None and mutant not in MUTANTS:
        raise ValueError(f"unknown mutant {mutant!r}")
    generator = np.random.default_rng(rng)
    steps = list(range(setting.regime.steps + 1)) if isinstance(at, str) else list(at)
    replica_runs = [_trajectory(setting, generator, mutant, tuple(record)) for _ in range(replicas)]
    stacked = {name: np.stack([run[name] for run in replica_runs]) for name in replica_runs[0]}
    rows = stacked["rows"][:, steps]
    overlaps = rows[..., : setting.target.k]
    errors = {
        name: stacked[name][:, steps] for name in ("test_error", "test_error_stderr", "train_error") if name in stacked
    }
    return Run(
        setting=setting,
        method="oracle",
        why="asked for" if mutant is None else f"planted error: {mutant}",
        at=tuple(steps),
        alpha=stacked["alpha"],
        bias=stacked["bias"],
        diverged=~np.isfinite(stacked["rows"][:, -1]).all(axis=(1, 2)),
        overlaps=overlaps,
        gram=rows @ rows.swapaxes(-1, -2),
        cosines=overlaps / np.linalg.norm(rows, axis=-1)[..., None],
        rows=rows,
        **errors,
    )


def _trajectory(
    setting: Setting, rng: np.random.Generator, mutant: str | None, record: tuple[str, ...]
) -> dict[str, np.ndarray]:
    student, regime = setting.student, setting.regime
    symbol, sigma_expr, derivative_expr = (
        student.activation.symbol,
        student.activation.expr,
        student.activation.derivative,
    )
    sigma = compiled((symbol,), sigma_expr)
    derivative = compiled((symbol,), sympy.Integer(1) if mutant == "derivative-dropped" else derivative_expr)
    eta = setting.eta * (2 if mutant == "eta-doubled" else 1)
    width = student.p if student.scaling == "mean-field" else math.sqrt(student.p)
    rows, alpha, bias = draw_student(setting, rng)
    output, history, train = alpha / width, [rows], []
    batches: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    for batch_id in setting.batch_ids:
        key = 0 if mutant == "batch-reused" else batch_id
        if key not in batches:
            batches[key] = draw_batch(setting, rng, mutant)
        x, y = batches[key]
        if mutant == "second-layer-redrawn":
            output = draw_alpha(setting, rng) / width
        fitted = network(rows, output, bias, sigma, x)
        train.append(np.mean((y - fitted) ** 2))
        residual = (y - fitted if regime.loss == "squared" else y) * (-1 if mutant == "residual-sign" else 1)
        move = gradient(rows, output, bias, derivative, x, residual)
        if setting.extragradient:
            ahead = rows + setting.extragradient * move
            residual = y - network(ahead, output, bias, sigma, x) if regime.loss == "squared" else y
            move = gradient(ahead, output, bias, derivative, x, residual)
        rows = (1 - eta * regime.weight_decay) * rows + eta * move
        if regime.normalize_rows:
            rows = rows / np.linalg.norm(rows, axis=1)[:, None]
        history.append(rows)
    train.append(np.mean((y - network(rows, output, bias, sigma, x)) ** 2))
    result = {"rows": np.array(history), "alpha": alpha, "bias": bias}
    if "train_error" in record:
        result["train_error"] = np.array(train)
    if "test_error" in record:
        squares = np.array([_test_squares(setting, rows, output, bias, sigma, rng) for rows in history])
        result["test_error"] = squares.mean(axis=1)
        result["test_error_stderr"] = squares.std(axis=1) / math.sqrt(TEST_SAMPLES - 1)
    return result


def _test_squares(
    setting: Setting,
    rows: np.ndarray,
    output: np.ndarray,
    bias: np.ndarray,
    sigma: Function,
    rng: np.random.Generator,
) -> np.ndarray:
    x = rng.normal(size=(TEST_SAMPLES, setting.regime.d))
    clean = compiled(setting.target.symbols, setting.target.expr)(*x.T[: setting.target.k])
    return (clean - network(rows, output, bias, sigma, x)) ** 2
