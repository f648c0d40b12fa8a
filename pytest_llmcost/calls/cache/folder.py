"""The cache's folder: for its owner alone, opened by one process after the other, and nothing in it deleted."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from pytest_llmcost.domain.errors import SettingsError

DATABASE = "cache.db"
JOURNAL = "-journal"


def prepare_folder(folder: Path) -> None:
    """Make the cache's folder, for its owner alone; refuse one that anybody may write to.

    Raises:
        SettingsError: If others may plant answers there, or diskcache would take the path for another.
        OSError: If it cannot be made.
    """
    if os.path.expandvars(folder) != str(folder):
        raise SettingsError(f"cache = {str(folder)!r} holds a variable.\nWrite the path out.", key="cache")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and folder.stat().st_mode & stat.S_IWOTH:
        raise SettingsError(
            f"cache folder {folder} can be written by anybody, who could plant answers in it.\n"
            f"Run `chmod 700 {folder}`, or set another `cache`.",
            key="cache",
        )


def touch_database(database: Path) -> None:
    """Make an empty database that only its owner can read; SQLite gives its side files the same mode."""
    os.close(os.open(database, os.O_CREAT | os.O_EXCL, 0o600))


def set_aside(database: Path) -> Path:
    """Rename a database and its side files, and return the new path."""
    number = 1
    while os.path.lexists(aside := database.with_name(f"{DATABASE}.aside-{number}")):
        number += 1
    for path in filter(os.path.lexists, files_of(database)):
        os.rename(path, f"{aside}{path.name.removeprefix(DATABASE)}")
    return aside


def files_of(database: Path) -> list[Path]:
    """Return where a database and its side files are, or would be."""
    return [database.with_name(DATABASE + suffix) for suffix in ("", "-wal", "-shm", JOURNAL)]


@contextlib.contextmanager
def opening_lock(folder: Path) -> Iterator[None]:
    """Let one process after the other open the cache; a killed one gives the lock back."""
    descriptor = os.open(folder / "cache.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def hold_use(folder: Path) -> int:
    """Say that this process uses the cache, until the descriptor that is returned is closed, or the process ends.

    Waits while answers are deleted.

    Raises:
        OSError: If the folder cannot be written.
    """
    descriptor = os.open(folder / "cache.use", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _share(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextlib.contextmanager
def unused(folder: Path) -> Iterator[bool]:
    """Tell whether no process uses the cache; while True is looked at, none begins to.

    Raises:
        OSError: If the folder cannot be written.
    """
    descriptor = os.open(folder / "cache.use", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _take_alone(descriptor)
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    _MOST_USERS = 2**20  # each locks one byte, found by chance, of a range that is locked whole to be alone

    def _lock(descriptor: int) -> None:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)

    def _share(descriptor: int) -> None:
        import msvcrt

        os.lseek(descriptor, secrets.randbelow(_MOST_USERS), os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)

    def _take_alone(descriptor: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, _MOST_USERS)
        except OSError:
            return False
        return True

else:

    def _lock(descriptor: int) -> None:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _share(descriptor: int) -> None:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_SH)

    def _take_alone(descriptor: int) -> bool:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
