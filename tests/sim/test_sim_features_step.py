"""The setting of arXiv 2310.07891 in our terms: its step, by explicit NumPy, and its features after the step."""

import numpy as np
import pytest
from sim_problems import batch_data, setting

import sim
from theory.problem import Setting

CENTRED = "relu(u) - 1/sqrt(2*pi)"
ETA = "2*n**0.3*p**(1/2)"


def spikes_setting(scaling: str = "mean-field", **options: object) -> Setting:
    """f = a^T sigma(W x), a ~ N(0, I / N), W uniform on the sphere, and a step that grows with n."""
    chosen = {"activation": CENTRED, "p": 30, "d": 20, "n": 50, "eta": ETA, "noise": 0.3, **options}
    return setting("z1 + He2(z1)/2", second_layer="gaussian", init="plain", scaling=scaling, **chosen)  # type: ignore[arg-type]


@pytest.mark.parametrize("loss", ["squared", "correlation"])
@pytest.mark.parametrize("scaling", ["mean-field", "ntk"])
def test_the_step_of_the_paper(scaling: str, loss: str) -> None:
    """W_1 = W_0 + eta G, G = (1/n) sum_j (a * sigma'(W_0 x_j)) r_j x_j^T, with the paper's eta.

    It is ours with "ntk", where r_j = y_j - a^T sigma(W_0 x_j) keeps f_0 of order one; and ours over sqrt(p) with
    "mean-field", where r_j = y_j - p^(-1/2) a^T sigma(W_0 x_j). r_j = y_j for the correlation loss.
    """
    problem = spikes_setting(scaling, loss=loss)
    p, n = problem.student.p, problem.n
    assert problem.eta == pytest.approx(2 * n**0.3 * p**0.5)
    run = sim.simulate(problem, 3, 2, record="rows", at=(0, 1), method="direct")
    assert run.rows is not None
    for replica in range(2):
        x, y = batch_data(problem, 3, replica)
        before, a = run.rows[replica, 0], run.alpha[replica] / np.sqrt(p)
        u = x @ before.T
        output = (np.maximum(u, 0) - 1 / np.sqrt(2 * np.pi)) @ a / (np.sqrt(p) if scaling == "mean-field" else 1.0)
        residual = y - output if loss == "squared" else y
        gradient = (a * (u > 0) * residual[:, None]).T @ x / n
        eta = problem.eta / np.sqrt(p) if scaling == "mean-field" else problem.eta
        np.testing.assert_allclose(run.rows[replica, 1], before + eta * gradient, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("scaling", ["mean-field", "ntk"])
def test_two_steps_reuse_a_batch_or_not(scaling: str) -> None:
    """The second step of a reused batch sees the data of the first."""
    for batch, second in (("fresh", 1), ("reused", 0)):
        problem = spikes_setting(scaling, steps=2, batch=batch, loss="correlation")
        run = sim.simulate(problem, 3, 1, record="rows", at=(0, 1, 2), method="direct")
        assert run.rows is not None
        x, y = batch_data(problem, 3, 0, second)
        output = run.alpha[0] / (30 if scaling == "mean-field" else np.sqrt(30))
        move = (output * (x @ run.rows[0, 1].T > 0) * y[:, None]).T @ x / problem.n
        np.testing.assert_allclose(run.rows[0, 2], run.rows[0, 1] + problem.eta * move, rtol=1e-10, atol=1e-11)


def test_auto_takes_explicit_data_for_wide_networks() -> None:
    problem = spikes_setting(p=1500, n=2000, d=1000)
    options = sim.estimate(problem, 1, ("rows",), (0, 1), threads=1)
    assert options["auto"].method == "direct"


def test_a_step_makes_a_spike_along_its_gradient() -> None:
    """At d = 200 the largest left vector after the step is <z, along> up to an angle; before it there is none like it.

    Its linear part has s_1 = c_1^2 eta |a| |beta| sqrt(n) = .37 * 12 * sqrt(1.8) * 20 = 118, which tanh bends down to
    90 or more; the bulk ends near 32, so the angle's sine is about a third of bulk over spike or less. Before the step
    a cosine has mean 0 and at most a spread of (1 + sqrt(d / n)) / sqrt(d) = .12: .75 is 6 of these.
    """
    problem = spikes_setting(activation="tanh", p=300, n=400, d=200, eta="12*p**(1/2)", loss="correlation")
    run = sim.simulate(problem, 0, 4, record="rows", at=(0, 1))
    found = run.features(400, 0, top=2, along="gradient")
    linear = found.cosines((0, 1))
    assert (linear[:, 1, 0] > 0.9).all()
    assert (linear[:, 0] < 0.75).all()
    assert (found.values[:, 1, 0] > 2 * found.values[:, 0, 0]).all()
