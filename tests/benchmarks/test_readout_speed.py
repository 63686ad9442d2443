"""What a readout costs beside its bare products, Z W^T, F^T F and the solver, by plain NumPy and SciPy on one thread.

Their arrays are given to the products; ours draws its samples, and labels, applies the activation, and splits the
target by degree. Z has the coordinates the route takes: p + k, or d. Interleaved; medians.
"""

from typing import Any

import numpy as np
import pytest
import scipy.linalg
from test_sim_speed import median_ratios

import sim
from sim.threads import single_threaded_blas
from theory.problem import Regime, Setting, Student, Target

TEST = 2048


def trained(d: int, p: int, keep_rows: bool) -> sim.Run:
    """A run of one replica whose rows are Gaussian."""
    setting = Setting(
        Target("z1 + z1*z2 + z1*z2*z3", noise=0.1),
        Student(activation="relu", p=p, init="plain"),
        Regime(d=d, n="2*d", eta="p"),
    )
    rows = np.random.default_rng(0).standard_normal((1, 1, p, d)) / np.sqrt(d)
    zeros = np.zeros((1, p))
    known = {"rows": rows} if keep_rows else {"gram": rows @ rows.swapaxes(2, 3)}
    return sim.Run(setting, "given", "a test", (1,), zeros, zeros, np.zeros(1, bool), rows[..., :3], **known)


def ratio(benchmark: Any, run: sim.Run, n: int, route: str) -> float:
    p, d = run.setting.student.p, run.setting.regime.d
    rng, columns = np.random.default_rng(1), d if route == "rows" else p + 3
    z, fresh, rows, features = (
        rng.standard_normal(shape) for shape in ((n, columns), (TEST, columns), (p, columns), (n, p))
    )
    right = rng.standard_normal(min(n, p))

    def bare() -> None:
        with single_threaded_blas():
            _ = z @ rows.T
            _ = fresh @ rows.T
            gram = features.T @ features if n >= p else features @ features.T
            gram.flat[:: len(gram) + 1] += 1.0
            scipy.linalg.solve(gram, right, assume_a="pos")

    def ours() -> None:
        sim.fit_readout(run, n, 1.0, route=route, test_samples=TEST, threads=1)

    return median_ratios(benchmark, ours, {"bare": bare}, rounds=9)["bare"]


@pytest.mark.parametrize(("p", "n"), [(256, 8192), (512, 8192)])
def test_a_readout_from_gram_matrices_costs_little_more_than_its_products(benchmark: Any, p: int, n: int) -> None:
    assert ratio(benchmark, trained(2048, p, keep_rows=False), n, "reduced") <= 1.3


def test_a_readout_from_rows_costs_little_more_than_its_products(benchmark: Any) -> None:
    assert ratio(benchmark, trained(1024, 512, keep_rows=True), 4096, "rows") <= 1.3


@pytest.mark.slow
@pytest.mark.parametrize("n", [4096, 1536])
def test_a_wide_readout_costs_little_more_than_its_products(benchmark: Any, n: int) -> None:
    """n = 1536 < p = 2048 is the kernel form."""
    assert ratio(benchmark, trained(4096, 2048, keep_rows=False), n, "reduced") <= 1.3
