"""A crew of threads that works through tasks and hands the results back in order."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from functools import cache
from types import TracebackType
from typing import TypeVar

import numpy as np
from threadpoolctl import ThreadpoolController

Task = TypeVar("Task")
Result = TypeVar("Result")

PATIENCE = 0.1  # seconds between two looks around while a task is waited for


MOST = 4  # threads a core: more of them only cost memory


def at_most(threads: int) -> int:
    """As many threads as can be of use."""
    return min(threads, MOST * available_cores())


class Crew:
    """`threads` threads, used as a context manager; one thread means the caller's own.

    Tasks must not depend on each other, and sums over their results are taken by the caller in the order of
    the tasks: that is what makes results independent of the number of threads, bit for bit.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._stop = threading.Event()

    def stream(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        meanwhile: Callable[[], None] | None = None,
    ) -> Iterator[Result]:
        """function(task) for every task, in order. At most 2 threads + 2 results exist at a time.

        meanwhile: called now and then by the caller's thread while it waits for another's.
        """
        if self._pool is None:
            yield from map(function, tasks)
            return
        ahead: deque[Future[Result]] = deque()
        for task in tasks:
            if len(ahead) == 2 * self.threads + 2:
                yield _result(ahead.popleft(), meanwhile)
            ahead.append(self._pool.submit(self._guarded, function, task))
        while ahead:
            yield _result(ahead.popleft(), meanwhile)

    def work(self, function: Callable[[Task], None], tasks: Iterable[Task]) -> None:
        """function(task) for every task, for its effect."""
        for _ in self.stream(function, tasks):
            pass

    def _guarded(self, function: Callable[[Task], Result], task: Task) -> Result:
        self.check()
        with np.errstate(all="ignore"):  # a diverging run is recorded, not announced; the setting is per thread
            return function(task)

    def check(self) -> None:
        """Raise InterruptedError once the crew is being dismissed; long tasks call this now and then."""
        if self._stop.is_set():
            raise InterruptedError("another task failed or the run was interrupted")

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


def _result(future: Future[Result], meanwhile: Callable[[], None] | None) -> Result:
    while meanwhile is not None and not wait((future,), PATIENCE).done:
        meanwhile()
    return future.result()


def single_threaded_blas() -> AbstractContextManager[object]:
    """While this lasts BLAS keeps to the thread that calls it: the threads, and the split of the work, are ours."""
    return _blas().limit(limits=1, user_api="blas")


@cache
def _blas() -> ThreadpoolController:
    import scipy.linalg.cython_blas  # noqa: F401  compiled kernels call scipy's BLAS: it must be there to be limited

    return ThreadpoolController()


def available_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
