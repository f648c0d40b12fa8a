"""Answers on disk: kept through kills and faults, and safe against whoever planted something there."""

from __future__ import annotations

import contextlib
import os
import pickle
import sqlite3
import stat
import sys
import tempfile
from pathlib import Path

import pytest
from fakes.process import run_python, start_python

from pytest_llmcost.calls.cache.disk import DiskStore
from pytest_llmcost.domain.errors import SettingsError

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and limits are POSIX's")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def said():
    return []


@pytest.fixture
def open_store(folder, said):
    with contextlib.ExitStack() as stores:
        yield lambda: stores.enter_context(contextlib.closing(DiskStore(folder, said.append)))


@pytest.fixture
def sql(folder, open_store):
    """Changes the database behind the store's back; `key` is stored in it already."""
    open_store().set("key", "text")

    def execute(*statements):
        with contextlib.closing(sqlite3.connect(folder / "cache.db")) as con, con:
            for statement, *values in statements:
                con.execute(statement, values)

    return execute


def test_what_is_stored_is_found_again(open_store, said):
    open_store().set("key", "text")
    assert (open_store().get("key"), open_store().get("other"), said) == ("text", None, [])


def test_a_text_of_any_size_is_one_row_and_no_file(open_store, folder):
    store = open_store()
    store.set("key", "x" * 1_000_000)
    assert store.get("key") == "x" * 1_000_000
    assert not list(folder.rglob("*.val"))


@posix
def test_t12_only_the_owner_may_read_it(open_store, folder):
    open_store().set("key", "text")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@posix
def test_t12_a_folder_that_anybody_may_write_to_is_refused(folder, open_store):
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(SettingsError, match="chmod 700") as caught:
        open_store()
    assert caught.value.key == "cache"


@posix
def test_t12_a_database_that_anybody_may_write_to_is_set_aside(sql, folder, open_store, said):
    (folder / "cache.db").chmod(0o666)
    assert open_store().get("key") is None
    assert "anybody may write to it" in said[0]


def test_a_folder_that_would_be_taken_for_another_is_refused(tmp_path, monkeypatch, said):
    monkeypatch.setenv("ELSEWHERE", str(tmp_path))
    with pytest.raises(SettingsError, match="holds a variable"):
        DiskStore(tmp_path / "$ELSEWHERE", said.append)


# Planted rows (t01)


