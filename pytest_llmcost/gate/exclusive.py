"""Two writers of one file: who read it as it is now may replace it, and nobody else meanwhile."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Let one process after the other look at a folder's files and replace them; a killed one gives the lock back.

    Where folders cannot be locked (Windows, some network drives) what is looked at inside still holds, but for the
    instant between looking and replacing.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
