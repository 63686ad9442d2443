"""A step of the simulator is the gradient of the loss: against finite differences, and against plain NumPy."""

from functools import partial

import numpy as np
import pytest
from sim_problems import batch_data, setting

import sim
from tests import oracle
from theory.problem import Setting

simulate = partial(sim.simulate, method="direct")

EPSILON = np.finfo(float).eps

PROBLEMS = {
    "one neuron": setting(p=1, init="plain", d=5, n=9, steps=2),
    "three neurons, biases": setting(p=3, init="plain", bias="gaussian", activation="erf", d=4, n=8, steps=2),
    "pair": setting(p=2, d=5, n=9, steps=3, second_layer="gaussian"),
    "correlation, ntk": setting(p=4, scaling="ntk", loss="correlation", bias="uniform", steps=2),
    "ntk, squared": setting(p=2, scaling="ntk", init="plain", activation="softplus", bias=0.5, steps=2),
    "given layers": setting(p=2, second_layer=(0.7, -0.7), bias=(0.1, 0.1), activation="gelu", steps=2),
    "wide": setting(p=300, init="plain", d=3, n=20, eta=1.0, steps=1),
    "preprocessed": setting(noise=0.5, preprocess=1, steps=2),
    "weight decay": setting(weight_decay=0.25, eta=0.5, steps=2),
    "reused": setting(batch="reused", steps=3),
    "batch ids": setting(batch=(4, 7, 4), steps=3),
}


def loss(problem: Setting, rows: np.ndarray, run: sim.Run, x: np.ndarray, y: np.ndarray) -> float:
    """(1/2n) sum (y - f)^2, or -(1/n) sum y f, plus (weight_decay/2) |W|^2 in units where v multiplies the whole."""
    activation, regime, student = problem.student.activation, problem.regime, problem.student
    sigma = oracle.compiled((activation.symbol,), activation.expr)
    width = student.p if student.scaling == "mean-field" else np.sqrt(student.p)
    f = oracle.network(rows, run.alpha[0] / width, run.bias[0], sigma, x)
    data = np.mean((y - f) ** 2) / 2 if regime.loss == "squared" else -np.mean(y * f)
    return data + regime.weight_decay / 2 * np.sum(rows**2)


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_step_is_minus_eta_times_the_gradient_of_the_loss(name: str) -> None:
    problem = PROBLEMS[name]
    run = simulate(problem, rng=3, replicas=1, record=("rows",))
    for step, batch_id in enumerate(problem.batch_ids):
        x, y = batch_data(problem, rng=3, batch_id=batch_id)
        before, after = run.rows[0, step], run.rows[0, step + 1]
        moved = (before - after) / problem.eta
        for index in np.ndindex(before.shape):
            derivatives, scale = [], 0.0
            for h in (2e-3, 1e-3):
                shift = np.zeros_like(before)
                shift[index] = h
                up, down = (loss(problem, before + s * shift, run, x, y) for s in (1, -1))
                derivatives.append((up - down) / (2 * h))
                scale = max(abs(up), abs(down), np.mean(y**2))
            # D(h) = L' + c h^2 + O(h^4): the extrapolation below is exact to O(h^4), and a twentieth of the
            # change from h to h/2 bounds what is left while h^2 L^(5) / L^(3) < 0.1; rounding: 2 evaluations
            # over 2h, 100 ulp each.
            extrapolated = derivatives[1] + (derivatives[1] - derivatives[0]) / 3
            rounding = 100 * EPSILON * scale / 1e-3
            tolerance = abs(derivatives[1] - derivatives[0]) / 20 + rounding
            assert abs(moved[index] - extrapolated) <= tolerance
            assert tolerance < 1e-6 * scale  # so that a wrong factor anywhere would show


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_step_is_plain_numpy_arithmetic_to_round_off(name: str) -> None:
    problem = PROBLEMS[name]
    run = simulate(problem, rng=4, replicas=2, record=("rows", "train_error"))
    activation, regime, student = problem.student.activation, problem.regime, problem.student
    sigma, derivative = (oracle.compiled((activation.symbol,), e) for e in (activation.expr, activation.derivative))
    for replica in range(2):
        output = run.alpha[replica] / (student.p if student.scaling == "mean-field" else np.sqrt(student.p))
        for step, batch_id in enumerate(problem.batch_ids):
            x, y = batch_data(problem, 4, replica, batch_id)
            rows, bias = run.rows[replica, step], run.bias[replica]
            f = oracle.network(rows, output, bias, sigma, x)
            residual = y - f if regime.loss == "squared" else y
            move = problem.eta * oracle.gradient(rows, output, bias, derivative, x, residual)
            expected = (1 - problem.eta * regime.weight_decay) * rows + move
            # Both sides evaluate the same formula; with |sigma'|, |sigma''| <= 2 and preactivations known to
            # (d + 2) eps |w||x|, each error signal is known to eps times (d + p + 20) times the sizes below.
            size_x = np.linalg.norm(x, axis=1)
            reach = 1 + np.linalg.norm(rows, axis=1).max() * size_x
            signal = np.abs(output).max() * 2 * (np.abs(y) + np.abs(output).sum() * (reach + 4) * 2)
            bound = (problem.n + regime.d + student.p + 20) * EPSILON * problem.eta * np.mean(signal * reach * size_x)
            assert np.abs(run.rows[replica, step + 1] - expected).max() <= bound + 4 * EPSILON
            # n + d + p + 20 < 400 roundings, of terms that at most a factor ten of cancellation leaves
            # behind: 4000 eps
            assert run.train_error[replica, step] == pytest.approx(np.mean((y - f) ** 2), rel=1e-12)
        last = oracle.network(run.rows[replica, -1], output, run.bias[replica], sigma, x)
        assert run.train_error[replica, -1] == pytest.approx(np.mean((y - last) ** 2), rel=1e-12)


