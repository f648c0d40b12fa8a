"""A cache's database looked through, and thinned: never while a run uses it, and never what the last run used.

Rows are read by plain SQL, so that what diskcache would unpickle is only named.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_llmcost.calls.cache.database import fault_of, open_read_only, open_to_change
from pytest_llmcost.calls.cache.folder import DATABASE, files_of, prepare_folder, unused
from pytest_llmcost.calls.cache.rows import RefusedRow, plain_text
from pytest_llmcost.calls.cache.upkeep.kept import CacheError, CacheInUse, Kept
from pytest_llmcost.domain.avoided import LOCAL
from pytest_llmcost.domain.errors import SettingsError

Row = tuple[int, Any]
"""Where a row is, and when it was stored: its place is kept when it is stored anew."""
_AT_ONCE = 500
_SHRUNK_TO = 0.9
"""Of the bound: so that not every run has to shrink it again."""


@dataclass(frozen=True, slots=True)
class DiskCache:
    """The cache of a folder, for whoever looks after it.

    Attributes:
        folder: It need not be there.
    """

    folder: Path

    @property
    def name(self) -> str:
        """What people know it by."""
        return self.folder.as_posix()

    @property
    def origin(self) -> str:
        """What its answers are counted as."""
        return LOCAL

    @property
    def size_bytes(self) -> int:
        """What its database takes on disk."""
        return sum(path.stat().st_size for path in files_of(self._database) if path.is_file())

    def kept(self) -> Iterator[Kept]:
        """Yield every row, also one that is refused, with why.

        Raises:
            SettingsError: If the database must not be opened, or anybody may write to the folder.
            CacheError: If it cannot be read.
        """
        with _said(self._database):
            if not self._checked():
                return
            with contextlib.closing(open_read_only(self._database)) as con:
                query = "SELECT rowid, store_time, key, raw, mode, filename, value FROM Cache ORDER BY rowid"
                for row in con.execute(query):
                    yield _kept(*row)

    def remove(self, kept: Iterable[Kept]) -> int:
        """Delete rows, but for those stored anew since, and return how many; no file that a row names is touched.

        Raises:
            CacheInUse: If a run uses the cache.
            CacheError: If it cannot be written.
        """
        with self._alone() as con:
            return _delete(con, [one.row for one in kept])

    def expire(self, stored_before: float, used_since: float) -> int:
        """Delete what was stored before that, and not used since then (seconds since 1970); return how many.

        Raises:
            CacheInUse: If a run uses the cache.
            CacheError: If it cannot be written.
        """
        if not self._database.exists():
            return 0
        with self._alone() as con:
            query = "SELECT rowid, store_time FROM Cache WHERE store_time < ? AND access_time < ?"
            return _delete(con, con.execute(query, (stored_before, used_since)).fetchall())

    def shrink(self, max_bytes: int, used_since: float) -> int:
        """Delete what was not used for the longest time until the database is small enough; return how many.

        Args:
            max_bytes: Of the database.
            used_since: What was used or stored since then stays (seconds since 1970), also where it is too much.

        Raises:
            CacheInUse: If a run uses the cache.
            CacheError: If it cannot be written.
        """
        if not self._database.exists() or self.size_bytes <= max_bytes:
            return 0
        deleted, wanted = 0, int(_SHRUNK_TO * max_bytes)
        with self._alone() as con:
            while (size := _compact(con)) > (wanted if deleted else max_bytes):
                rows = _oldest(con, 1 - wanted / size, used_since)
                if not rows:
                    break
                deleted += _delete(con, rows)
        return deleted

    def set_aside(self, kept: Sequence[Kept]) -> str:
        """Move rows into a file of the folder, where nobody reads them, and return its name.

        Raises:
            CacheInUse: If a run uses the cache.
            CacheError: If it cannot be written.
        """
        path = self._free_name()
        lines = [json.dumps({"key": one.key, "fault": one.fault, "value": one.shown}) for one in kept]
        with self._alone() as con:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "w", encoding="ascii") as file:
                file.writelines(f"{line}\n" for line in lines)
                file.flush()
                os.fsync(file.fileno())
            _delete(con, [one.row for one in kept])
        return str(path)

    @property
    def _database(self) -> Path:
        return self.folder / DATABASE

    def _free_name(self) -> Path:
        number = 1
        while os.path.lexists(path := self.folder / f"refused-{number}.jsonl"):
            number += 1
        return path

    def _checked(self) -> bool:
        """Whether there is a database, which is then one of ours."""
        if not os.path.lexists(self.folder):
            return False
        prepare_folder(self.folder)  # it is there: nothing is made
        if (fault := fault_of(self._database)) is not None:
            raise SettingsError(
                f"cache {self._database} is not looked into: {fault}.\n"
                "The next run sets it aside and begins a new one.",
                key="cache",
            )
        return self._database.exists()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[sqlite3.Connection]:
        with _said(self._database), unused(self.folder) as is_free:
            if not is_free:
                raise CacheInUse(
                    f"a run uses the cache {self.folder}, and may need what is in it.\nTry again when it has ended."
                )
            self._checked()
            with contextlib.closing(open_to_change(self._database)) as con:
                yield con


@contextlib.contextmanager
def _said(database: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise CacheError(f"cache {database} cannot be used: {error}.") from error


def _kept(number: int, stored: Any, key: Any, raw: Any, mode: Any, filename: Any, value: Any) -> Kept:
    shown = value.hex() if isinstance(value, bytes) else str(value)
    row = (number, stored)
    if raw != 1 or type(key) is not str:
        return Kept(repr(key)[:80], "", "its key is pickled or no text", row=row, shown=shown)
    try:
        return Kept(key, plain_text(mode, filename, value), row=row, shown=shown)
    except RefusedRow as refused:
        return Kept(key, "", str(refused), row=row, shown=shown)


def _compact(con: sqlite3.Connection) -> int:
    """Let the database take no more room than its rows need, and return how many bytes that is."""
    con.execute("VACUUM")  # pages that are half empty would hide what was deleted
    con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (pages,), (size,) = (con.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    return int(pages * size)


def _oldest(con: sqlite3.Connection, share: float, used_since: float) -> list[Row]:
    """Return the rows that were not used for the longest time, and hold about that share of all bytes."""
    (whole,) = con.execute("SELECT sum(length(value)) FROM Cache").fetchone()
    excess = share * (whole or 0)
    found: list[Row] = []
    query = """
        SELECT rowid, store_time, length(value) FROM Cache WHERE max(access_time, store_time) < ?
        ORDER BY access_time, rowid
    """
    for row, stored, length in con.execute(query, (used_since,)):
        found.append((row, stored))
        excess -= length or 1
        if excess <= 0:
            break
    return found


def _delete(con: sqlite3.Connection, rows: Sequence[Row]) -> int:
    deleted = 0
    for start in range(0, len(rows), _AT_ONCE):  # so that who reads meanwhile does not wait for all of them
        con.execute("BEGIN IMMEDIATE")
        some = rows[start : start + _AT_ONCE]
        deleted += con.executemany("DELETE FROM Cache WHERE rowid = ? AND store_time IS ?", some).rowcount
        con.execute("COMMIT")
    return deleted
