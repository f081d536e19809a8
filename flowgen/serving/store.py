"""Everything that `--data FILE` keeps, in SQLite.

Writes are collected, and committed before the next response: whatever a client has seen is in the file. With
write-ahead logging and `synchronous=NORMAL`, commits survive the end of the process, though not a loss of power.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FORMAT = "1"
"""The format of the file. A file of another format is rejected."""

_TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS resources (kind TEXT, key TEXT, body TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS executions (number INTEGER PRIMARY KEY, arn TEXT UNIQUE, body TEXT, ending TEXT);
CREATE TABLE IF NOT EXISTS histories (arn TEXT PRIMARY KEY, events BLOB);
CREATE TABLE IF NOT EXISTS journal (number INTEGER PRIMARY KEY, arn TEXT, entry TEXT);
CREATE INDEX IF NOT EXISTS journal_arn ON journal (arn);
"""


class UnusableFile(Exception):  # noqa: N818 - reported as wrong usage
    """The file can't be opened, is in use, or is not one of this program. The message says which."""


class Store:
    """The file. Use it in one thread only. `starts` is how often it was opened."""

    def __init__(self, path: Path) -> None:
        self._pending: list[tuple[str, tuple[Any, ...]]] = []
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.0)
            self._execute("PRAGMA locking_mode=EXCLUSIVE")
            self._execute("PRAGMA journal_mode=WAL")
            self._execute("PRAGMA synchronous=NORMAL")
            tables = {name for (name,) in self._execute("SELECT name FROM sqlite_master").fetchall()}
            if tables and ("about" not in tables or self.about("format") != FORMAT):
                raise UnusableFile(f"{path} is not a file of this version of flowgen serve; use another file")
            self._connection.executescript(_TABLES)
            self.starts = int(self.about("starts") or "0") + 1
            self._write("INSERT OR REPLACE INTO about VALUES ('format', ?), ('starts', ?)", FORMAT, str(self.starts))
            self.commit()
        except sqlite3.Error as error:
            reason = "another program uses it" if "locked" in str(error) else str(error)
            raise UnusableFile(f"cannot use {path}: {reason}") from None

    def about(self, name: str) -> str | None:
        """A property of the file."""
        row = self._execute("SELECT value FROM about WHERE name = ?", name).fetchone()
        return None if row is None else str(row[0])

    def put(self, kind: str, key: str, body: Any) -> None:
        """Keep a resource, such as a version."""
        self._write("INSERT OR REPLACE INTO resources VALUES (?, ?, ?)", kind, key, _text(body))

    def remove(self, kind: str, key: str) -> None:
        self._write("DELETE FROM resources WHERE kind = ? AND key = ?", kind, key)

    def resources(self, kind: str) -> Iterator[tuple[str, Any]]:
        """The keys and the content of all resources of a kind."""
        rows = self._execute("SELECT key, body FROM resources WHERE kind = ? ORDER BY key", kind)
        return ((key, json.loads(body)) for key, body in rows.fetchall())

    def put_execution(self, arn: str, body: Any) -> None:
        """Keep an execution. Its place among the others stays the same if it exists."""
        self._write(
            "INSERT INTO executions (arn, body) VALUES (?, ?) ON CONFLICT (arn) DO UPDATE SET body = ?2",
            arn,
            _text(body),
        )

    def end_execution(self, arn: str, ending: Any, events: bytes, *, keep_journal: bool) -> None:
        """Keep how an execution ended (None: it continues), and its events."""
        self._write("UPDATE executions SET ending = ? WHERE arn = ?", None if ending is None else _text(ending), arn)
        self._write("INSERT OR REPLACE INTO histories VALUES (?, ?)", arn, events)
        if not keep_journal:
            self._write("DELETE FROM journal WHERE arn = ?", arn)

    def remove_execution(self, arn: str) -> None:
        for table in ("executions", "histories", "journal"):
            self._write(f"DELETE FROM {table} WHERE arn = ?", arn)  # noqa: S608 - a constant name

    def executions(self) -> Iterator[tuple[str, Any, Any]]:
        """The ARN, the content and the ending of each execution, in the order of their starts."""
        rows = self._execute("SELECT arn, body, ending FROM executions ORDER BY number").fetchall()
        return ((arn, json.loads(body), None if end is None else json.loads(end)) for arn, body, end in rows)

    def events(self, arn: str) -> bytes:
        """The events of an execution that has ended."""
        self.commit()
        row = self._execute("SELECT events FROM histories WHERE arn = ?", arn).fetchone()
        return bytes(row[0])

    def note(self, arn: str, entry: list[Any]) -> None:
        """Add to the journal of an execution."""
        self._write("INSERT INTO journal (arn, entry) VALUES (?, ?)", arn, _text(entry))

    def journal(self, arn: str) -> list[list[Any]]:
        """The journal of an execution."""
        self.commit()
        rows = self._execute("SELECT entry FROM journal WHERE arn = ? ORDER BY number", arn).fetchall()
        return [json.loads(entry) for (entry,) in rows]

    def commit(self) -> None:
        """Write what was collected, all of it or nothing. After an error, such as a full disk, it stays collected."""
        if not self._pending:
            return
        try:
            self._execute("BEGIN IMMEDIATE")
            for statement, values in self._pending:
                self._execute(statement, *values)
            self._execute("COMMIT")
        except sqlite3.Error:
            if self._connection.in_transaction:
                self._execute("ROLLBACK")
            raise
        self._pending.clear()

    def close(self) -> None:
        self.commit()
        self._connection.close()

    def _write(self, statement: str, *values: Any) -> None:
        self._pending.append((statement, values))

    def _execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
