"""Readers and a writer of one SQLite file go on side by side, also where several processes open it at once."""

from __future__ import annotations

import sqlite3
import time

_POLL_SECONDS = 0.01


def write_ahead(connection: sqlite3.Connection, patience_seconds: float) -> None:
    """Put a database into write-ahead mode, in which it stays.

    SQLite's own time-out does not hold for this change, which is refused while another
    process makes it: so it is tried again.

    Raises:
        sqlite3.Error: If it cannot be done, or not within *patience_seconds*.
    """
    until = time.monotonic() + patience_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(_POLL_SECONDS)
