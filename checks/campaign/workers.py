"""Executors: processes on this machine that outlast the death of one, and a Dask cluster."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from theory.problem import ProblemError

from .worker import begin

TRIES = 3  # times that a call is begun when the process that does it dies


class Workers(Executor):
    """`count` processes, each with a thread here that hands it one call at a time.

    When a process dies it is replaced and its call is done again; the others go on. A call during which TRIES
    processes die fails with a ProblemError. Processes are spawned, not forked: a child forked after a parallel kernel
    ran does not survive.
    """

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ProblemError(f"workers = {count}; give a whole number, at least 1")
        self.count = count
        self._threads = ThreadPoolExecutor(count, initializer=_deaf)
        self._own = threading.local()
        self._lock, self._pools, self._closed = threading.Lock(), set[ProcessPoolExecutor](), False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As concurrent.futures.Executor.submit."""
        return self._threads.submit(self._call, fn, args, kwargs)

    def _call(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        for _ in range(TRIES):
            try:
                return self._process().submit(fn, *args, **kwargs).result()
            except BrokenProcessPool:
                self._drop()
        raise ProblemError(
            f"a task was given up: {TRIES} worker processes died of it, for want of memory perhaps; try fewer workers"
        )

    def _process(self) -> ProcessPoolExecutor:
        """This thread's process, as a pool of one."""
        if getattr(self._own, "pool", None) is None:
            with self._lock:
                if self._closed:
                    raise RuntimeError("the workers were dismissed")
                self._own.pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=begin)
                self._pools.add(self._own.pool)
        return self._own.pool

    def _drop(self) -> None:
        with self._lock:
            self._pools.discard(self._own.pool)
        self._own.pool.shutdown(wait=False)
        self._own.pool = None

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As concurrent.futures.Executor.shutdown; with cancel_futures what is under way ends at once, too."""
        if not cancel_futures:
            self._threads.shutdown(wait=wait)
        with self._lock:
            self._closed = True
            pools = list(self._pools)
        if cancel_futures:
            self._threads.shutdown(wait=False, cancel_futures=True)
            for pool in pools:
                for process in list((getattr(pool, "_processes", None) or {}).values()):
                    process.terminate()
        if wait:
            self._threads.shutdown(wait=True)
        for pool in pools:
            pool.shutdown(wait=wait)


def _deaf() -> None:
    """Processes inherit this from the thread that starts them: Ctrl-C does not reach them before `begin` is there."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


@contextmanager
def dask_executor(address: str, patience: float = 20.0) -> Iterator[tuple[Executor, int]]:
    """The executor of the Dask cluster whose scheduler listens at `address`, and how many threads it has.

    What is still under way at the end is cancelled. Raises ProblemError without the extra giantstep[dask], or where
    nobody answers within `patience` seconds.
    """
    try:
        from distributed import Client
        from distributed.comm import resolve_address
    except ImportError:
        raise ProblemError('--dask needs the extra: pip install "giantstep[dask]"') from None
    try:
        # resolved first, and not the default client of the process: one that never connected would stay what other
        # libraries ask, and hold up the end of the process
        client = Client(resolve_address(address), timeout=patience, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ProblemError(f"no Dask scheduler answers at {address!r}: {error}") from None
    with client:
        executor = client.get_executor()
        try:
            yield executor, max(1, sum(client.nthreads().values()))
        finally:
            executor.shutdown(wait=False)
