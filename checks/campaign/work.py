"""What is to be done, and its identity: the SHA-256 of everything that affects the result."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from theory.problem.serial import canonical, identity

from .code import code_of

Results = dict[str, np.ndarray]
Function = Callable[[Mapping[str, Any], int, int, int | None], Results]


@dataclass(frozen=True)
class Work:
    """Independent replicas of one computation, numbered from 0.

    `function(arguments, first, count, threads)` returns those numbered first .. first + count - 1: arrays of numbers
    by name, replicas along the first axis. It stands at the top of a module, so that another process can import it;
    it draws its random numbers from a seed among the `arguments` (JSON) and from the replica's number, and its
    results depend on nothing else. threads: how many it may use, None for all.
    code: digest of the code that is run, filled in.
    """

    function: Function
    arguments: Mapping[str, Any]
    code: str = field(default="")

    def __post_init__(self) -> None:
        if not self.code:
            object.__setattr__(self, "code", code_of(self.function))

    @property
    def name(self) -> str:
        """module:function."""
        return f"{self.function.__module__}:{self.function.__qualname__}"

    @cached_property
    def description(self) -> str:
        """Canonical JSON of function, arguments and code. Raises ValueError or TypeError for what JSON cannot say."""
        return canonical({"function": self.name, "arguments": dict(self.arguments), "code": self.code})

    @cached_property
    def identity(self) -> str:
        """SHA-256 (hex) of the description."""
        return hashlib.sha256(self.description.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Task:
    """Replicas first .. first + count - 1 of a work: what one worker does in one go."""

    work: Work
    first: int
    count: int

    @property
    def identity(self) -> str:
        """SHA-256 (hex) of the work's identity and the replicas."""
        return identity({"work": self.work.identity, "first": self.first, "count": self.count})


def parts(work: Work, first: int, count: int, size: int) -> Iterator[Task]:
    """Tasks of `size` replicas (the last may be smaller) that make up replicas first .. first + count - 1."""
    return (Task(work, start, min(size, first + count - start)) for start in range(first, first + count, size))


def joined(results: Iterable[Results]) -> Results:
    """The results of consecutive tasks as those of one; an empty dict of none."""
    found = list(results)
    return {name: np.concatenate([part[name] for part in found]) for name in found[0]} if found else {}


def part_size(replicas: int, parts: int) -> int:
    """Replicas a task, so that at most `parts` tasks make up `replicas`."""
    return max(1, -(-replicas // parts))
