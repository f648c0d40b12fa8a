"""What is given to a ledger is in it once, whatever happens on the way: on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fakes.postgres import PostgresServer, needs_postgres, running_postgres

from pytest_llmcost.costs.ledger.database import Database
from pytest_llmcost.costs.ledger.faults import LedgerError
from pytest_llmcost.costs.ledger.judged import judged
from pytest_llmcost.costs.ledger.ledger import Ledger
from pytest_llmcost.costs.ledger.queries import Period, sums
from pytest_llmcost.costs.ledger.records import outcome_entry
from pytest_llmcost.domain.errors import InvalidUsage

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
ALL = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
PRICES = {"m": {"input": 30.0, "output": 60.0}}


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs_postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each database in turn, empty."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.sqlite")
    server: PostgresServer = request.getfixturevalue("postgres")
    server.empty()
    return server.url


def opened(url: str, tmp_path: Path, **changes: Any) -> Ledger:
    return Ledger(url, **({"prices": PRICES, "spool": tmp_path / "spool", "warn": pytest.fail} | changes))


def everything(ledger: Ledger) -> list[dict[str, Any]]:
    with ledger.reading() as connection:
        found = connection.exec_driver_sql("SELECT * FROM api_calls ORDER BY id").mappings().all()
    return [dict(row) for row in found]


def test_a_call_and_its_outcome_can_be_read_back_and_summed(url: str, tmp_path: Path) -> None:
    with opened(url, tmp_path, user_key="k") as ledger:
        names = {"task": "spam", "experiment": "e", "variant": "treatment", "tags": ["b", "a"]}
        call = ledger.record(
            "m", prompt_tokens=500, completion_tokens=200, cached_tokens=100, user="bob", timestamp=NOON, **names
        )
        ledger.record("m", status="time-out", timestamp=NOON, task="spam")
        ledger.record("unheard-of", prompt_tokens=1, completion_tokens=1, cost_usd=0.5, timestamp=NOON, step=1)
        ledger.outcome(call, True)
        ledger.outcome(call, False)
        ledger.outcome(call, True, source="judge")
        with ledger.reading() as connection:
            spam, other = sums(connection, ALL, ["task"])[::-1]
            users = judged(connection, "e", source="user")
            assert [one.good for one in judged(connection, "e")] == [1]  # the judge's word came last
            assert sums(connection, ALL, ["task"], {"model": "unheard-of"}) == [other]
    assert (spam.keys, spam.calls, spam.errors, spam.unpriced, spam.untold) == (("spam",), 2, 1, 1, 1)
    assert spam.usd == pytest.approx(0.027)  # 500 + 200 tokens at 0.03/0.06 a thousand
    assert (spam.prompt_tokens, spam.cached_tokens, spam.completion_tokens) == (500, 100, 200)
    assert (other.calls, other.escalated, other.usd) == (1, 1, 0.5)
    assert [(one.variant, one.calls, one.good) for one in users] == [("treatment", 1, 0)]


@pytest.mark.parametrize("field", ["prompt_tokens", "completion_tokens", "cached_tokens", "cost_usd", "seconds"])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), True, "5"])
def test_impossible_numbers_are_refused_by_name(tmp_path: Path, field: str, value: Any) -> None:
    with opened(str(tmp_path / "l"), tmp_path) as ledger, pytest.raises(InvalidUsage, match=r"is .*needed|kens"):
        ledger.record("m", **({"prompt_tokens": 5, "completion_tokens": 5} | {field: value}))


EVIL = "'; DROP TABLE api_calls; --"


def test_names_are_data_bounded_and_such_as_every_database_takes(url: str, tmp_path: Path) -> None:
    with opened(url, tmp_path) as ledger:
        ledger.record(EVIL, task="a\0b\ud800" + "x" * 500, tags=[EVIL] * 50, timestamp=NOON)
        (row,) = everything(ledger)
        with ledger.reading() as connection:
            assert sums(connection, ALL, ["model"], {"model": EVIL})[0].keys == (EVIL,)
            with pytest.raises(ValueError, match="calls have no"):
                sums(connection, ALL, [EVIL])
            with pytest.raises(ValueError, match="calls have no"):
                sums(connection, ALL, [], {EVIL: "x"})
    assert row["model"] == EVIL
    assert row["task"].startswith("ab?x")
    assert len(row["task"]) <= 200


def test_without_a_secret_no_user_is_stored_and_with_it_only_a_hash(tmp_path: Path) -> None:
    said: list[str] = []
    for key in ("", "one", "two"):
        with opened(str(tmp_path / "l"), tmp_path, user_key=key, warn=said.append) as ledger:
            ledger.record("m", user="bob")
            ledger.record("m", user="bob")
            hashes = [row["user_hash"] for row in everything(ledger)]
    assert hashes[:2] == ["", ""]
    assert len(set(hashes[2:])) == 2
    assert len(said) == 1
    assert b"bob" not in (tmp_path / "l").read_bytes()


@needs_postgres
def test_while_the_database_is_away_records_wait_and_are_then_counted_once(tmp_path: Path) -> None:
    said: list[str] = []
    with running_postgres() as server:
        with opened(server.url, tmp_path, warn=said.append) as ledger:
            ledger.record("m", timestamp=NOON)
            ledger.flush()
            server.stop()
            ledger.record("m", timestamp=NOON)
            ledger.flush()
            ledger.record("m", timestamp=NOON)
        with opened(server.url, tmp_path, warn=said.append) as ledger:  # away at its start
            ledger.outcome("some call", True)
            ledger.flush()
            (waiting,) = [path for path in (tmp_path / "spool").iterdir() if "some call" in path.read_text()]
            twice = waiting.read_text()
            server.start()
            assert len(everything(ledger)) == 3
            (tmp_path / "spool" / waiting.name).write_text(twice)  # as after a crash between storing and deleting
            assert ledger.replay() == 0
            assert len(everything(ledger)) == 3
            with ledger.reading() as connection:
                assert connection.exec_driver_sql("SELECT count(*) FROM outcomes").scalar() == 1
    assert not list((tmp_path / "spool").iterdir())
    assert all("wait in" in text for text in said)
    assert said


def test_the_same_call_brought_twice_counts_once_beside_new_ones(url: str, tmp_path: Path) -> None:
    with opened(url, tmp_path) as ledger:
        ledger.record("m", call_id="one", prompt_tokens=1)
        ledger.flush()
        ledger.record("m", call_id="one", prompt_tokens=2)
        ledger.record("m", call_id="two", prompt_tokens=3)
        assert [row["prompt_tokens"] for row in everything(ledger)] == [1, 3]


def test_an_older_word_that_comes_later_changes_nothing(url: str) -> None:
    database = Database(url)
    for ok, at in ((False, NOON), (True, NOON - 1)):
        database.add([outcome_entry("call", ok, "user", at)])
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT ok FROM outcomes").scalars().all() == [0]


def test_two_writers_and_two_first_opens_at_once_lose_nothing(url: str, tmp_path: Path) -> None:
    def write(number: int) -> None:
        with opened(url, tmp_path, flush_seconds=0.01) as ledger:
            for call in range(300):
                ledger.record("m", call_id=f"{number}-{call}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with opened(url, tmp_path) as ledger:
        assert len(everything(ledger)) == 1200


def test_a_ledger_of_a_newer_version_is_refused_by_name_and_left_alone(url: str, tmp_path: Path) -> None:
    opened(url, tmp_path).close()
    with Database(url).writing() as connection:
        connection.exec_driver_sql("UPDATE ledger_version SET version = 99")
    with pytest.raises(LedgerError, match="version 99, and this release"):
        opened(url, tmp_path)


def test_two_questions_of_one_reading_see_the_same_calls(url: str, tmp_path: Path) -> None:
    with opened(url, tmp_path) as ledger, opened(url, tmp_path) as other, ledger.reading() as connection:
        assert sums(connection, ALL) == []
        other.record("m", timestamp=NOON)
        other.flush()
        assert sums(connection, ALL) == []
        assert len(everything(other)) == 1


def test_order_of_arrival_is_kept_where_the_clock_is_set_back(url: str, tmp_path: Path) -> None:
    with opened(url, tmp_path) as ledger:
        for number, at in enumerate((NOON, NOON - 3600, NOON + 1)):
            ledger.record("m", call_id=str(number), timestamp=at)
        assert [row["call_id"] for row in everything(ledger)] == ["0", "1", "2"]


def test_pruning_takes_old_calls_with_their_outcomes(url: str, tmp_path: Path) -> None:
    with opened(url, tmp_path) as ledger:
        for call, at in (("old", NOON - 1), ("new", NOON)):
            ledger.outcome(ledger.record("m", call_id=call, timestamp=at), True)
        ledger.flush()
        assert ledger.prune(datetime.fromtimestamp(NOON, UTC)) == 1
        assert [row["call_id"] for row in everything(ledger)] == ["new"]
        with ledger.reading() as connection:
            assert connection.exec_driver_sql("SELECT call_id FROM outcomes").scalars().all() == ["new"]
        with pytest.raises(ValueError, match="time zone"):
            ledger.prune(datetime(2026, 1, 1))


def test_where_nothing_can_be_written_the_application_goes_on_and_what_is_lost_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said: list[str] = []
    (tmp_path / "file").write_text("no folder")
    with opened(str(tmp_path / "file" / "l.sqlite"), tmp_path / "file", warn=said.append) as ledger:
        ledger.record("m")
        ledger.record("m")
        ledger.flush()
    assert any("cannot be kept" in text for text in said)
    assert "2 records of the ledger were lost" in caplog.text


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    said: list[str] = []
    file = tmp_path / "notes.txt"
    file.write_text("not a database, but somebody's notes\n" * 50)
    before = file.read_bytes()
    with opened(str(file), tmp_path, warn=said.append) as ledger:
        ledger.record("m")
    assert file.read_bytes() == before
    assert "file is not a database" in said[0]
    assert list((tmp_path / "spool").iterdir())


def test_a_damaged_batch_is_set_aside_and_the_others_are_stored(tmp_path: Path) -> None:
    said: list[str] = []
    folder = tmp_path / "spool"
    folder.mkdir()
    (folder / "0.v1.jsonl").write_text('["api_calls", {"model": "torn')
    (folder / "1.v1.jsonl").write_text('["sqlite_master", {}]')
    (folder / "2.v2.jsonl").write_text("of a newer version")
    with opened(str(tmp_path / "l"), tmp_path, warn=said.append) as ledger:
        ledger.record("m")
        assert len(everything(ledger)) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["0.v1.damaged", "1.v1.damaged", "2.v2.jsonl"]
    assert len(said) == 2


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    with opened(str(tmp_path / "l"), tmp_path) as ledger:
        ledger.record("m")
        ledger.flush()
        assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("l*")} == {0o600}


@pytest.mark.parametrize(
    ("url", "said"), [("sqlite://", "names no file"), ("nobase://x/y", "no driver"), ("://", "cannot be read")]
)
def test_a_wrong_url_is_refused(url: str, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        Ledger(url)


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    said: list[str] = []
    opened("postgresql://bob:hunter2@127.0.0.1:1/db", tmp_path, warn=said.append).close()
    assert "127.0.0.1" in said[0]
    assert "hunter2" not in said[0]


KILLED = """
    import os, sys, time
    from pytest_llmcost import Ledger
    ledger = Ledger(sys.argv[1])
    for number in range(1000):
        ledger.record("m", call_id=str(number))
        if number == 499:
            time.sleep(1.5)  # more than the second that is at risk
    print("ready", flush=True)
    os.kill(os.getpid(), 9)
