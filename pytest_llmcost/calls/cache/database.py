"""A cache database is opened by diskcache only after a look at it: what is planted in it acts at the opening.

Triggers, views and settings of somebody else's making are found by comparing them with
those of a fresh database, whichever version of diskcache makes it. What does not fit
is set aside, never deleted: it may hold answers that were paid for.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pytest_llmcost.calls.cache.folder import DATABASE, JOURNAL, files_of
from pytest_llmcost.calls.cache.rows import plain_disk

SETTINGS = {
    "eviction_policy": "none",  # answers that were paid for are not dropped silently
    "cull_limit": 0,
    "disk_pickle_protocol": 0,  # the default differs between versions of Python
    "sqlite_mmap_size": 0,  # a mapped file that somebody truncates kills the process
}
_COUNTERS = {"count", "size", "hits", "misses"}
_BUSY_SECONDS = 5.0
_MOST_ROWS = 100


def open_cache(folder: Path) -> Any:
    """Return the `diskcache.Cache` of a folder whose database has been looked at."""
    from diskcache import Cache

    cache = Cache(str(folder), timeout=_BUSY_SECONDS, disk=plain_disk(), **SETTINGS)
    cache.close()  # this thread's connection; each thread that uses the cache opens its own
    return cache


def fault_of(database: Path) -> str | None:
    """Return why diskcache must not open a database, or None.

    Raises:
        sqlite3.OperationalError: If it cannot be read now (locked, no permission).
    """
    for path in filter(os.path.lexists, files_of(database)):
        if not stat.S_ISREG(path.lstat().st_mode):
            return f"{path.name} is no regular file"
        if path.name.endswith(JOURNAL):  # diskcache writes ahead (-wal), and leaves none
            return f"{path.name} would change it when it is opened"
    if not database.exists():
        return None
    if os.name == "posix" and database.stat().st_mode & stat.S_IWOTH:
        return "anybody may write to it"
    try:
        with contextlib.closing(open_read_only(database)) as con:
            return fault_inside(con)
    except sqlite3.DatabaseError as error:
        if is_corrupt(error):
            return f"it is corrupt ({error})"
        raise


def fault_inside(con: sqlite3.Connection) -> str | None:
    """Return how an open database differs from what this version makes, or None."""
    with tempfile.TemporaryDirectory(prefix="llmcost-") as folder:
        open_cache(Path(folder))
        with contextlib.closing(open_read_only(Path(folder) / DATABASE)) as fresh:
            if _schema(con) != _schema(fresh):
                return "its tables or triggers are not what this version makes"
            if _settings(con) != _settings(fresh):  # (only now known to come from a plain table)
                return "its settings are not what this version makes"
    return None


def open_read_only(database: Path, *, is_immutable: bool = False) -> sqlite3.Connection:
    """Open a database without writing to it; *is_immutable* also without a lock, as a read-only folder needs."""
    options = "mode=ro&immutable=1" if is_immutable else "mode=ro"
    uri = f"{database.absolute().as_uri()}?{options}"
    con = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    con.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return con


def open_to_change(database: Path) -> sqlite3.Connection:
    """Open a database that has been looked at, to change its rows by plain SQL."""
    con = sqlite3.connect(database, timeout=_BUSY_SECONDS, isolation_level=None)
    con.execute("PRAGMA trusted_schema = OFF")
    return con


def touch(database: Path, keys: Iterable[str]) -> None:
    """Write down that some rows were used now.

    Raises:
        sqlite3.DatabaseError: If it cannot be written.
    """
    now = time.time()
    with contextlib.closing(open_to_change(database)) as con:
        con.execute("BEGIN IMMEDIATE")
        con.executemany("UPDATE Cache SET access_time = ? WHERE key = ? AND raw = 1", [(now, key) for key in keys])
        con.execute("COMMIT")


def is_corrupt(error: Exception) -> bool:
    """Whether SQLite says that the file's content is broken, rather than out of reach."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _schema(con: sqlite3.Connection) -> list[Any]:
    rows = con.execute("SELECT type, name, tbl_name, sql FROM sqlite_master LIMIT ?", (_MOST_ROWS,)).fetchall()
    return sorted(rows, key=repr)


def _settings(con: sqlite3.Connection) -> dict[str, Any]:
    """Settings by name, of the counters their types alone: 5, 5.0 and '5' are three different values."""
    rows = con.execute("SELECT key, value FROM Settings LIMIT ?", (_MOST_ROWS,)).fetchall()
    return {key: type(value) if key in _COUNTERS else repr(value) for key, value in rows}
