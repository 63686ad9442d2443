"""The only way a claim reaches dynamics: seeded, staged draws through somebody's `simulate`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from theory.problem import ProblemError, Setting

Simulate = Callable[..., Any]  # anything with the interface of sim.simulate


@dataclass(frozen=True)
class Draw:
    """Replicas first .. first + replicas - 1 of a stage, on `threads` threads (None: all there are).

    The random stream depends on seed, claim, setting's name and stage alone, and on the replica's number.
    """

    simulate: Simulate
    seed: int
    claim: str
    stage: int
    replicas: int
    first: int = 0
    threads: int | None = None

    def __call__(self, name: str, setting: Setting, **options: Any) -> Any:
        """`simulate(setting, rng=..., replicas=..., **options)`, a Run."""
        if self.first:  # a simulator of the user's own need not know how to begin in the middle
            options["first"] = self.first
        if self.threads is not None:
            options["threads"] = self.threads
        return self.simulate(setting, rng=self.stream(name), replicas=self.replicas, **options)

    def readout(self, run: Any, name: str, n: int | str, ridge: float | Sequence[float], **options: Any) -> Any:
        """`run.readout(...)` on samples of its own, in a stream called `name`: a second layer for a Run."""
        if not hasattr(run, "readout"):
            raise ProblemError("this claim fits a second layer: let your simulator return a sim.Run")
        return run.readout(n, ridge, self.stream(f"{name}: readout"), threads=self.threads, **options)

    def features(self, run: Any, name: str, n: int | str, **options: Any) -> Any:
        """`run.features(...)` on the samples of ``readout`` on route "rows": the feature matrix of a Run, by steps."""
        if not hasattr(run, "features"):
            raise ProblemError("this claim looks at feature matrices: let your simulator return a sim.Run")
        return run.features(n, self.stream(f"{name}: readout"), threads=self.threads, **options)

    def times(self, many: int) -> Draw:
        """`many` replicas in place of each."""
        return replace(self, first=many * self.first, replicas=many * self.replicas)

    def stream(self, name: str) -> np.random.SeedSequence:
        """The seed sequence of the setting called `name`."""
        digest = hashlib.sha256(f"{self.claim}\n{name}".encode()).digest()
        words = [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]
        return np.random.SeedSequence(self.seed, spawn_key=(*words, self.stage))
