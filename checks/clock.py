"""How long a verdict took, whoever computed it and whatever ran at the same time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Seconds of this thread's own work, from now on, and of what it has others do."""

    def __init__(self) -> None:
        self._start = time.thread_time()
        self._others = 0.0

    @contextmanager
    def others(self) -> Iterator[list[float]]:
        """Within, this thread's seconds do not count; those that are put into the list do."""
        start = time.thread_time()
        seconds: list[float] = []
        try:
            yield seconds
        finally:
            self._others += sum(seconds)
            self._start += time.thread_time() - start

    @property
    def seconds(self) -> float:
        """So far."""
        return time.thread_time() - self._start + self._others