class Planted:
    """Unpickling it leaves a trace."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text("secret")
    return path


def test_t01_a_pickled_value_is_not_run(sql, open_store, tmp_path, said):
    trace = tmp_path / "trace"
    sql(("UPDATE Cache SET mode = 4, value = ?", pickle.dumps(Planted(trace))))
    assert open_store().get("key") is None
    assert not trace.exists()
    assert "it is stored as a pickle" in said[0]


def test_t01_a_pickled_key_is_not_run_when_keys_are_listed(sql, folder, tmp_path):
    from pytest_llmcost.calls.cache.database import open_cache
    from pytest_llmcost.calls.cache.rows import RefusedRow

    trace = tmp_path / "trace"
    sql(("UPDATE Cache SET raw = 0, key = ?", pickle.dumps(Planted(trace))))
    with contextlib.closing(open_cache(folder)) as cache, pytest.raises(RefusedRow):
        list(cache)
    assert not trace.exists()


@pytest.mark.parametrize("mode", [1, 2, 3, 4])
def test_t01_a_file_that_a_row_names_is_neither_read_nor_deleted(sql, open_store, secret, said, mode):
    sql(("UPDATE Cache SET mode = ?, filename = '../secret.txt', value = NULL", mode))
    store = open_store()
    assert store.get("key") is None
    store.set("key", "new")
    assert (store.get("key"), secret.read_text()) == ("new", "secret")
    assert said == [said[0]]
    assert "it names a file, '../secret.txt'" in said[0]


def test_t01_a_name_of_diskcaches_own_pattern_is_refused_too(sql, open_store, folder, said):
    (folder / "ab" / "cd").mkdir(parents=True)
    (folder / "ab" / "cd" / f"{'0' * 28}.val").write_text("planted")
    sql((f"UPDATE Cache SET mode = 3, filename = 'ab/cd/{'0' * 28}.val', value = NULL",))
    assert open_store().get("key") is None
    assert "it names a file" in said[0]


@pytest.mark.parametrize("value", [b"bytes", 7, 1.5, None])
def test_t01_a_value_that_is_no_text_is_refused(sql, open_store, said, value):
    sql(("UPDATE Cache SET value = ?", value))
    assert open_store().get("key") is None
    assert "not text" in said[0]


def test_t01_refused_rows_are_said_once(sql, open_store, said):
    store = open_store()
    store.set("other", "text")
    sql(("UPDATE Cache SET mode = 4",))
    assert (store.get("key"), store.get("other")) == (None, None)
    assert len(said) == 1


# What would act at the opening (t01)


PLANTED = {
    "a trigger": ["CREATE TRIGGER planted AFTER UPDATE ON Settings BEGIN DELETE FROM Cache; END"],
    "a trigger under a known name": [
        "DROP TRIGGER Settings_count_insert",
        "CREATE TRIGGER Settings_count_insert AFTER UPDATE ON Settings BEGIN DELETE FROM Cache; END",
    ],
    "a table": ["CREATE TABLE planted (x)"],
    "no settings": ["DROP TABLE Settings"],
    "a view": ["CREATE VIEW planted AS SELECT * FROM Cache"],
    "a view for a table": ["DROP TABLE Settings", "CREATE VIEW Settings AS SELECT 'key' AS key, 1 AS value"],
    "no unique keys": ["DROP INDEX Cache_key_raw"],
    "a pragma in a setting": ["UPDATE Settings SET value = 'wal; ATTACH \"x\" AS x' WHERE key = 'sqlite_journal_mode'"],
    "an unknown pragma": ["INSERT INTO Settings VALUES ('sqlite_writable_schema', 1)"],
    "a method's name for a setting": ["INSERT INTO Settings VALUES ('get', 1)"],
    "an eviction": ["UPDATE Settings SET value = 'least-recently-used' WHERE key = 'eviction_policy'"],
    "a counter that is no number": ["UPDATE Settings SET value = x'00' WHERE key = 'count'"],
    "a setting that is no text": ["UPDATE Settings SET value = CAST(x'ff' AS TEXT) WHERE key = 'eviction_policy'"],
    "too many settings": [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999) "
        "INSERT INTO Settings SELECT 'x' || i, i FROM n"
    ],
}


@pytest.mark.parametrize("statements", PLANTED.values(), ids=PLANTED)
def test_t01_a_database_with_something_planted_is_set_aside_untouched(sql, folder, open_store, said, statements):
    sql(*([statement] for statement in statements))
    before = (folder / "cache.db").read_bytes()
    store = open_store()
    assert store.get("key") is None
    store.set("key", "new")
    assert open_store().get("key") == "new"
    assert (folder / "cache.db.aside-1").read_bytes() == before
    assert len(said) == 1
    assert "set aside as cache.db.aside-1" in said[0]


@posix
@pytest.mark.parametrize("name", ["cache.db", "cache.db-wal", "cache.db-journal"])
def test_t03_a_link_out_of_the_folder_is_set_aside(folder, open_store, secret, said, name):
    folder.mkdir()
    (folder / name).symlink_to(secret)
    store = open_store()
    store.set("key", "text")
    assert (store.get("key"), secret.read_text()) == ("text", "secret")
    assert f"{name} is no regular file" in said[0]


def test_t01_a_journal_that_would_be_rolled_back_is_set_aside(sql, folder, open_store, said):
    (folder / "cache.db-journal").write_bytes(b"planted")
    assert open_store().get("key") is None
    assert (folder / "cache.db.aside-1-journal").read_bytes() == b"planted"


# Broken files (f03)


def spoil(path, start, count):
    content = bytearray(path.read_bytes())
    content[start : start + count] = b"\xff" * count
    path.write_bytes(content)


BROKEN = {
    "overwritten header": lambda path: spoil(path, 0, 100),
    "overwritten schema": lambda path: spoil(path, 100, 1000),
    "cut in the middle": lambda path: os.truncate(path, path.stat().st_size // 2),
    "cut to nothing": lambda path: os.truncate(path, 0),
    "no database at all": lambda path: path.write_text("hello" * 1000),
}


@pytest.mark.parametrize("spoil_file", BROKEN.values(), ids=BROKEN)
def test_f03_a_broken_database_is_set_aside_and_the_run_goes_on(folder, said, spoil_file):
    with contextlib.closing(DiskStore(folder, said.append)) as store:
        store.set("key", "text")
    spoil_file(folder / "cache.db")
    with contextlib.closing(DiskStore(folder, said.append)) as store:
        store.set("key", "new")
        assert store.get("key") == "new"
    assert (folder / "cache.db.aside-1").exists()
    assert len(said) == 1


def test_f03_a_second_broken_database_gets_the_next_name(folder, said):
    folder.mkdir()
    for _ in range(2):
        (folder / "cache.db").write_text("hello" * 1000)
        DiskStore(folder, said.append).close()
    assert (folder / "cache.db.aside-2").exists()


def fill_and_close(store, folder):
    """Store 200 rows and see that they are in the database itself, not in the file that is written ahead."""
    for n in range(200):
        store.set(f"key {n}", "x" * 500)
    store.close()
    with contextlib.closing(sqlite3.connect(folder / "cache.db")) as con:
        con.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def spoil_rows(folder):
    """Leave the schema and the settings alone, so that opening it finds nothing."""
    path = folder / "cache.db"
    spoil(path, 4096 * 12, path.stat().st_size - 4096 * 12)


def test_f03_a_database_found_broken_by_reading_is_replaced_in_the_middle_of_a_run(folder, open_store, said):
    store = open_store()
    fill_and_close(store, folder)
    spoil_rows(folder)
    found = [store.get(f"key {n}") for n in range(200)]
    store.set("key", "new")
    assert None in found
    assert (store.get("key"), open_store().get("key")) == ("new", "new")
    assert len(said) == 1
    assert "set aside as cache.db.aside-1: it is corrupt" in said[0]


def test_f03_an_answer_that_meets_a_broken_database_is_stored_in_the_next(folder, open_store, said):
    store = open_store()
    fill_and_close(store, folder)
    spoil_rows(folder)
    store.set("key 100", "new")
    assert open_store().get("key 100") == "new"
    assert (folder / "cache.db.aside-1").exists()


def test_f03_a_database_that_another_process_replaced_is_not_set_aside_again(folder, open_store, said):
    first, second = open_store(), open_store()
    assert second.get("key 0") is None
    fill_and_close(first, folder)
    spoil_rows(folder)
    for store in (first, second):
        assert None in [store.get(f"key {n}") for n in range(200)]
    first.set("key", "new")
    assert second.get("key") == "new"
    assert len(said) == 1
    assert not (folder / "cache.db.aside-2").exists()


# Disks that fail (f01, f02)


def test_f02_a_path_that_is_a_file_is_said_and_nothing_is_cached(tmp_path, said):
    (tmp_path / "cache").write_text("a file")
    store = DiskStore(tmp_path / "cache", said.append)
    store.set("key", "text")
    assert store.get("key") is None
    assert len(said) == 1
    assert "Nothing is cached in this run." in said[0]


READ_ONLY = """
import os, sys, tempfile
from pathlib import Path
from pytest_llmcost.calls.cache.disk import DiskStore
if os.geteuid() == 0:  # root may write anywhere, so somebody else has to look
    with tempfile.TemporaryDirectory() as folder:  # who perhaps may not import anything any more
        for _ in range(2):
            DiskStore(Path(folder), print).close()
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
store = DiskStore(Path(sys.argv[1]), print)
store.set("key", "changed")
print(store.get("key"), store.get("other"))
store.close()
"""


@posix
@pytest.mark.parametrize("is_in_use", [False, True])
def test_f02_a_read_only_folder_is_read(said, is_in_use):
    with tempfile.TemporaryDirectory() as parent, contextlib.ExitStack() as other_users:
        folder = Path(parent) / "cache"
        if not all(path.stat().st_mode & stat.S_IXOTH for path in Path(parent).parents):
            pytest.skip("only the owner may enter the folder for temporary files")
        with contextlib.closing(DiskStore(folder, said.append)) as store:
            store.set("key", "text")
        if is_in_use:
            other_users.enter_context(contextlib.closing(DiskStore(folder, said.append))).get("key")
        other_users.callback(folder.chmod, 0o700)
        for path in (Path(parent), folder, *folder.iterdir()):
            path.chmod(0o555)
        *messages, found = run_python(READ_ONLY, folder).splitlines()
        Path(parent).chmod(0o700)
    assert found == "text None"
    assert "It is only read in this run." in messages


FULL = """
import resource, signal, sys
from pathlib import Path
from pytest_llmcost.calls.cache.disk import DiskStore
store = DiskStore(Path(sys.argv[1]), print)
store.set("before", "text")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
for n in range(3):
    store.set(f"key {n}", "x" * 1_000_000)
