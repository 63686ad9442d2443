"""Tasks of about 0.2 s: asleep, so that only the engine counts, and at work, so that cores do."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

TASK = 0.2


def asleep(arguments: Mapping[str, Any], first: int, count: int, threads: int | None) -> dict[str, np.ndarray]:
    """Takes TASK seconds and returns a thousand numbers."""
    time.sleep(TASK)
    return {"numbers": np.full((count, 1000), float(first))}


def at_work(arguments: Mapping[str, Any], first: int, count: int, threads: int | None) -> dict[str, np.ndarray]:
    """Products of matrices that fit into a core's cache, `arguments["products"]` of them."""
    generator = np.random.default_rng(first)
    matrix = generator.normal(size=(128, 128)) / 128**0.5
    state = matrix
    for _ in range(arguments["products"]):
        state = matrix @ state
        state /= np.abs(state).max()
    return {"trace": np.full(count, np.trace(state))}
