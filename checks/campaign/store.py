"""One SQLite file that keeps every result as it arrives, and every verdict."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from zlib import crc32

import numpy as np
import platformdirs

from .arrays import decode, encode
from .schema import StoreError, connect
from .work import Task, Work


def default_path() -> Path:
    """Where results live with no store named: the user's data folder."""
    return platformdirs.user_data_path("giantstep", appauthor=False) / "results.sqlite"


class Stored(NamedTuple):
    """A work in the store: its description (function, arguments, code), replicas kept, tasks, seconds of computing."""

    identity: str
    description: Mapping[str, Any]
    replicas: int
    tasks: int
    seconds: float


class Store:
    """Results by task, verdicts by claim. Threads may share one; so may processes the file. A context manager.

    A result is on disk when `save` returns, also if the process is killed then. Raises StoreError where the file
    cannot be opened or written, is damaged, is no store, or was written by a newer giantstep.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        """`path`: the file, made if it is missing; None: in memory, for the life of this object."""
        self.path = None if path is None else Path(path)
        self._ids: dict[str, int] = {}
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
        rows = self._rows("SELECT first, count FROM result WHERE work = ?", self._id(work))
        return {(int(first), int(count)) for first, count in rows}

    def load(self, task: Task) -> dict[str, np.ndarray] | None:
        """What is kept of a task; None where there is nothing, or where what there is fails its checksum."""
        where = "work = ? AND first = ? AND count = ?"
        asked = (self._id(task.work), task.first, task.count)
        for data, checksum in self._rows(f"SELECT data, checksum FROM result WHERE {where}", *asked):
            return decode(data) if crc32(data) == checksum else None
        return None

    def save(self, task: Task, results: Mapping[str, np.ndarray], seconds: float) -> None:
        """Keep the results of a task, which took `seconds`."""
        data = encode(results)
        with self._told():
            self._database.execute(
                "INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?, ?, ?)",
                (self._id(task.work, make=True), task.first, task.count, data, crc32(data), seconds, time.time()),
            )

    def remember(self, claim: str, verdict: Mapping[str, Any]) -> None:
        """Keep a verdict (JSON)."""
        with self._told():
            row = (claim, json.dumps(verdict), time.time())
            self._database.execute("INSERT INTO verdict (claim, record, kept_at) VALUES (?, ?, ?)", row)

    def last_verdicts(self) -> dict[str, dict[str, Any]]:
        """The latest verdict on every claim, by its id."""
        latest = "SELECT claim, record FROM verdict WHERE id IN (SELECT max(id) FROM verdict GROUP BY claim)"
        return {claim: json.loads(record) for claim, record in self._rows(latest)}

    def works(self) -> Iterator[Stored]:
        """All works with results, in the order in which they were begun."""
        rows = self._rows(
            "SELECT identity, description, sum(count), count(*), sum(seconds) FROM work JOIN result "
            "ON work.id = result.work GROUP BY work.id ORDER BY work.id"
        )
        return (Stored(row[0], json.loads(row[1]), *row[2:]) for row in rows)

    def results(self, identity: str) -> list[dict[str, np.ndarray]]:
        """What is kept of a work, by its identity, in order of replicas; without those that fail their checksum."""
        rows = self._rows(
            "SELECT data, checksum FROM result JOIN work ON work.id = result.work WHERE identity = ? "
            "ORDER BY first, count",
            identity,
        )
        return [decode(data) for data, checksum in rows if crc32(data) == checksum]

    def damage(self) -> list[str]:
        """What an integrity check of the file and of every result's checksum finds; empty: all is well."""
        found = [line for (line,) in self._rows("PRAGMA integrity_check") if line != "ok"]
        with self._told():
            for number, data, checksum in self._database.execute("SELECT rowid, data, checksum FROM result"):
                if crc32(data) != checksum:
                    found.append(f"result {number} fails its checksum: it will be computed again when asked for")
        return found

    def prune(self, code: str) -> int:
        """Forget the results of any other code than this; returns how many. Raises StoreError as all do."""
        stale = "SELECT id FROM work WHERE json_extract(description, '$.code') <> ?"
        with self._told():
            gone = self._database.execute(f"DELETE FROM result WHERE work IN ({stale})", (code,)).rowcount
            self._database.execute(f"DELETE FROM work WHERE id IN ({stale})", (code,))
            self._database.execute("VACUUM")
            self._ids.clear()
        return gone

    def _id(self, work: Work, make: bool = False) -> int | None:
        """The number of a work in this file; None where there is none and none is to be made."""
        if work.identity not in self._ids:
            with self._told():
                if make:
                    row = (work.identity, work.description)
                    self._database.execute("INSERT OR IGNORE INTO work (identity, description) VALUES (?, ?)", row)
                for (number,) in self._rows("SELECT id FROM work WHERE identity = ?", work.identity):
                    self._ids[work.identity] = number
        return self._ids.get(work.identity)

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._told():
            return self._database.execute(query, values).fetchall()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """One thread at a time; SQLite's errors in words that say what to do."""
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise StoreError(f"the store {self.path}: {error}; {_advice(str(error))}") from error


def _advice(message: str) -> str:
    if "full" in message:
        return "what was kept is safe: make room and run the same command again"
    if "not a database" in message or "malformed" in message:
        return "the file is damaged or no store of giantstep: move it away or name another with --store"
    if "locked" in message:
        return "another process holds it: wait for that one to end"
    return "it cannot be read or written there: name another with --store"
