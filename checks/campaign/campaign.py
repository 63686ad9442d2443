"""Tasks in, results out in the same order: from the store where they are there, else computed and kept."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait

from .store import Store
from .work import Results, Task, joined
from .worker import perform

Progress = Callable[[int, int], None]
AHEAD = 64
LOOK = 0.5  # seconds between two looks whether to stop


class Campaign:
    """Where results come from. Threads may share one.

    store: keeps results as they arrive, and answers what it knows; None: nothing is kept. executor: any
    concurrent.futures.Executor; None: here, one task after another. threads: that a task may use, by default one in a
    worker and all there are here. ahead: tasks handed to the executor before their turn; a few times its workers.
    progress(tasks done, tasks expected).
    answered, computed: how many results came from the store, and how many did not.

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
        self.store, self.executor = store, executor
        self._progress = progress
        self.answered = self.computed = self.expected = 0
        self._threads = 1 if threads is None and executor is not None else threads
        self._ahead = ahead
        self._stop = threading.Event()
        self._lock = threading.Lock()

    def stop(self) -> None:
        """Make every `run` under way, in whatever thread, end with InterruptedError once its task is done."""
        self._stop.set()

    def expect(self, tasks: int) -> None:
        """Announce tasks to come, for the progress."""
        with self._lock:
            self.expected += tasks

    def collect(self, tasks: Iterable[Task]) -> Results:
        """The results of all tasks, joined along the first axis in the order of the tasks. Errors as `run`."""
        return joined(self.run(tasks))

    def run(self, tasks: Iterable[Task]) -> Iterator[Results]:
        """The results of each task, in order.

        Raises what a task raises, StoreError where a result cannot be kept, InterruptedError after `stop`. In each
        case what was computed before is kept.
        """
        known: dict[str, set[tuple[int, int]]] = {}
        if self.executor is None:
            for task in tasks:
                self._check()
                answer = self._answer(task, known)
                yield self._keep(task, *perform(task, self._threads)) if answer is None else answer
        else:
            yield from self._run_on(self.executor, tasks, known)

    def _run_on(
        self, executor: Executor, tasks: Iterable[Task], known: dict[str, set[tuple[int, int]]]
    ) -> Iterator[Results]:
        """A window of tasks: its results are kept as they arrive, and leave it in order."""
        window: deque[_Slot] = deque()
        coming = iter(tasks)
        more = True
        try:
            while more or window:
                while more and len(window) < self._ahead:
                    if (task := next(coming, None)) is None:
                        more = False
                        break
                    answer = self._answer(task, known)
                    future = executor.submit(perform, task, self._threads) if answer is None else None
                    window.append(_Slot(task, answer, future))
                if window and window[0].results is None:
                    self._wait(window)
                while window and window[0].results is not None:
                    yield window.popleft().results  # type: ignore[misc]
        finally:
            for slot in window:
                if slot.future is not None and not slot.future.cancel() and slot.future.done():
                    self._settle(slot, anyhow=True)

    def _wait(self, window: deque[_Slot]) -> None:
        """Until something has arrived, which is then kept."""
        under_way = [slot.future for slot in window if slot.future is not None and slot.results is None]
        wait(under_way, timeout=LOOK, return_when=FIRST_COMPLETED)
        self._check()
        for slot in window:
            if slot.results is None and slot.future is not None and slot.future.done():
                self._settle(slot)

    def _settle(self, slot: _Slot, anyhow: bool = False) -> None:
        if slot.results is None and slot.future is not None and not (anyhow and slot.future.exception()):
            slot.results = self._keep(slot.task, *slot.future.result())

    def _answer(self, task: Task, known: dict[str, set[tuple[int, int]]]) -> Results | None:
        """What the store knows of a task. known: what it has of each work, looked up once."""
        if self.store is None:
            return None
        done = known.get(task.work.identity)
        if done is None:
            done = known[task.work.identity] = self.store.done(task.work)
        results = self.store.load(task) if (task.first, task.count) in done else None
        if results is not None:
            self._count(answered=1)
        return results

    def _keep(self, task: Task, results: Results, seconds: float) -> Results:
        if self.store is not None:
            self.store.save(task, results, seconds)
        self._count(computed=1)
        return results

    def _count(self, answered: int = 0, computed: int = 0) -> None:
        with self._lock:
            self.answered += answered
            self.computed += computed
            if self._progress is not None:
                done = self.answered + self.computed
                self._progress(done, max(self.expected, done))

    def _check(self) -> None:
        if self._stop.is_set():
            raise InterruptedError("the campaign was stopped; what was computed is kept")


class _Slot:
    """A task on its way: the results once they are there, the future until then."""

    def __init__(self, task: Task, results: Results | None, future: Future[tuple[Results, float]] | None) -> None:
        self.task, self.results, self.future = task, results, future
