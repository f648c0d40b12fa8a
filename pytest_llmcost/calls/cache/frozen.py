"""A database that diskcache cannot open, since it writes at the opening, can still be read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from pytest_llmcost.calls.cache.database import fault_inside, open_read_only
from pytest_llmcost.calls.cache.rows import RefusedRow, plain_text


class FrozenRows:
    """The rows of a database, under the same rules as a cache's."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self._con = con

    def get(self, key: str) -> str | None:
        """Return a row's text, or None, or raise `RefusedRow`."""
        query = "SELECT mode, filename, value FROM Cache WHERE key = ? AND raw = 1"
        row = self._con.execute(query, (key,)).fetchone()
        return None if row is None else plain_text(*row)

    def close(self) -> None:
        """Free the file."""
        self._con.close()


def open_frozen(database: Path) -> FrozenRows:
    """Open a database read-only: as it is, or, where the folder lets no lock be taken, as it was left.

    Raises:
        RefusedRow: If it is not of this version's making.
        sqlite3.Error: If it cannot be read either.
    """
    try:
        return _checked(open_read_only(database))
    except sqlite3.OperationalError:
        return _checked(open_read_only(database, is_immutable=True))


def _checked(con: sqlite3.Connection) -> FrozenRows:
    try:
        if fault := fault_inside(con):
            raise RefusedRow(fault)
    except BaseException:
        con.close()
        raise
    return FrozenRows(con)
