"""One SQLite file that keeps every result as it arrives, and every verdict."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from zlib import crc32

import numpy as np
import platformdirs

from .arrays import decode, encode
from .schema import StoreError, connect, transaction
from .work import Task, Work


def default_path() -> Path:
    """Where results live with no store named: the user's data folder."""
    return platformdirs.user_data_path("giantstep", appauthor=False) / "results.sqlite"


class Stored(NamedTuple):
    """A work in the store: what it is (function, arguments, code), replicas kept, seconds of computing."""

    identity: str
    description: Mapping[str, Any]
    replicas: int
    tasks: int
    seconds: float


class Store:
    """Results by task, verdicts by claim. Threads may share one; so may processes the file, on one machine. A context
    manager.

    A result is on disk when `save` returns, also if the process is killed then. Raises StoreError where the file
    cannot be opened or written, is damaged, is no store, or was written by a newer giantstep.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        """`path`: the file, made if it is missing; None: in memory, for the life of this object."""
        self.path = None if path is None else Path(path)
        self._lock = threading.RLock()
        with self._told():
            self._database = connect(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._database.close()

    def done(self, work: Work) -> set[tuple[int, int]]:
        """(first, count) of the tasks of `work` that are kept."""
        return set(self._rows(f"SELECT first, count {_OF_WORK}", work.identity))

    def load(self, task: Task) -> dict[str, np.ndarray] | None:
        """What is kept of a task; None where there is nothing, or where what there is fails its checksum."""
        query = f"SELECT data, checksum {_OF_WORK} AND first = ? AND count = ?"
        for data, checksum in self._rows(query, task.work.identity, task.first, task.count):
            return decode(data) if crc32(data) == checksum else None
        return None

    def save(self, task: Task, results: Mapping[str, np.ndarray], seconds: float) -> None:
        """Keep the results of a task, which took `seconds`."""
        self.save_all([(task, results, seconds)])

    def save_all(self, results: Iterable[tuple[Task, Mapping[str, np.ndarray], float]]) -> None:
        """Keep those of several tasks, all or none."""
        with self._told(), transaction(self._database):
            for task, arrays, seconds in results:
                identity, data = task.work.identity, encode(arrays)
                self._database.execute(
                    "INSERT OR IGNORE INTO work (identity, description) VALUES (?, ?)",
                    (identity, task.work.description),
                )
                self._database.execute(
                    "INSERT OR REPLACE INTO result SELECT id, ?, ?, ?, ?, ? FROM work WHERE identity = ?",
                    (task.first, task.count, data, crc32(data), seconds, identity),
                )

    def remember(self, claim: str, verdict: Mapping[str, Any]) -> None:
        """Keep a verdict (JSON)."""
        with self._told():
            row = (claim, json.dumps(verdict))
            self._database.execute("INSERT INTO verdict (claim, record) VALUES (?, ?)", row)

    def last_verdicts(self) -> dict[str, dict[str, Any]]:
        """The latest verdict on every claim, by its id."""
        latest = "SELECT claim, record FROM verdict WHERE id IN (SELECT max(id) FROM verdict GROUP BY claim)"
        return {claim: json.loads(record) for claim, record in self._rows(latest)}

    def records(self, claim: str) -> list[dict[str, Any]]:
        """All that was remembered of a claim, the oldest first."""
        return [
            json.loads(text) for (text,) in self._rows("SELECT record FROM verdict WHERE claim = ? ORDER BY id", claim)
        ]

    def works(self) -> Iterator[Stored]:
        """All works with results, in the order in which they were begun."""
        for number, identity, text in self._rows("SELECT id, identity, description FROM work ORDER BY id"):
            rows = self._rows("SELECT first, count, seconds FROM result WHERE work = ?", number)
            if rows:
                replicas = sum(count for _, count in disjoint((first, count) for first, count, _ in rows))
                yield Stored(identity, json.loads(text), replicas, len(rows), sum(row[2] for row in rows))

    def results(self, identity: str) -> tuple[np.ndarray, list[dict[str, np.ndarray]]]:
        """What is kept of a work, by its identity: numbers of the replicas, and their results task by task.

        Each replica comes once, though runs of other lengths may have cut the work otherwise. What fails its checksum
        is left out.
        """
        rows = {
            (first, count): data
            for first, count, data, checksum in self._rows(f"SELECT first, count, data, checksum {_OF_WORK}", identity)
            if crc32(data) == checksum
        }
        chosen = disjoint(rows)
        numbers = [np.arange(first, first + count) for first, count in chosen]
        return np.concatenate([*numbers, np.arange(0)]), [decode(rows[task]) for task in chosen]

    def damage(self) -> list[str]:
        """What an integrity check of the file and of every result's checksum finds; empty: all is well."""
        found = [line for (line,) in self._rows("PRAGMA integrity_check") if line != "ok"]
        found += [f"{table} {row} belongs to no work" for table, row, *_ in self._rows("PRAGMA foreign_key_check")]
        with self._told():
            for number, data, checksum in self._database.execute("SELECT rowid, data, checksum FROM result"):
                if crc32(data) != checksum:
                    found.append(f"result {number} fails its checksum: it will be computed again when asked for")
        return found

    def prune(self, code: str) -> int:
        """Forget the results of other versions of our code than this; returns how many."""
        stale = "SELECT id FROM work WHERE json_extract(description, '$.code') <> ?"
        with self._told():
            with transaction(self._database):
                gone = self._database.execute(f"DELETE FROM result WHERE work IN ({stale})", (code,)).rowcount
                self._database.execute("DELETE FROM work WHERE json_extract(description, '$.code') <> ?", (code,))
            self._database.execute("VACUUM")
        return gone

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._told():
            return self._database.execute(query, values).fetchall()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """One thread at a time; SQLite's errors in words that say what to do."""
        with self._lock:
            try:
                yield
            except (sqlite3.Error, OverflowError) as error:
                raise StoreError(f"the store {self.path}: {error}; {_advice(str(error))}") from error


_OF_WORK = "FROM result JOIN work ON work.id = result.work WHERE identity = ?"


def disjoint(tasks: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """(first, count) of tasks that have no replica in common, from the first on, the longer before the shorter."""
    chosen: list[tuple[int, int]] = []
    for first, count in sorted(tasks, key=lambda task: (task[0], -task[1])):
        if not chosen or first >= sum(chosen[-1]):
            chosen.append((first, count))
    return chosen


def _advice(message: str) -> str:
    if "full" in message:
        return "what was kept is safe: make room and run the same command again"
    if "not a database" in message or "malformed" in message:
        return "the file is damaged or no store of giantstep: move it away or name another with --store"
    if "big" in message or "INT_MAX" in message:
        return "a task returns too much: let it return less, or cut the work into more tasks"
    if "locked" in message:
        return "another process holds it: wait for that one to end"
    return "it cannot be read or written there: name another with --store"
