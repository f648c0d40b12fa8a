"""Only a regular file of bounded size is read: a pipe would wait for ever, a device never end."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

MOST_BYTES = 2**30
"""Of a run or a baseline: some millions of cases."""

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class RefusedFile(OSError):
    """A file that could be opened, and is not read."""


class TooLarge(RefusedFile):
    """A file with more bytes than are read."""


@contextmanager
def opened_regular(path: Path, most_bytes: int) -> Iterator[BinaryIO]:
    """Open a file for reading, if it is a regular one of at most *most_bytes*.

    Raises:
        RefusedFile: If it is not.
        OSError: If it cannot be opened.
    """
    # O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            kind = _KINDS.get(stat.S_IFMT(about.st_mode), "something else")
            raise RefusedFile(f"this is {kind}: a regular file is needed")
        check_size(about.st_size, most_bytes)
        with open(descriptor, "rb", closefd=False) as file:
            yield cast(BinaryIO, file)
    finally:
        os.close(descriptor)


def read_regular(path: Path) -> str:
    """Return the text of a regular UTF-8 file of at most a gigabyte.

    Raises:
        OSError, ValueError: If it is none, or cannot be read.
    """
    with opened_regular(path, MOST_BYTES) as file:
        content = file.read(MOST_BYTES + 1)
    check_size(len(content), MOST_BYTES)
    return content.decode("utf-8")


def check_size(count: int, most_bytes: int) -> None:
    """Raise `TooLarge` for more bytes than are read: a file may grow while it is."""
    if count > most_bytes:
        raise TooLarge(f"the file is larger than {most_bytes // 2**20} MB")