"""


def test_kill_9_takes_only_what_was_not_a_second_old(tmp_path: Path) -> None:
    file = tmp_path / "l.sqlite"
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), str(file)], capture_output=True)
    assert done.returncode == -signal.SIGKILL
    with sqlite3.connect(file) as connection:
        stored = {int(call) for (call,) in connection.execute("SELECT call_id FROM api_calls")}
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert stored >= set(range(500))


FORKED = """
    import os, sys, time
    from pytest_llmcost import Ledger
    with Ledger(sys.argv[1], flush_seconds=0.05) as ledger:
        ledger.record("m", call_id="parent")
        child = os.fork()
        if not child:
            ledger.record("m", call_id="child")
            ledger.flush()
            ledger.record("m", call_id="child later")
            until = time.monotonic() + 20
            while ledger._writer._held and time.monotonic() < until:
                time.sleep(0.01)  # its own thread writes it
            with ledger._writer._writing:
                os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        with ledger.reading() as connection:
            print(connection.exec_driver_sql("SELECT call_id FROM api_calls ORDER BY call_id").scalars().all())
"""


def test_a_forked_worker_writes_its_own_records_and_its_parent_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(FORKED), str(tmp_path / "l.sqlite")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout == "['child', 'child later', 'parent']\n", done.stderr
