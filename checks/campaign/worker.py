"""What happens inside a worker: one task, on as many threads as it was given."""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from multiprocessing.connection import wait

from threadpoolctl import threadpool_limits

from theory.problem import ProblemError
from theory.problem.serial import canonical

from .arrays import plain
from .code import our_code, own_code
from .work import Results, Task


def perform(task: Task, threads: int | None = None) -> tuple[Results, float]:
    """The results of a task, and the seconds it took. threads: for our kernels and numba's; None: all there are.

    BLAS keeps to one thread always: the last bits of its sums depend on how many it has.
    Raises ProblemError where this process has other code than the one that asks, or results are not as they should be.
    """
    work, start = task.work, time.perf_counter()
    if (our_code(), own_code(work.function)) != (work.code, work.own):
        raise ProblemError(f"a worker on {platform.node()} has another version of the code than asked for")
    arguments = json.loads(canonical(work.arguments))  # a copy: what the function does to it stays with it
    with one_blas_thread(), _numba_threads(threads):
        results = plain(work.function(arguments, task.first, task.count, threads))
    for name, values in results.items():
        if values.ndim == 0 or len(values) != task.count:
            rows = len(values) if values.ndim else "no"
            raise ProblemError(f"{work.name} returned {rows} rows of {name!r} where {task.count} were asked for")
    return results, time.perf_counter() - start


class _Limit:
    """One thread for BLAS while any task is under way: the setting belongs to the process, tasks may be in threads."""

    def __init__(self) -> None:
        self._lock, self._users = threading.Lock(), 0
        self._limits: threadpool_limits | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        with self._lock:
            if self._limits is None:
                import scipy.linalg  # noqa: F401  what is loaded later would not be limited

                self._limits = threadpool_limits(1, user_api="blas")
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users and self._limits is not None:
                    self._limits.restore_original_limits()  # not its __exit__, which heeds the thread that entered
                    self._limits = None


one_blas_thread = _Limit().held


@contextmanager
def _numba_threads(threads: int | None) -> Iterator[None]:
    numba = sys.modules.get("numba")
    if threads is None or numba is None:
        yield
        return
    before = numba.get_num_threads()
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    try:
        yield
    finally:
        numba.set_num_threads(before)


def begin() -> None:
    """What a worker process of ours does first: leave Ctrl-C to its parent, never outlive it, and keep to one thread
    also in libraries that are not loaded yet, as `perform` cannot tell them."""
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
