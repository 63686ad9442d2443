"""What is to be done, and its identity: the SHA-256 of everything that affects the result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from theory.problem import ProblemError
from theory.problem.serial import canonical

from .code import our_code, own_code

Results = dict[str, np.ndarray]
Function = Callable[[dict[str, Any], int, int, int | None], Results]


@dataclass(frozen=True)
class Work:
    """Independent replicas of one computation, numbered from 0.

    `function(arguments, first, count, threads)` returns those numbered first .. first + count - 1: arrays of numbers
    by name, replicas along the first axis. It stands at the top of a module, so that another process can import it;
    it draws its random numbers from a seed among the `arguments` and from the replica's number, and its results
    depend on nothing else. arguments: what JSON can say; the function gets them as JSON gives them back (tuples
    as lists). threads: how many it may use, None for all.
    code, own: digests of our code and of the file of somebody else's function, filled in.
    Raises ProblemError for a function that cannot be imported, and for arguments that are no JSON.
    """

    function: Function
    arguments: Mapping[str, Any]
    code: str = field(default_factory=our_code)
    own: str | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "own", own_code(self.function))
        try:
            object.__setattr__(self, "arguments", json.loads(canonical(self.arguments)))
        except (TypeError, ValueError) as error:
            raise ProblemError(f"the arguments of {self.name} are not JSON: {error}") from None

    @property
    def name(self) -> str:
        """module:function."""
        return f"{self.function.__module__}:{self.function.__qualname__}"

    @cached_property
    def description(self) -> str:
        """Canonical JSON of all that affects the result but for the replica's number."""
        return canonical({"function": self.name, "arguments": self.arguments, "code": self.code, "own": self.own})

    @cached_property
    def identity(self) -> str:
        """SHA-256 (hex) of the description. With a task's replicas it is what a store knows the task by."""
        return hashlib.sha256(self.description.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Task:
    """Replicas first .. first + count - 1 of a work: what one worker does in one go."""

    work: Work
    first: int
    count: int


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
