"""The cache as it lies on disk: looked at with the care with which it is opened, and never made or changed."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.calls.cache.database import fault_of, open_read_only
from pytest_llmcost.calls.cache.folder import DATABASE, files_of, prepare_folder
from pytest_llmcost.calls.cache.recorded import files_of as files_of_recordings
from pytest_llmcost.calls.cache.recorded import lines_of
from pytest_llmcost.calls.redis_client import place_of
from pytest_llmcost.cli.doctor.finding import BAD, OK, WARN, Finding, of_error
from pytest_llmcost.cli.progress import megabytes
from pytest_llmcost.domain.errors import SettingsError

_TOPIC, _RECORDED = "cache", "recordings"
_ANSWER_KEY = 64
_COUNT = "SELECT COUNT(*) FROM Cache WHERE length(key) = 64"
"""Answers go by the SHA-256 of their request; the notes beside them have other keys."""


def caches(settings: Settings) -> Iterator[Finding]:
    """Yield what is to be known of each place where answers are kept; a Redis is not connected to."""
    if settings.recordings is not None:
        yield from _recorded(settings.recordings)
    for place in settings.cache:
        if isinstance(place, Path):
            yield from cached(place)
        else:
            yield _shared(place)


def _recorded(folder: Path) -> Iterator[Finding]:
    if not folder.is_dir():
        yield Finding(WARN, _RECORDED, f"{folder} is not there", f"llmcost cache export --to {folder}")
        return
    try:
        lines = [line for path in files_of_recordings(folder) for line in lines_of(path)]
    except (OSError, ValueError) as error:
        yield Finding(BAD, _RECORDED, f"{folder} cannot be read: {error}", "Mend it, or set another `recordings`.")
        return
    faulty = sum(bool(line.fault) for line in lines)
    answers = sum(len(line.key) == _ANSWER_KEY for line in lines)
    if faulty:
        yield Finding(WARN, _RECORDED, f"{folder}: {faulty} lines are no recorded answers", "llmcost cache verify")
    yield Finding(OK, _RECORDED, f"{folder}: {answers:,} answers")


def _shared(url: str) -> Finding:
    place = f"redis {place_of(url)}"
    if find_spec("redis") is None:
        return Finding(BAD, _TOPIC, f"{place} needs Redis's client", "pip install 'pytest-llmcost[redis]'")
    return Finding(OK, _TOPIC, f"{place}: `llmcost cache stats` connects to it")


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
