"""`llmcost cache`: what is kept, thinned, cleared, verified and exported."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fakes.complete import completion
from fakes.redis_server import needs_redis, running_redis
from fakes.runs import Did, run_of, stored

from pytest_llmcost.calls.cache.codec import decode, encode, write_note
from pytest_llmcost.calls.cache.disk import DiskStore
from pytest_llmcost.calls.cache.recorded import FILE, RecordedStore, write_recording
from pytest_llmcost.calls.cache.shared import PREFIX
from pytest_llmcost.calls.redis_client import plain_client
from pytest_llmcost.cli import main
from pytest_llmcost.domain.trial import Run

DAY = 86_400
KEYS = {name: letter * 64 for name, letter in (("old", "a"), ("new", "b"), ("note", "c"))}
NOTE = f"about:{KEYS['note']}"
OLD = completion("old", created=time.time() - 100 * DAY)
NEW = completion("new", created=time.time())


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with an old answer, its note, and a new answer in its cache; commands are typed in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "llmcost.toml").write_text("")
    fill(tmp_path, {KEYS["old"]: encode(OLD), KEYS["new"]: encode(NEW)})
    fill(tmp_path, {NOTE: write_note({"model": "1f", "request": KEYS["old"]})})
    return tmp_path


def fill(root: Path, rows: dict[str, str]) -> None:
    store = DiskStore(root / ".llmcost/cache", pytest.fail)
    for key, text in rows.items():
        store.set(key, text)
    store.close()


def kept(root: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(root / ".llmcost/cache/cache.db")) as con:
        return {key for (key,) in con.execute("SELECT key FROM Cache")}


def typed(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    capsys.readouterr()
    assert main(["cache", *arguments]) == status
    said = capsys.readouterr()
    return said.out if status < 2 else said.err


def typed_json(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    return json.loads(typed(capsys, *arguments, "--json", status=status))


def test_stats_tell_what_each_cache_holds(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "llmcost.toml").write_text('recordings = "fixtures"')
    write_recording(root / "fixtures", [(KEYS["new"], encode(replace(NEW, model="\x1b[31mred")))])
    shown = typed(capsys, "stats")
    assert "recordings" in shown
    assert "local cache" in shown
    assert "2 answers" in shown
    assert "\x1b" not in shown
    recorded, local = typed_json(capsys, "stats")
    assert (recorded["kind"], recorded["answers"]) == ("recordings", 1)
    assert (local["answers"], local["unreadable"], local["models"]) == (2, 0, {"stub/small": 2})
    assert local["oldest"] < local["newest"]
    assert local["bytes"] > 0


def test_stats_of_a_run_tell_hits_misses_and_usd_saved_by_suite_and_test(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = run_of(range(4), cheap=Did())
    hit, *asked = run.trials
    (call,) = hit.calls
    hit = replace(hit, calls=(replace(call, cached=True, origin="recordings", paid_usd=Decimal(0)),))
    path = stored(tmp_path / "run.jsonl", Run(run.header, (hit, *asked)))
    assert typed(capsys, "stats", "--run", path).splitlines() == [
        "the run: 4 calls, 1 hits (25%), 3 misses, $0.0010 saved",
        "  bench_mail.yaml::cheap: 4 calls, 1 hits (25%), 3 misses, $0.0010 saved",
    ]
    told = typed_json(capsys, "stats", "--run", path)
    assert told["run"] == {"calls": 4, "hits": 1, "misses": 3, "saved_usd": 0.001}
    assert [test["hits"] for test in told["tests"]] == [1, 0, 0, 0]


def test_prune_deletes_what_is_too_old_with_its_note(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "2 entries deleted" in typed(capsys, "prune", "--older-than", "30")
    assert kept(root) == {KEYS["new"]}
    (root / "llmcost.toml").write_text("cache_ttl_days = 30")
    assert "0 entries deleted" in typed(capsys, "prune")


def test_prune_without_a_bound_deletes_nothing_and_says_what_to_give(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--older-than=DAYS" in typed(capsys, "prune", status=2)
    assert len(kept(root)) == 3


def test_prune_and_clear_refuse_while_a_run_uses_the_cache(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    running = DiskStore(root / ".llmcost/cache", pytest.fail)
    for arguments in (["prune", "--older-than", "1"], ["prune", "--max-mb", "0.0001"], ["clear", "--yes"]):
        assert "a run uses the cache" in typed(capsys, *arguments, status=2)
    running.close()
    assert len(kept(root)) == 3


def test_clear_wants_to_be_sure(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Delete 2 answers of" in typed(capsys, "clear", status=2)  # nobody is there to be asked
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: "n")
    assert "nothing deleted" in typed(capsys, "clear", status=1)
    assert len(kept(root)) == 3
    assert "2 answers deleted" in typed(capsys, "clear", "--yes")
    assert kept(root) == set()
    assert "empty" in typed(capsys, "clear")


def test_verify_names_what_no_run_can_read_and_sets_it_aside_when_told(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "3 rows, all can be read" in typed(capsys, "verify")
    fill(root, {KEYS["new"]: '{"v":1,"text":"\x1b[31m'})
    assert f"{KEYS['new']}: JSONDecodeError" in typed(capsys, "verify", status=1)
    (report,) = typed_json(capsys, "verify", status=1)
    assert [fault["key"] for fault in report["faults"]] == [KEYS["new"]]
    assert "set aside: " in typed(capsys, "verify", "--set-aside")
    assert "2 rows, all can be read" in typed(capsys, "verify")
    assert (root / ".llmcost/cache/refused-1.jsonl").exists()


def test_verify_names_the_line_of_a_recording_and_leaves_it(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "llmcost.toml").write_text('recordings = "fixtures"')
    (root / "fixtures").mkdir()
    (root / "fixtures" / FILE).write_text(">>>>>>> theirs\n")
    assert f"{FILE}:1: a merge conflict is left here" in typed(capsys, "verify", "--set-aside", status=1)
    assert (root / "fixtures" / FILE).read_text() == ">>>>>>> theirs\n"


def test_an_export_holds_all_that_is_kept_and_is_stable(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "2 answers in fixtures/answers.jsonl, 2 of them new or changed" in typed(
        capsys, "export", "--to", "fixtures"
    )
    first = (root / "fixtures" / FILE).read_bytes()
    assert "0 of them new" in typed(capsys, "export", "--to", "fixtures")
    assert (root / "fixtures" / FILE).read_bytes() == first
    store = RecordedStore(root / "fixtures", pytest.fail)
    assert decode(store.get(KEYS["old"]) or "").text == "old"
    assert store.get(NOTE) is not None


def test_an_export_of_a_run_holds_what_it_used_and_what_was_there(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_recording(root / "fixtures", [("d" * 64, encode(completion("earlier")))])
    run = run_of(range(2), cheap=Did())
    first, second = run.trials
    (call,) = first.calls
    first = replace(first, calls=(replace(call, key=KEYS["old"]),))
    path = stored(root / "run.jsonl", Run(run.header, (first, second)))
    shown = typed(capsys, "export", "--to", "fixtures", "--run", path)
    assert "2 answers in fixtures/answers.jsonl, 1 of them new or changed" in shown
    assert "1 answers of the run are in no cache" in shown
    keys = [json.loads(line)["key"] for line in (root / "fixtures" / FILE).read_text().splitlines()]
    assert keys == [KEYS["old"], NOTE, "d" * 64]


def test_an_export_leaves_other_recordings_and_mends_a_merge_conflict(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "llmcost.toml").write_text('recordings = "fixtures"')
    write_recording(root / "fixtures", [("e" * 64, encode(completion("theirs")))])
    (root / "fixtures" / FILE).rename(root / "fixtures/other.jsonl")
    (root / "fixtures" / FILE).write_text("<<<<<<< HEAD\n=======\n>>>>>>> theirs\n")
    assert "2 answers in" in typed(capsys, "export", "--to", "fixtures")
    assert '"theirs"' in (root / "fixtures/other.jsonl").read_text()
    assert "theirs" not in (root / "fixtures" / FILE).read_text()
    assert "all can be read" in typed(capsys, "verify")


def test_of_two_answers_to_one_request_the_newer_is_exported(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    later = encode(replace(OLD, text="asked anew elsewhere", created=OLD.created + 1))
    write_recording(
        root / "fixtures", [(KEYS["old"], later), (KEYS["new"], encode(replace(NEW, text="was", created=1.0)))]
    )
    typed(capsys, "export", "--to", "fixtures")
    store = RecordedStore(root / "fixtures", pytest.fail)
    assert [decode(store.get(KEYS[name]) or "").text for name in ("old", "new")] == ["asked anew elsewhere", "new"]


def test_t05_an_export_holds_no_key_and_nothing_that_is_to_be_redacted(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-canary-4711")
    (root / "llmcost.toml").write_text(r"redact = ['\b\d{16}\b']")
    fill(root, {KEYS["new"]: encode(replace(NEW, text="sk-canary-4711 pays with 4111111111111111."))})
    assert "1 of them are redacted" in typed(capsys, "export", "--to", "fixtures")
    content = (root / "fixtures" / FILE).read_text()
    assert "canary" not in content
    assert "4111" not in content
    answer = decode(RecordedStore(root / "fixtures", pytest.fail).get(KEYS["new"]) or "")
    assert (answer.text, answer.flags) == ("[redacted] pays with [redacted].", ("redacted",))


@needs_redis
def test_the_shared_cache_is_only_deleted_from_when_it_is_named(
    root: Path, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running_redis(tmp_path_factory.mktemp("redis")) as redis:
        with_password = redis.url.replace("127", "user:hidden-pw@127")
        (root / "llmcost.toml").write_text(f'cache = [".llmcost/cache", "{redis.url}"]')
        with contextlib.closing(plain_client(redis.url, "cache", timeout_seconds=5)) as client:
            client.set(PREFIX + KEYS["old"], encode(OLD))
            client.set("theirs", "x")
            assert "maxmemory 0B, noeviction" in typed(capsys, "stats")
            assert "3 entries deleted" not in typed(capsys, "prune", "--older-than", "30")
            assert client.dbsize() == 2
            assert "1 entries deleted" in typed(capsys, "prune", "--older-than", "30", "--shared", "--yes")
            assert client.keys() == [b"theirs"]
        redis.stop()
        (root / "llmcost.toml").write_text(f'cache = [".llmcost/cache", "{with_password}"]')
        shown = typed(capsys, "stats", status=1)
        assert f"the shared cache redis 127.0.0.1:{redis.port} cannot be used" in shown
        assert "hidden-pw" not in shown
    (root / "llmcost.toml").write_text("")
    assert "this project has no shared cache" in typed(capsys, "clear", "--shared", "--yes", status=2)
