"""Settings the tests of sim share."""

from typing import Any

import numpy as np

from sim.data import Batch, Teacher
from sim.random.streams import Streams, seed_sequence
from sim.threads import Crew
from theory.problem import Regime, Setting, Student, Target

STUDENT = ("p", "activation", "second_layer", "init", "bias", "scaling")


def setting(target: str = "z1 + z1*z2", *, noise: float = 0.0, k: int | None = None, **options: Any) -> Setting:
    """A small setting; options of Student and Regime override the defaults."""
    values: dict[str, Any] = {"activation": "tanh", "p": 4, "d": 12, "n": 30, "eta": "p", **options}
    student = Student(**{name: values.pop(name) for name in STUDENT if name in values})
    return Setting(Target(target, k=k, noise=noise), student, Regime(**values))


def batch_data(
    problem: Setting, rng: int = 0, replica: int = 0, batch_id: int = 0, dtype: type = np.float64
) -> tuple[np.ndarray, np.ndarray]:
    """x (n, d) and y (n,) that ``sim.simulate`` sees in this batch."""
    with Crew(1) as crew:
        streams = Streams(seed_sequence(rng), replica)
        batch = Batch(problem, Teacher(problem.target), streams, batch_id, np.dtype(dtype), crew)
        x = np.empty((problem.n, problem.regime.d), dtype)
        return x, batch.draw(0, x)
