"""What the simulators that are free of d cost, as ratios to plain NumPy measured in the same run, interleaved."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plain_dice import plain_reused_descent
from test_sim_speed import median_ratios, plain_step, seconds

import sim
from sim.threads import available_cores
from theory.problem import Regime, Setting, Student, Target

SAMPLES = 2 * 10**7


def fresh(d: int, n: int, p: int, steps: int = 1, init: str = "plain", **options: Any) -> Setting:
    student = Student("relu", p, init=init)
    return Setting(Target("z1 + z1*z2"), student, Regime(d=d, n=n, eta="p", steps=steps, **options))


def run(
    setting: Setting, method: str = "conditioned", replicas: int = 1, record: tuple[str, ...] = ("overlaps",)
) -> Callable[[], object]:
    return lambda: sim.simulate(setting, replicas=replicas, method=method, record=record)


def drawing(count: int) -> Callable[[], object]:
    """NumPy draws `count` normals, one thread a core."""
    cores = available_cores()
    part = 2**16  # reused: in cache, which is as fast as NumPy gets
    generators, buffers = [np.random.default_rng(i) for i in range(cores)], [np.empty(part) for _ in range(cores)]

    def one(core: int) -> None:
        for _ in range(count // cores // part):
            generators[core].standard_normal(out=buffers[core])

    def draw() -> None:
        with ThreadPoolExecutor(cores) as pool:
            list(pool.map(one, range(cores)))

    return draw


@pytest.mark.slow
@pytest.mark.parametrize("p", [2, 8])
def test_the_cost_of_a_sample_does_not_depend_on_d(benchmark: Any, p: int) -> None:
    others = {f"d = {d}": run(fresh(d, SAMPLES, p)) for d in (10**3, 10**5, 10**7)}
    ratios = median_ratios(benchmark, run(fresh(100, SAMPLES, p)), others, rounds=7)
    assert all(abs(ratio - 1) < 0.1 for ratio in ratios.values())


@pytest.mark.slow
@pytest.mark.parametrize("p", [1, 2, 4, 8])
def test_a_sample_costs_less_than_numpy_drawing_its_fields(benchmark: Any, p: int) -> None:
    drawn = drawing(SAMPLES * (p + 2))
    ratios = median_ratios(benchmark, run(fresh(10**5, SAMPLES, p)), {"drawing": drawn}, rounds=5)
    assert ratios["drawing"] <= 0.9


def test_a_sample_costs_less_than_numpy_drawing_its_fields_on_a_smaller_batch(benchmark: Any) -> None:
    drawn = drawing(2**21 * 6)
    ratios = median_ratios(benchmark, run(fresh(10**5, 2**21, 4)), {"drawing": drawn}, rounds=5)
    assert ratios["drawing"] <= 0.9


@pytest.mark.slow
def test_three_hundred_times_faster_than_the_plain_step(benchmark: Any) -> None:
    """The plain step on 2^22 samples would need 36 GB: it is timed on 2^14 of them, in memory, 256 times as long."""
    rng = np.random.default_rng(0)
    rows, output = rng.standard_normal((2, 1024)) / 32, rng.standard_normal(2) / 2
    plain = {"plain": lambda: plain_step(rng, 2**14, rows, output)}
    ratios = median_ratios(benchmark, run(fresh(1024, 2**22, 2)), plain, rounds=5)
    benchmark.extra_info["times faster"] = 2**8 / ratios["plain"]
    assert 2**8 / ratios["plain"] >= 300


GRID: dict[str, tuple[Any, ...]] = {  # setting, replicas, and what is recorded
    "d = 4096, n = d, p = 1024": (fresh(4096, 4096, 1024), 1),
    "the same, two steps": (fresh(4096, 4096, 1024, steps=2), 1),
    "p = 3/4 d": (fresh(1024, 4096, 768, steps=2), 1),
    "p = d": (fresh(512, 4096, 512, steps=2), 1),
    "narrow, n = 8d": (fresh(4096, 32768, 8), 2),
    "small, many replicas": (fresh(32, 128, 4, steps=3), 2000),
    "tiny": (fresh(4, 20, 2, steps=2), 2000),
    "reused": (fresh(2000, 8000, 4, steps=4, batch="reused"), 2),
    "reused, small": (fresh(16, 40, 4, steps=4, batch="reused"), 1000),
    "reused, d small and n large": (fresh(16, 40_000, 4, steps=4, batch="reused"), 4),
    "reused, many steps": (fresh(100, 1000, 2, steps=100, batch="reused"), 32),
    "one sample a step": (fresh(100, 1, 2, steps=30_000), 32),
    "n = d / 2, p = 32": (fresh(1000, 500, 32, steps=4), 64),
    "n = d / 64, p = 16": (fresh(4096, 64, 16, steps=4), 500),
    "n = d / 10, p = 16": (fresh(1000, 100, 16, steps=4), 500),
    "n = d / 2, p = 8": (fresh(200, 100, 8, steps=4), 1000),
    "n = d, p = 64": (fresh(512, 512, 64, steps=4), 32),
    "n = 4d, p = 8": (fresh(30, 120, 8, steps=4), 1000),
    "n = 4d, p = d": (fresh(30, 120, 30, steps=4), 200),
    "mirrored, one step, p = 16": (fresh(32, 5793, 16, init="symmetric"), 100),
    "mirrored, one step, p = 64": (fresh(1024, 23_000, 64, init="symmetric"), 8),
    "rows, p = 4d": (fresh(8, 1, 32, steps=50), 32, ("rows",)),
    "rows, p < n < d": (fresh(50, 5, 4, steps=20), 64, ("rows",)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", GRID)
def test_auto_is_about_as_fast_as_the_fastest_method(benchmark: Any, name: str) -> None:
    setting, replicas, *record = GRID[name]
    options = sim.estimate(setting, replicas, *record)
    costs = {method: option.cost.seconds for method, option in options.items() if option.cost and method != "auto"}
    likely = [method for method, cost in costs.items() if cost < 10 * min(costs.values())]
    forced = {method: run(setting, method, replicas, *record) for method in likely}
    ratios = median_ratios(benchmark, run(setting, "auto", replicas, *record), forced, rounds=5)
    assert max(ratios.values()) <= 1.1


REUSED = Setting(
    Target("He3(z1)"), Student("tanh", 2, init="plain"),
    Regime(d=10**6, n=2 * 10**6, eta="p", steps=5, batch="reused"),
)  # fmt: skip


@pytest.mark.slow
def test_reused_batches_cost_at_most_half_of_the_plain_recursion(benchmark: Any) -> None:
    plain = {"plain": lambda: plain_reused_descent(10**6, 2 * 10**6, 2, 5, np.random.default_rng(0))}
    ratios = median_ratios(benchmark, run(REUSED, "dice"), plain, rounds=3)
    assert ratios["plain"] <= 0.5


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
def test_reused_batches_of_two_million_samples_fit_in_one_and_a_half_gigabytes(benchmark: Any) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_free_of_d as t; t.run(t.REUSED, 'dice')();"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    command = [sys.executable, "-c", script, str(Path(__file__).parent)]

    def peak() -> int:
        return int(subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ).stdout)

    benchmark.extra_info["GiB"] = benchmark.pedantic(peak, rounds=1) / 2**20
    assert benchmark.extra_info["GiB"] < 1.5


def plain_chain(replicas: int, steps: int, d: int, rng: np.random.Generator) -> None:
    """Online SGD of one relu neuron on He2(z1), replicas side by side: (m, q), overlap and norm of the rest."""
    m, q = np.full(replicas, 0.1), np.full(replicas, 1.0)
    for _ in range(steps):
        u, g, rest = rng.standard_normal(replicas), rng.standard_normal(replicas), rng.chisquare(d - 2, replicas)
        h = m * u + q * g
        error = 1e-3 / d * (u * u - 1 - np.maximum(h, 0)) * (h > 0)
        m = m + error * u
        q = np.sqrt((q + error * g) ** 2 + error * error * rest)


@pytest.mark.parametrize("d", [10**2, 10**7])
def test_the_chain_is_faster_than_vectorised_numpy_and_free_of_d(benchmark: Any, d: int) -> None:
    replicas, steps = 512, 4000
    setting = Setting(Target("He2(z1)"), Student("relu", 1, init="plain"), Regime(d=d, n=1, eta="1/d", steps=steps))
    job = lambda: sim.simulate(setting, replicas=replicas, method="chain", at=(steps,))  # noqa: E731
    rng = np.random.default_rng(0)
    ratios = median_ratios(benchmark, job, {"plain": lambda: plain_chain(replicas, steps, d, rng)}, rounds=5)
    benchmark.extra_info["replica-steps a second"] = replicas * steps / min(seconds(job) for _ in range(3))
    assert ratios["plain"] <= 0.8