print(store.get("before"), store.get("key 0"))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.set("after", "text")
print(store.get("after"))
store.close()
"""


@posix
def test_f01_a_full_disk_is_said_once_read_on_and_written_again_when_there_is_room(folder):
    *messages, full, after = run_python(FULL, folder).splitlines()
    assert (full, after) == ("text None", "text")
    assert len(messages) == 2
    assert "cannot be written" in messages[0]


def test_f01_a_database_that_stays_locked_is_only_read(sql, folder, open_store, said, monkeypatch):
    monkeypatch.setattr("pytest_llmcost.calls.cache.database._BUSY_SECONDS", 0.01)
    store = open_store()
    with contextlib.closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as con:
        con.execute("BEGIN IMMEDIATE")
        for text in ("new", "newer"):
            store.set("key", text)
    store.set("key", "newest")
    assert store.get("key") == "text"
    assert len(said) == 1
    assert "It is only read from now on." in said[0]


# Several processes, and dead ones (f12, e15)


OPEN_AND_SET = """
import sys
from pathlib import Path
from pytest_llmcost.calls.cache.disk import DiskStore
sys.stdin.readline()
store = DiskStore(Path(sys.argv[1]), print)
store.set(sys.argv[2], "text")
store.close()
"""


def test_f12_first_opens_at_once_all_work(folder, open_store):
    openers = [start_python(OPEN_AND_SET, folder, n, stdin=-1) for n in range(6)]
    for opener in openers:
        opener.stdin.write("go\n")
        opener.stdin.flush()
    assert [opener.communicate(timeout=60) for opener in openers] == [("", "")] * 6
    assert [open_store().get(str(n)) for n in range(6)] == ["text"] * 6


SET_FOR_EVER = """
import itertools, sys
from pathlib import Path
from pytest_llmcost.calls.cache.disk import DiskStore
store = DiskStore(Path(sys.argv[1]), print)
for n in itertools.count():
    store.set(f"key {n}", f"{n} " * 300)
    print(n, flush=True)
"""


def test_e15_what_a_killed_process_stored_is_read_by_the_next(folder, open_store, said):
    writer = start_python(SET_FOR_EVER, folder)
    stored = [int(writer.stdout.readline()) for _ in range(50)]
    writer.kill()
    rest, _ = writer.communicate()
    stored += [int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    store = open_store()
    assert [store.get(f"key {n}") for n in stored] == [f"{n} " * 300 for n in stored]
    assert said == []
