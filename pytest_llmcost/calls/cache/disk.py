"""Answers kept on disk; when the disk fails, the run goes on with what can still be read."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_llmcost.calls.cache.database import fault_of, is_corrupt, open_cache, touch
from pytest_llmcost.calls.cache.folder import (
    DATABASE,
    hold_use,
    opening_lock,
    prepare_folder,
    set_aside,
    touch_database,
)
from pytest_llmcost.calls.cache.frozen import FrozenRows, open_frozen
from pytest_llmcost.calls.cache.rows import RefusedRow

_FileId = tuple[int, int]


class DiskStore:
    """A `Store` in a folder, on diskcache; shared by processes, but not over a network file system.

    A database that is corrupt, or is not of this version's making, is set aside under
    another name. One that cannot be written is only read. Each fault is said once.
    Close it on the thread that used it: its connection belongs to that thread.

    Args:
        folder: Made, for its owner alone, if it is not there.
        warn: Called with what happened and what follows from it, on the thread that met it.
        notes_use: Whether it is written down at the end which answers were used, for who drops the others.

    Raises:
        SettingsError: If anybody may write to the folder.
    """

    def __init__(self, folder: Path, warn: Callable[[str], None], *, notes_use: bool = False) -> None:
        self._folder = Path(os.path.abspath(folder))
        self._database = self._folder / DATABASE
        self._warn = warn
        self._said: set[str] = set()
        self._can_write = True
        self._file_id: _FileId | None = None
        self._rows: Any = None  # a diskcache.Cache, FrozenRows, or None where nothing can be read
        self._used: set[str] | None = set() if notes_use else None
        self._use: int | None = None
        self._open()

    def get(self, key: str) -> str | None:
        """Return what is stored, or None; a refused row counts as absent."""
        if self._rows is None:
            return None
        try:
            text: str | None = self._rows.get(key)
            if self._used is not None and text is not None:
                self._used.add(key)
            return text
        except RefusedRow as refused:
            self._say("row", f"refused row {key[:20]!r} of cache {self._database}: {refused}.\nIt counts as absent.")
        except sqlite3.DatabaseError as error:
            self._meet(error, "read")
        return None

    def set(self, key: str, text: str) -> None:
        """Store a text, whole or not at all; where that cannot be done, say so once."""
        if self._rows is None or not self._can_write:
            return
        from diskcache import Timeout

        try:
            self._rows.set(key, text)
        except Timeout:  # waiting for it again and again would hold up every other call
            self._can_write = False
            self._say("write", f"cache {self._database} cannot be locked.\nIt is only read from now on.")
        except sqlite3.DatabaseError as error:
            self._meet(error, "written")
            if is_corrupt(error):
                self.set(key, text)

    def close(self) -> None:
        """Write down what was used, and free the connection of the calling thread; may be called again."""
        if self._rows is not None:
            self._rows.close()
            if self._used and self._can_write:
                self._note_use()
        if self._use is not None:
            os.close(self._use)
            self._use = None

    def _note_use(self) -> None:
        used, self._used = self._used, None
        try:
            touch(self._database, used or ())
        except sqlite3.DatabaseError as error:
            self._say("use", f"cache {self._database} does not know what was used ({error}).\nNothing is lost.")

    def _open(self, broken: _FileId | None = None) -> None:
        try:
            prepare_folder(self._folder)
            if self._use is None:
                self._use = hold_use(self._folder)
            with opening_lock(self._folder):
                self._clear_the_way(broken)
                self._rows = open_cache(self._folder)
                (self._file_id,) = _file_ids(self._database)
        except (OSError, sqlite3.Error) as error:
            if broken is None and is_corrupt(error):
                self._open(*_file_ids(self._database))
            else:
                self._rows = self._only_read(error)

    def _clear_the_way(self, broken: _FileId | None) -> None:
        """Set a database aside that must not be opened, or that was found to be *broken*; see that there is one."""
        fault = fault_of(self._database)
        if fault is None and broken in _file_ids(self._database):  # else another process did it
            fault = "it is corrupt"
        if fault is not None:
            aside = set_aside(self._database)
            self._warn(
                f"cache {self._database} is set aside as {aside.name}: {fault}.\n"
                "The run goes on with an empty cache; delete the file when nobody needs it."
            )
        if not self._database.exists():
            touch_database(self._database)

    def _only_read(self, error: Exception) -> FrozenRows | None:
        self._can_write = False
        try:
            rows = open_frozen(self._database)
        except (OSError, sqlite3.Error, RefusedRow):
            self._say("open", f"cache {self._database} cannot be opened ({error}).\nNothing is cached in this run.")
            return None
        self._say("open", f"cache {self._database} cannot be written ({error}).\nIt is only read in this run.")
        return rows

    def _meet(self, error: sqlite3.DatabaseError, verb: str) -> None:
        """Go on after a fault of the database: with another one, or with another connection."""
        self._rows.close()  # a failed commit may have left it in the middle of a transaction
        if not is_corrupt(error):
            self._say(verb, f"cache {self._database} cannot be {verb} ({error}).\nThe run goes on without.")
            return
        broken, self._file_id = self._file_id, None
        self._rows = None
        if broken is not None:
            self._open(broken)

    def _say(self, fault: str, message: str) -> None:
        if fault not in self._said:
            self._said.add(fault)
            self._warn(message)


def _file_ids(path: Path) -> list[_FileId]:
    """What tells a file from another that took its name later; nothing where there is none."""
    found = [path.stat()] if path.exists() else []
    return [(stat.st_dev, stat.st_ino) for stat in found]
