"""Where each task type stands, in one file that several processes read and change, one at a time."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pytest_llmcost.domain.errors import LlmCostError
from pytest_llmcost.domain.write_ahead import write_ahead
from pytest_llmcost.statistics.detector import Wealth

FORMAT = "llmcost-adaptive/1"
MOST_REMEMBERED = 10_000
"""Ids of reports that are known again, of a task type."""
_BUSY_SECONDS = 30.0
_TABLES = (
    "CREATE TABLE IF NOT EXISTS about (format TEXT NOT NULL, tiers TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS places (key TEXT PRIMARY KEY, place TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS reports (id INTEGER PRIMARY KEY, key TEXT NOT NULL, call_id TEXT NOT NULL UNIQUE)",
    "CREATE INDEX IF NOT EXISTS reports_by_key ON reports (key, id)",
)
_FORGET = """
DELETE FROM reports WHERE key = :key AND id <= (
  SELECT id FROM reports WHERE key = :key ORDER BY id DESC LIMIT 1 OFFSET :most)
"""


class StateError(LlmCostError):
    """The file of an adaptive router cannot be used."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task type stands.

    Attributes:
        tier: Its number, from the cheapest, 0.
        up, down: What is owned by those who bet against "it fails seldom enough", and "it fails too often for less".
        rests: By tier, the reports until it may be tried again.
        failures: By tier, how often in a row it was left because it failed.
        reports: Since the type came to this tier.
        visit: How often it has moved.
    """

    tier: int
    up: Wealth
    down: Wealth
    rests: tuple[int, ...]
    failures: tuple[int, ...]
    reports: int = 0
    visit: int = 0


@dataclass(slots=True)
class Row:
    """A task type while one process may change it.

    Attributes:
        place: None where nothing was ever reported of it.
        is_new: Whether the report at hand is not known yet.
    """

    place: Place | None
    is_new: bool

    def visit_of(self, start: Place) -> int:
        """Return the visit that is under way."""
        return (self.place or start).visit


class AdaptiveState:
    """The file.

    Args:
        path: Made where there is none.
        tiers: Names that the places are numbers of; a file of others is refused.

    Raises:
        StateError: If it cannot be used.
    """

    def __init__(self, path: Path, tiers: tuple[str, ...]) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._said():
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._connect()
        try:
            self._prepare(tiers)
        except StateError:
            self.close()
            raise

    def read(self, key: str) -> Place | None:
        """Return where a task type stands; None where nothing was ever reported of it."""
        with self._lock, self._said():
            row = self._connection().execute("SELECT place FROM places WHERE key = ?", (key,)).fetchone()
            return None if row is None else _place_of(row[0])

    @contextmanager
    def changing(self, key: str, call_id: str) -> Iterator[Row]:
        """Let the caller change a task type's place by one report; nobody else changes it meanwhile."""
        with self._transaction() as sql:
            added = sql.execute("INSERT OR IGNORE INTO reports (key, call_id) VALUES (?, ?)", (key, call_id))
            found = sql.execute("SELECT place FROM places WHERE key = ?", (key,)).fetchone()
            row = Row(None if found is None else _place_of(found[0]), is_new=added.rowcount > 0)
            yield row
            if row.place is not None:
                sql.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", (key, json.dumps(asdict(row.place))))
            sql.execute(_FORGET, {"key": key, "most": MOST_REMEMBERED})

    def close(self) -> None:
        """Free the file."""
        self._con.close()

    def _connect(self) -> None:
        self._pid = os.getpid()
        self._con = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)

    def _connection(self) -> sqlite3.Connection:
        """Return this process's own connection: one that came through a fork may not be used."""
        if os.getpid() != self._pid:
            self._connect()
            _write_ahead(self._con)
        return self._con

    def _prepare(self, tiers: tuple[str, ...]) -> None:
        with self._said():
            _write_ahead(self._con)
        with self._transaction() as sql:
            for table in _TABLES:
                sql.execute(table)
            self._check(sql, tiers)

    def _check(self, sql: sqlite3.Connection, tiers: tuple[str, ...]) -> None:
        about = (FORMAT, json.dumps(tiers))
        found = sql.execute("SELECT format, tiers FROM about").fetchone()
        if found is None:
            sql.execute("INSERT INTO about VALUES (?, ?)", about)
        elif found != about:
            raise StateError(
                f"{self._path}: this is the state of {' '.join(found)}, and {' '.join(about)} is wanted.\n"
                "Name another file, or delete this one: all task types then start anew."
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._said():
            sql = self._connection()
            sql.execute("BEGIN IMMEDIATE")
            try:
                yield sql
                sql.commit()
            except BaseException:
                sql.rollback()
                raise

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error, ValueError, TypeError, KeyError) as error:
            raise StateError(
                f"{self._path}: the state cannot be used: {error}.\nFree the disk, or name another file."
            ) from error


def _write_ahead(con: sqlite3.Connection) -> None:
    """Let commits wait for no disk: after a power cut the file is whole, and only the last reports are gone."""
    con.execute("PRAGMA synchronous=NORMAL")
    write_ahead(con, _BUSY_SECONDS)


def _place_of(text: str) -> Place:
    found = json.loads(text)
    lists = {name: tuple(found[name]) for name in ("up", "down", "rests", "failures")}
    return Place(**{**found, **lists})
