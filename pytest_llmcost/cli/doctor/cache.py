"""The cache as it lies on disk: looked at with the care with which it is opened, and never made or changed."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

from pytest_llmcost.calls.cache.database import fault_of, open_read_only
from pytest_llmcost.calls.cache.folder import DATABASE, files_of, prepare_folder
from pytest_llmcost.cli.doctor.finding import BAD, OK, WARN, Finding, of_error
from pytest_llmcost.cli.progress import megabytes
from pytest_llmcost.domain.errors import SettingsError

_TOPIC = "cache"
_COUNT = "SELECT COUNT(*) FROM Cache WHERE length(key) = 64"
"""Answers go by the SHA-256 of their request; the notes beside them have other keys."""


def cached(folder: Path) -> Iterator[Finding]:
    """Yield what is in the cache's folder, and who may see it."""
    if not os.path.lexists(folder):
        yield Finding(OK, _TOPIC, f"{folder} is not there yet: the first run makes it")
        return
    try:
        prepare_folder(folder)  # it is there: nothing is made
        yield _content(folder / DATABASE)
        yield from _access(folder)
    except SettingsError as error:
        yield of_error(_TOPIC, error)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        yield Finding(BAD, _TOPIC, f"{folder} cannot be used: {reason}", "Mend it, or set another `cache`.")


def _content(database: Path) -> Finding:
    fault = fault_of(database)
    if fault is not None:
        return Finding(WARN, _TOPIC, f"{database}: {fault}", "The next run sets it aside and begins a new one.")
    if not database.exists():
        return Finding(OK, _TOPIC, f"{database.parent}: empty")
    with contextlib.closing(open_read_only(database)) as con:
        (answers,) = con.execute(_COUNT).fetchone()
    size = sum(path.stat().st_size for path in files_of(database) if path.is_file())
    return Finding(OK, _TOPIC, f"{database.parent}: {answers:,} answers, {megabytes(size)}")


def _access(folder: Path) -> Iterator[Finding]:
    mode = stat.S_IMODE(folder.stat().st_mode)
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding(WARN, _TOPIC, f"{folder} is open to others ({mode:o})", f"chmod 700 {folder}")
    if not os.access(folder, os.W_OK):
        yield Finding(WARN, _TOPIC, f"{folder} cannot be written: answers are read, and none is kept")
