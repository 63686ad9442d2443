"""Tasks in, results out in the same order: from the store where they are there, else computed and kept."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future

from theory.problem import ProblemError

from .store import Store
from .work import Results, Task, joined
from .worker import perform

Progress = Callable[[int, int], None]
AHEAD = 64
LOOK = 0.5  # seconds between two looks whether to stop


class Stopped(Exception):
    """A run was told to stop; what was computed is kept."""


class Campaign:
    """Where results come from. Threads may share one.

    store: keeps results as they arrive, and answers what it knows; None: nothing is kept. executor: any
    concurrent.futures.Executor; None: here, one task after another. threads: that a task may use, by default one in a
    worker and all there are here. ahead: tasks handed to the executor before their turn; a few times its workers.
    progress(tasks done, tasks expected).
    answered, computed: how many results came from the store, and how many did not. seconds: of computing, by the
    identity of the work; from the store none.

    What comes out depends on the tasks alone: not on the executor, on timing, or on what was in the store.
    """

    def __init__(
        self,
        store: Store | None = None,
        executor: Executor | None = None,
        *,
        threads: int | None = None,
        ahead: int = AHEAD,
        progress: Progress | None = None,
    ) -> None:
        for name, value in (("ahead", ahead), ("threads", threads)):
            if value is not None and value < 1:
                raise ProblemError(f"{name} = {value}; give a whole number, at least 1")
        self.store, self.executor = store, executor
        self.answered = self.computed = self.expected = 0
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._progress = progress
        self._threads = 1 if threads is None and executor is not None else threads
        self._ahead = ahead
        self._lock = threading.Lock()

    def expect(self, tasks: int) -> None:
        """Announce tasks to come, for the progress."""
        with self._lock:
            self.expected += tasks

    def collect(self, tasks: Iterable[Task], stop: threading.Event | None = None) -> Results:
        """The results of all tasks, joined along the first axis in the order of the tasks. Errors as `run`."""
        return joined(self.run(tasks, stop))

    def run(self, tasks: Iterable[Task], stop: threading.Event | None = None) -> Iterator[Results]:
        """The results of each task, in order. stop: ends the run soon after another thread has set it.

        Raises what a task raises, ProblemError where the executor lost one (a cluster that went away), StoreError where
        a result cannot be kept, Stopped after `stop`. In each case, and when the iterator is left before its end, what
        was computed is kept.
        """
        known = _Known(self.store)
        if self.executor is not None:
            yield from self._run_on(self.executor, tasks, known, stop)
            return
        for task in tasks:
            if stop is not None and stop.is_set():
                raise Stopped
            answer = self._answer(task, known)
            yield self._keep(task, *perform(task, self._threads)) if answer is None else answer

    def _run_on(
        self, executor: Executor, tasks: Iterable[Task], known: _Known, stop: threading.Event | None
    ) -> Iterator[Results]:
        """A window of tasks: results leave it in order, and are kept by whoever brings them."""
        window: deque[_Slot] = deque()
        arrived = threading.Condition()
        coming = iter(tasks)
        more = True
        try:
            while more or window:
                while more and len(window) < self._ahead:
                    if (task := next(coming, None)) is None:
                        more = False
                    else:
                        window.append(self._begin(executor, task, known, arrived))
                while window and not window[0].ready:
                    if stop is not None and stop.is_set():
                        raise Stopped
                    with arrived:
                        arrived.wait_for(lambda: window[0].ready, timeout=LOOK)
                while window and window[0].ready:
                    yield window.popleft().taken()
        finally:
            for slot in window:
                if slot.future is not None:
                    slot.future.cancel()

    def _begin(self, executor: Executor, task: Task, known: _Known, arrived: threading.Condition) -> _Slot:
        slot = _Slot(self._answer(task, known))
        if slot.results is None:
            slot.future = executor.submit(perform, task, self._threads)
            slot.future.add_done_callback(lambda future: self._arrive(task, future, slot, arrived))
        return slot

    def _arrive(
        self, task: Task, future: Future[tuple[Results, float]], slot: _Slot, arrived: threading.Condition
    ) -> None:
        """Keep what has come, in the executor's thread: nobody may be waiting for it now."""
        try:
            if future.cancelled():  # by the executor, or by a run that ends, for which nobody waits
                raise ProblemError(f"the executor lost a task{self._remedy}")
            slot.results = self._keep(task, *future.result())
        except BaseException as error:
            slot.error = error
        with arrived:
            arrived.notify_all()

    @property
    def _remedy(self) -> str:
        kept = "" if self.store is None else "; what was computed is kept"
        return f"{kept}: run the same again"

    def _answer(self, task: Task, known: _Known) -> Results | None:
        results = known.load(task)
        if results is not None:
            self._count(answered=1)
        return results

    def _keep(self, task: Task, results: Results, seconds: float) -> Results:
        if self.store is not None:
            self.store.save(task, results, seconds)
        with self._lock:
            self.seconds[task.work.identity] += seconds
        self._count(computed=1)
        return results

    def _count(self, answered: int = 0, computed: int = 0) -> None:
        with self._lock:
            self.answered += answered
            self.computed += computed
            if self._progress is not None:
                done = self.answered + self.computed
                self._progress(done, max(self.expected, done))


class _Known:
    """What a store has of each work, looked up once."""

    def __init__(self, store: Store | None) -> None:
        self._store = store
        self._done: dict[str, set[tuple[int, int]]] = {}

    def load(self, task: Task) -> Results | None:
        if self._store is None:
            return None
        identity = task.work.identity
        if identity not in self._done:
            self._done[identity] = self._store.done(task.work)
        return self._store.load(task) if (task.first, task.count) in self._done[identity] else None


class _Slot:
    """A task on its way: the results or an error once they are there."""

    def __init__(self, results: Results | None) -> None:
        self.results = results
        self.error: BaseException | None = None
        self.future: Future[tuple[Results, float]] | None = None

    @property
    def ready(self) -> bool:
        return self.results is not None or self.error is not None

    def taken(self) -> Results:
        if self.error is not None:
            raise self.error
        assert self.results is not None
        return self.results
