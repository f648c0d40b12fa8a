"""A cache's database looked through and thinned."""

from __future__ import annotations

import contextlib
import json
import pickle
import sqlite3
import stat
import time
from pathlib import Path

import pytest
from fakes.complete import completion

from pytest_llmcost.calls.cache.codec import encode
from pytest_llmcost.calls.cache.disk import DiskStore
from pytest_llmcost.calls.cache.upkeep.disk import DiskCache
from pytest_llmcost.calls.cache.upkeep.kept import CacheError, CacheInUse

KEYS = [f"{n:064x}" for n in range(200)]
TEXT = encode(completion("yes " * 500))


@pytest.fixture
def folder(tmp_path):
    store = DiskStore(tmp_path / "cache", pytest.fail)
    for key in KEYS:
        store.set(key, TEXT)
    store.close()
    return tmp_path / "cache"


def change(folder, sql, *values):
    with contextlib.closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as con:
        con.execute(sql, values)


def keys_in(folder):
    return {one.key for one in DiskCache(folder).kept()}


def used(folder, keys, **options):
    store = DiskStore(folder, pytest.fail, **options)
    assert all(store.get(key) for key in keys)
    store.close()


def test_t01_planted_rows_are_named_and_neither_run_nor_read_nor_deleted(folder):
    victim = folder.parent / "victim"
    victim.write_text("keep")
    planted = pickle.dumps({"run": "me"})
    change(folder, "UPDATE Cache SET mode = 4, value = ? WHERE key = ?", planted, KEYS[0])
    change(folder, "UPDATE Cache SET mode = 2, value = NULL, filename = '../victim' WHERE key = ?", KEYS[1])
    change(folder, "UPDATE Cache SET raw = 0 WHERE key = ?", KEYS[2])
    change(folder, "UPDATE Cache SET value = 'torn' WHERE key = ?", KEYS[3])
    faulty = [one for one in DiskCache(folder).kept() if one.why_unreadable()]
    assert [one.why_unreadable().split("(")[0] for one in faulty] == [
        "it is stored as a pickle",
        "it names a file, '../victim'",
        "its key is pickled or no text",
        "JSONDecodeError: Expecting value: line 1 column 1 ",
    ]
    assert all(one.answer() is None for one in faulty)

    aside = DiskCache(folder).set_aside(faulty)

    rows = [json.loads(line) for line in Path(aside).read_text("ascii").splitlines()]
    assert [row["value"] for row in rows][::3] == [planted.hex(), "torn"]
    assert stat.S_IMODE(Path(aside).stat().st_mode) == 0o600
    assert keys_in(folder) == set(KEYS[4:])
    assert victim.read_text() == "keep"
    used(folder, KEYS[4:])  # and the database is still one of ours


def test_a_folder_is_shrunk_by_what_was_not_used_for_the_longest_time(folder):
    used(folder, KEYS[::2], notes_use=True)
    cache = DiskCache(folder)
    bound = cache.size_bytes * 7 // 10
    deleted = cache.shrink(bound, time.time())
    assert cache.size_bytes <= bound
    assert 0 < deleted <= len(KEYS) // 2
    assert set(KEYS[::2]) <= keys_in(folder)


def test_what_the_run_used_stays_even_where_it_is_too_much(folder):
    started = time.time()
    used(folder, KEYS[:150], notes_use=True)
    assert DiskCache(folder).shrink(1, started) == 50
    assert keys_in(folder) == set(KEYS[:150])


def test_nothing_is_deleted_while_a_process_uses_the_cache(folder):
    running = DiskStore(folder, pytest.fail)
    cache = DiskCache(folder)
    for delete in (lambda: cache.shrink(1, time.time()), lambda: cache.expire(1e12, 1e12), lambda: cache.remove([])):
        with pytest.raises(CacheInUse, match="a run uses the cache"):
            delete()
    running.close()
    assert cache.expire(time.time(), time.time()) == len(KEYS)
    assert keys_in(folder) == set()


def test_only_rows_that_are_too_old_and_were_not_used_expire(folder):
    change(folder, "UPDATE Cache SET store_time = 1000, access_time = 1000 WHERE key < ?", KEYS[100])
    started = time.time()
    used(folder, KEYS[:10], notes_use=True)
    assert DiskCache(folder).expire(2000.0, started) == 90
    assert keys_in(folder) == {*KEYS[:10], *KEYS[100:]}


def test_a_database_that_is_not_ours_is_named_and_left_alone(folder):
    change(folder, "CREATE TRIGGER planted AFTER INSERT ON Cache BEGIN SELECT 1; END")
    with pytest.raises(Exception, match="its tables or triggers are not what this version makes"):
        list(DiskCache(folder).kept())


def test_a_corrupt_database_is_named(folder):
    database = folder / "cache.db"
    content = bytearray(database.read_bytes())
    content[4096 * 3 : 4096 * 60] = b"\xff" * 4096 * 57
    database.write_bytes(content)
    with pytest.raises(CacheError, match=r"cache\.db cannot be used"):
        list(DiskCache(folder).kept())


def test_a_folder_that_is_not_there_is_empty_and_not_made(tmp_path):
    cache = DiskCache(tmp_path / "gone")
    assert list(cache.kept()) == []
    assert (cache.size_bytes, cache.shrink(1, 0.0), cache.expire(1.0, 1.0)) == (0, 0, 0)
    assert not (tmp_path / "gone").exists()


def test_what_was_stored_anew_since_it_was_looked_at_is_not_deleted(folder):
    cache = DiskCache(folder)
    seen = list(cache.kept())
    store = DiskStore(folder, pytest.fail)
    store.set(KEYS[5], TEXT)
    store.close()
    assert cache.remove(seen) == len(KEYS) - 1
    assert keys_in(folder) == {KEYS[5]}


def test_f02_a_folder_that_cannot_be_written_is_said(folder, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(CacheError, match="Permission denied"):
        DiskCache(folder).remove([])
