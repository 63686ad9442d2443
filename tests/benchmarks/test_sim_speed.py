"""How fast and how small one step is, as ratios to plain NumPy measured in the same run, interleaved; medians."""

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.threads import available_cores
from theory.problem import Regime, Setting, Student, Target

D = 4096
STEPS = 3


def setting(d: int, n: int, p: int, steps: int = 1) -> Setting:
    student = Student(activation="relu", p=p, init="plain")
    return Setting(Target("z1 + z1*z2"), student, Regime(d=d, n=n, eta="p", steps=steps))


def seconds(function: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    function()
    return clock() - start


def median_ratios(
    benchmark: Any,
    ours: Callable[[], object],
    others: dict[str, Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Median over rounds of (our time / their time), all timed in turn within a round; kept in the report too."""
    ours()  # compiles, and fills caches
    times: list[list[float]] = []

    def one_round() -> None:
        times.append([seconds(function, clock) for function in (ours, *others.values())])

    benchmark.pedantic(one_round, rounds=rounds, warmup_rounds=1)
    while len(times) < rounds:  # pytest-benchmark runs them once where tests run side by side
        one_round()
    table = np.array(times[-rounds:])
    ratios = dict(zip(others, np.median(table[:, :1] / table[:, 1:], axis=0).tolist(), strict=True))
    benchmark.extra_info.update(ratios)
    return ratios


def plain_step(rng: np.random.Generator, n: int, rows: np.ndarray, output: np.ndarray) -> np.ndarray:
    """The straightforward NumPy step on whole arrays."""
    x = rng.standard_normal((n, rows.shape[1]))
    y = x[:, 0] + x[:, 0] * x[:, 1]
    u = x @ rows.T
    errors = (u > 0) * output * (y - np.maximum(u, 0) @ output)[:, None]
    return rows + len(rows) / n * (errors.T @ x)


@pytest.mark.slow
def test_a_wide_step_costs_little_more_than_its_two_matrix_products(benchmark: Any) -> None:
    p, rng = 1024, np.random.default_rng(0)
    rows, output = rng.standard_normal((p, D)) / 64, rng.standard_normal(p) / p
    x, errors = rng.standard_normal((D, D)), rng.standard_normal((D, p))

    def products() -> None:
        _ = x @ rows.T
        _ = errors.T @ x

    ratios = median_ratios(
        benchmark,
        lambda: sim.simulate(setting(D, D, p, steps=STEPS), replicas=1),
        {"products": products, "plain": lambda: plain_step(rng, D, rows, output)},
        rounds=9,
    )
    assert ratios["products"] / STEPS <= 1.25  # a step, with its share of drawing the first rows
    assert ratios["plain"] / STEPS <= 0.9


def test_a_narrow_step_costs_no_more_than_numpy_drawing_its_inputs(benchmark: Any) -> None:
    cores = available_cores()
    parts = np.array_split(np.empty((D, D)), cores)
    generators = [np.random.default_rng(i) for i in range(cores)]
    with ThreadPoolExecutor(cores) as pool:

        def draw() -> None:
            list(pool.map(lambda i: generators[i].standard_normal(out=parts[i]), range(cores)))

        ratios = median_ratios(
            benchmark, lambda: sim.simulate(setting(D, D, 8), replicas=1), {"drawing": draw}, rounds=9
        )
    assert ratios["drawing"] <= 1.1


def test_many_small_steps_cost_at_most_half_more_than_plain_numpy(benchmark: Any) -> None:
    """Overhead counts here: 100 replicas of 3 steps at d = 64, n = 256, p = 8, with Gram matrices and cosines."""
    rng = np.random.default_rng(0)
    output = rng.uniform(-1, 1, 8) / 8

    def plain() -> None:
        for _ in range(100):
            rows = rng.standard_normal((8, 64))
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
            for _ in range(3):
                rows = plain_step(rng, 256, rows, output)

    problem = setting(64, 256, 8, steps=3)
    ratios = median_ratios(
        benchmark, lambda: sim.simulate(problem, replicas=100, threads=1), {"plain": plain}, rounds=9
    )
    assert ratios["plain"] <= 1.5


PREAMBLE = """
import sys
import numpy as np
sys.path.insert(0, sys.argv[1])
from test_sim_speed import plain_step, setting, sim
def peak():  # of this process alone: getrusage would start from the peak of the process that launched it
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
"""
OURS = """
sim.simulate(setting(64, 32, 2), replicas=1)  # everything is loaded
before = peak()
sim.simulate(setting(4096, 8 * 4096, 1024), replicas=1)
print(peak() - before)
"""
PLAIN = """
rng = np.random.default_rng(0)
rows, output = rng.standard_normal((1024, 4096)) / 64, rng.standard_normal(1024) / 1024
before = peak()
plain_step(rng, 8 * 4096, rows, output)
print(peak() - before)
"""


def peak_memory(script: str) -> int:
    """Peak memory of a fresh process above what it held before the step, in KiB."""
    command = [sys.executable, "-c", PREAMBLE + script, str(Path(__file__).parent)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
def test_a_step_needs_a_quarter_of_the_memory_of_plain_numpy(benchmark: Any) -> None:
    ratio = benchmark.pedantic(lambda: peak_memory(OURS) / peak_memory(PLAIN), rounds=1)
    benchmark.extra_info["memory"] = ratio
    assert ratio <= 0.25
