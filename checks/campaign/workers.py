"""Executors: processes on this machine that outlast the death of a worker, and a Dask cluster."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from theory.problem import ProblemError

from .worker import begin

TRIES = 4  # times that one call may be under way while a worker dies


class Workers(Executor):
    """`count` processes. When one dies all are replaced, and what was under way is done again.

    They are spawned, not forked: a child forked after a parallel kernel ran does not survive. A call that is under
    way at TRIES deaths fails with BrokenProcessPool: it may be what kills them (for want of memory, say).
    """

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ProblemError(f"workers = {count}; give a whole number, at least 1")
        self.count = count
        self._lock = threading.Lock()
        self._closed = False
        self._pool = self._new()

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.count, multiprocessing.get_context("spawn"), initializer=begin)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As concurrent.futures.Executor.submit."""
        outer: Future[Any] = Future()
        self._try(outer, lambda pool: pool.submit(fn, *args, **kwargs), TRIES)
        return outer

    def _try(self, outer: Future[Any], send: Callable[[ProcessPoolExecutor], Future[Any]], tries: int) -> None:
        with self._lock:
            try:
                inner = send(self._pool)
            except BrokenProcessPool:
                self._pool = self._new()
                inner = send(self._pool)

        def settle(inner: Future[Any]) -> None:
            if inner.cancelled() or outer.cancelled():
                outer.cancel()
                return
            error = inner.exception()
            if isinstance(error, BrokenProcessPool) and tries > 1 and not self._closed:
                self._try(outer, send, tries - 1)
            elif outer.set_running_or_notify_cancel():
                outer.set_exception(error) if error else outer.set_result(inner.result())

        inner.add_done_callback(settle)
        outer.add_done_callback(lambda done: inner.cancel() if done.cancelled() else None)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As concurrent.futures.Executor.shutdown; with cancel_futures also what is under way ends at once."""
        self._closed = True
        if cancel_futures:
            for process in list((getattr(self._pool, "_processes", None) or {}).values()):
                process.terminate()
        self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)


def dask_executor(address: str, patience: float = 20.0) -> tuple[Executor, int]:
    """The executor of the Dask cluster whose scheduler listens at `address`, and how many threads it has.

    Raises ProblemError without the extra giantstep[dask], or where nobody answers within `patience` seconds.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ProblemError('--dask needs the extra: pip install "giantstep[dask]"') from None
    try:
        client = Client(address, timeout=patience)
    except (OSError, ValueError) as error:
        raise ProblemError(f"no Dask scheduler answers at {address!r}: {error}") from None
    threads = sum(client.nthreads().values())
    return client.get_executor(retries=TRIES), max(1, threads)
