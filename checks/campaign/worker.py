"""What happens inside a worker: one task, on as many threads as it was given."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from multiprocessing import parent_process
from multiprocessing.connection import wait

from threadpoolctl import threadpool_limits

from theory.problem import ProblemError

from .code import code_of
from .work import Results, Task


def perform(task: Task, threads: int | None = None) -> tuple[Results, float]:
    """The results of a task, and the seconds it took. threads: for BLAS, OpenMP and our kernels; None: all there are.

    Raises ProblemError where this process has other code than the one that asks.
    """
    work, start = task.work, time.perf_counter()
    if code_of(work.function) != work.code:
        raise ProblemError(f"a worker on {os.uname().nodename} has another version of the code than asked for")
    with _pinned(threads):
        results = work.function(work.arguments, task.first, task.count, threads)
    for name, values in results.items():
        if len(values) != task.count:
            raise ProblemError(f"{work.name} returned {len(values)} rows of {name!r} where {task.count} were asked for")
    return results, time.perf_counter() - start


def _pinned(threads: int | None) -> AbstractContextManager[object]:
    """While this lasts libraries keep to so many threads."""
    if threads is None:
        return nullcontext()
    if "numba" in sys.modules:
        sys.modules["numba"].set_num_threads(threads)
    return threadpool_limits(threads)


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