def test_relu_steps_too() -> None:
    problem = setting(activation="relu", p=6, init="plain", d=20, n=50)
    run = simulate(problem, rng=5, replicas=1, record=("rows",))
    x, y = batch_data(problem, 5)
    rows, output = run.rows[0, 0], run.alpha[0] / 6
    u = x @ rows.T
    errors = (u > 0) * output * (y - np.maximum(u, 0) @ output)[:, None]
    # sums of n terms, each with d + p + 4 roundings at most, of the sizes summed here
    sizes = np.abs(output) * (np.abs(y) + np.abs(u) @ np.abs(output))[:, None]
    bound = (50 + 20 + 6 + 4) * EPSILON * 6 * (sizes.T @ np.abs(x) / 50 + np.abs(rows))
    assert (np.abs(run.rows[0, 1] - rows - 6 * errors.T @ x / 50) <= bound).all()


def test_normalised_rows_keep_the_direction_of_the_step() -> None:
    free = simulate(setting(), rng=6, replicas=3, record=("rows",)).rows[:, 1]
    unit = simulate(setting(normalize_rows=True), rng=6, replicas=3, record=("rows",)).rows[:, 1]
    np.testing.assert_allclose(unit, free / np.linalg.norm(free, axis=-1)[..., None], rtol=20 * EPSILON)


@pytest.mark.parametrize("options", [{}, {"init": "plain", "loss": "correlation"}, {"normalize_rows": True}])
def test_looking_ahead_takes_the_gradient_further_down_on_the_same_batch(options: dict) -> None:
    problem = setting(extragradient="p/2", weight_decay=0.1, noise=0.3, p=4, steps=2, **options)
    student, regime = problem.student, problem.regime
    run = simulate(problem, rng=7, replicas=1, record=("rows",))
    sigma, derivative = (
        oracle.compiled((student.activation.symbol,), expr)
        for expr in (student.activation.expr, student.activation.derivative)
    )
    assert run.rows is not None
    output, bias = run.alpha[0] / student.p, run.bias[0]
    for step in range(regime.steps):
        x, y = batch_data(problem, 7, batch_id=step)

        def descent(rows: np.ndarray, x: np.ndarray = x, y: np.ndarray = y) -> np.ndarray:
            residual = y - oracle.network(rows, output, bias, sigma, x) if regime.loss == "squared" else y
            return oracle.gradient(rows, output, bias, derivative, x, residual)

        rows = run.rows[0, step]
        expected = (1 - problem.eta * 0.1) * rows + problem.eta * descent(rows + 2.0 * descent(rows))
        if regime.normalize_rows:
            expected /= np.linalg.norm(expected, axis=1)[:, None]
        np.testing.assert_allclose(run.rows[0, step + 1], expected, atol=1e-12)
