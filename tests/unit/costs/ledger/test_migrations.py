"""An older ledger is brought forward once, whole or not at all, and keeps what it holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from pytest_llmcost.costs.ledger.database import Database
from pytest_llmcost.costs.ledger.migrations import is_current, migrate, version_of
from pytest_llmcost.costs.ledger.records import CallRecord


def add_notes(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE api_calls ADD COLUMN notes TEXT"))


def fail(_connection: Connection) -> None:
    raise RuntimeError("in the middle")


def test_a_ledger_is_brought_forward_with_what_it_holds(tmp_path: Path) -> None:
    database = Database(tmp_path / "l")
    database.add([CallRecord(model="m").entry()])
    with pytest.raises(RuntimeError), database.writing() as connection:
        migrate(connection, [add_notes, fail])
    with database.writing() as connection:
        assert version_of(connection) == 1
        assert not is_current(connection, [add_notes])
        migrate(connection, [add_notes])
        migrate(connection, [add_notes])  # as a process that waited for the other
    with database.reading() as connection:
        assert version_of(connection) == 2
        assert connection.execute(text("SELECT model, notes FROM api_calls")).all() == [("m", None)]
