"""A cache database is opened by diskcache only after a look at it: what is planted in it acts at the opening.

Triggers, views and settings of somebody else's making are found by comparing a
database's outline with that of a fresh one. What does not fit is set aside, never
deleted: it may hold answers that were paid for.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import tempfile
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
    found = database.stat()
    if found.st_size == 0:
        return "it is empty, so it was cut off"
    if os.name == "posix" and found.st_mode & stat.S_IWOTH:
        return "anybody may write to it"
    try:
        with contextlib.closing(open_read_only(database)) as con:
            return fault_of_outline(con)
    except sqlite3.DatabaseError as error:
        if is_corrupt(error):
            return f"it is corrupt ({error})"
        raise


def fault_of_outline(con: sqlite3.Connection) -> str | None:
    """Return how an open database differs from what this version makes, or None."""
    if _outline(con) == _fresh_outline():
        return None
    return "its tables, triggers or settings are not what this version makes"


def open_read_only(database: Path, *, is_immutable: bool = False) -> sqlite3.Connection:
    """Open a database without writing to it; *is_immutable* also without a lock, as a read-only folder needs."""
    options = "mode=ro&immutable=1" if is_immutable else "mode=ro"
    uri = f"{database.absolute().as_uri()}?{options}"
    con = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    con.execute("PRAGMA trusted_schema=OFF")
    con.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return con


def is_corrupt(error: Exception) -> bool:
    """Whether SQLite says that the file's content is broken, rather than out of reach."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _outline(con: sqlite3.Connection) -> Any:
    """The schema, and the settings with the counters' values left out; the schema first, since it may hide views."""
    schema = con.execute("SELECT type, name, tbl_name, sql FROM sqlite_master LIMIT ?", (_MOST_ROWS,)).fetchall()
    if ("table", "Settings") not in [row[:2] for row in schema]:
        return schema
    rows = con.execute("SELECT key, value FROM Settings LIMIT ?", (_MOST_ROWS,)).fetchall()
    settings = {key: type(value) if key in _COUNTERS else (type(value), value) for key, value in rows}
    return sorted(schema, key=repr), settings


def _fresh_outline() -> Any:
    with tempfile.TemporaryDirectory(prefix="llmcost-") as folder:
        open_cache(Path(folder))
        with contextlib.closing(open_read_only(Path(folder) / DATABASE)) as con:
            return _outline(con)
