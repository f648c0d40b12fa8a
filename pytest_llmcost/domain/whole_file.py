"""A file is written whole or not at all: whoever reads it sees the old one or the new one."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable
from pathlib import Path


def write_whole(
    path: Path, content: Iterable[bytes], placing: contextlib.AbstractContextManager[None] | None = None
) -> None:
    """Write *content* into a file beside *path* and put that in its place.

    Args:
        path: Where.
        content: What, piece by piece.
        placing: Entered while the file takes its place; what it raises leaves the old one there.

    Raises:
        OSError: If it cannot be written; what was there before is whole.
    """
    refuse_special(path)
    temporary = path.with_suffix(f".{secrets.token_hex(4)}.tmp")  # (containers on one volume share process ids)
    try:
        with temporary.open("wb") as file:
            file.writelines(content)
        with placing or contextlib.nullcontext():
            temporary.replace(path)
    finally:  # also where the run is interrupted just now
        with contextlib.suppress(OSError):  # (the folder itself may be the fault)
            temporary.unlink(missing_ok=True)


def refuse_special(path: Path) -> None:
    """Raise `OSError` for a pipe, a device or a folder: a rename would put a file in the place of /dev/null."""
    if path.exists() and not path.is_file():
        raise OSError("this is no regular file")
