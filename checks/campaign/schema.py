"""The tables of a store, and how one is told from any other file."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from theory.problem import ProblemError

SCHEMA = 1
MARK = 0x67537470  # SQLite's application id: "gStp"
TABLES = """
CREATE TABLE work (id INTEGER PRIMARY KEY AUTOINCREMENT, identity TEXT NOT NULL UNIQUE, description TEXT NOT NULL);
CREATE TABLE result (
    work INTEGER NOT NULL REFERENCES work (id), first INTEGER NOT NULL, count INTEGER NOT NULL,
    data BLOB NOT NULL, checksum INTEGER NOT NULL, seconds REAL NOT NULL,
    UNIQUE (work, first, count)
);
CREATE TABLE verdict (id INTEGER PRIMARY KEY, claim TEXT NOT NULL, record TEXT NOT NULL);
CREATE INDEX verdict_of_claim ON verdict (claim, id);
"""
PATIENCE = 60.0  # seconds that a writer waits for another


class StoreError(ProblemError):
    """A store that cannot be read or written, and why."""


def connect(path: Path | None) -> sqlite3.Connection:
    """A connection to the store at `path`, made if missing; None: in memory. Raises StoreError or sqlite3.Error."""
    connection = sqlite3.connect(
        ":memory:" if path is None else path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """All or nothing, and no other writer in between; "DEFERRED" for one that only reads."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # SQLite may have ended it
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _prepare(connection: sqlite3.Connection, path: Path | None) -> None:
    """Tables where there are none, and a journal that readers and a writer can share."""
    with transaction(connection, "DEFERRED"):  # mark and tables as of one moment: another process may be making them
        known = _known(connection, path)
    if not known:
        with transaction(connection):
            if not _known(connection, path):  # another process may have come first
                for statement in TABLES.strip().split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {MARK}")
                connection.execute(f"PRAGMA user_version = {SCHEMA}")
    _write_ahead(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")  # a killed process loses nothing; a power cut the last moments


def _known(connection: sqlite3.Connection, path: Path | None) -> bool:
    """Whether this is a store of ours; False for an empty file. Raises StoreError for anything else."""
    mark, schema = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
    if mark == MARK:
        if schema != SCHEMA:
            raise StoreError(f"the store {path} has schema {schema}; this giantstep reads {SCHEMA}: use a newer one")
        return True
    if mark or schema or connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise StoreError(f"{path} is a database of something else, not a store of giantstep; name another file")
    return False


def _write_ahead(connection: sqlite3.Connection) -> None:
    """WAL mode; several processes may ask for it at once, and SQLite does not let them queue for that."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            if mode not in ("wal", "memory"):
                raise StoreError("this file system cannot share a store between processes; name one on a local disk")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.05)
