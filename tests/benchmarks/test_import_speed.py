"""What importing a package adds to importing NumPy: processor times of whole processes, the fastest of each."""

import os
import subprocess
import sys
from typing import Any

import pytest

ROUNDS = 5


def cost(statement: str) -> float:
    """Processor seconds of a process that runs a statement."""
    before = os.times()
    subprocess.run([sys.executable, "-c", statement], check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


@pytest.mark.parametrize("package", ["theory", "sim", "checks"])
def test_a_package_costs_no_more_than_half_of_numpy(benchmark: Any, package: str) -> None:
    times: list[tuple[float, float]] = []

    def one_round() -> None:
        times.append((cost(f"import numpy, {package}"), cost("import numpy")))

    benchmark.pedantic(one_round, rounds=ROUNDS, warmup_rounds=1)
    while len(times) < ROUNDS:  # pytest-benchmark runs it once where tests run side by side
        one_round()
    ours, numpy = map(min, zip(*times, strict=True))
    benchmark.extra_info["ratio"] = ours / numpy
    assert ours / numpy <= 1.5
