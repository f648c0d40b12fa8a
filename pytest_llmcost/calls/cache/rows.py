"""Only plain text goes into the cache's rows or comes out of them: nothing is unpickled, no file is touched.

diskcache lets a row say how it is stored: pickled, or in a file that the row names. A
planted row would so run code, or have a file read or deleted. This `Disk` writes text
rows with text keys, and refuses all else by name. Since it never makes a file, there
is no file name that it would accept.
"""

from __future__ import annotations

import functools
from typing import Any

_KINDS = {1: "raw", 2: "a binary file", 3: "a text file", 4: "a pickle"}
_RAW = 1


class RefusedRow(Exception):
    """A row that this package cannot have written; its text says what it is."""


def plain_text(mode: Any, filename: Any, value: Any) -> str:
    """Return a row's text, or raise `RefusedRow`."""
    if filename is not None:
        raise RefusedRow(f"it names a file, {filename!r:.80}")
    if mode != _RAW:
        raise RefusedRow(f"it is stored as {_KINDS.get(mode, repr(mode))}")
    if type(value) is not str:
        raise RefusedRow(f"its value is {type(value).__name__}, not text")
    return value


@functools.cache
def plain_disk() -> type[Any]:
    """Return the `Disk` for `diskcache.Cache`; made here, since diskcache is imported only where a cache is opened."""
    from diskcache import Disk

    class PlainDisk(Disk):  # type: ignore[misc]  # diskcache has no types
        def put(self, key: Any) -> tuple[str, bool]:
            if type(key) is not str:
                raise TypeError(f"a cache key is text, not {type(key).__name__}")
            return key, True

        def get(self, key: Any, raw: Any) -> str:
            if not raw or type(key) is not str:
                raise RefusedRow("its key is pickled or no text")
            return key

        def store(self, value: Any, read: bool, key: Any = None) -> tuple[int, int, None, str]:
            if read or type(value) is not str:
                raise TypeError(f"a cached value is text, not {type(value).__name__}")
            return 0, _RAW, None, value

        def fetch(self, mode: Any, filename: Any, value: Any, read: bool) -> str:
            return plain_text(mode, filename, value)

        def remove(self, file_path: Any) -> None:
            """Leave the file alone: a planted row named it."""

    return PlainDisk
