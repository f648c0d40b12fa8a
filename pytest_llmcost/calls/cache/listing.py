"""The rows of an open database in the order in which they came, under the same rules as a cache's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_llmcost.calls.cache.database import open_read_only
from pytest_llmcost.calls.cache.folder import DATABASE
from pytest_llmcost.calls.cache.rows import RefusedRow, plain_text

_AFTER_ALL = "\U0010ffff"
_KEYS = "SELECT rowid, key FROM Cache WHERE raw = 1 AND key >= ? AND key < ? AND rowid > ? ORDER BY rowid"
_ROW = "SELECT mode, filename, value FROM Cache WHERE rowid = ? AND raw = 1"


class Listing:
    """Finds rows by the beginning of their keys; beside a `DiskStore`, which writes them.

    Args:
        folder: The store's; it has to be open.

    Raises:
        sqlite3.Error: From any of its methods, if the database cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._con = open_read_only(folder / DATABASE)

    def keys(self, prefix: str, after: int = 0) -> Iterator[tuple[int, str]]:
        """Yield the number and the key of each row that came after number *after*, in order."""
        for number, key in self._con.execute(_KEYS, (prefix, prefix + _AFTER_ALL, after)):
            if type(key) is str:  # (a planted key may be anything)
                yield number, key

    def text(self, number: int) -> str | None:
        """Return a row's text; None where it is gone, or refused."""
        row = self._con.execute(_ROW, (number,)).fetchone()
        try:
            return None if row is None else plain_text(*row)
        except RefusedRow:
            return None

    def close(self) -> None:
        """Free the file."""
        self._con.close()
