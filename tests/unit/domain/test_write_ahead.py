"""Write-ahead mode, which SQLite changes to only while nobody else looks."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest

from pytest_llmcost.domain.write_ahead import write_ahead


def opened(path: Path) -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False))


def test_it_waits_while_another_holds_the_file(tmp_path: Path) -> None:
    with opened(tmp_path / "a.sqlite") as holder, opened(tmp_path / "a.sqlite") as con:
        holder.execute("BEGIN EXCLUSIVE")
        letting_go = threading.Timer(0.1, holder.rollback)
        letting_go.start()
        write_ahead(con, patience_seconds=60)
        letting_go.join()
        assert con.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_its_patience_ends(tmp_path: Path) -> None:
    with opened(tmp_path / "a.sqlite") as holder, opened(tmp_path / "a.sqlite") as con:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            write_ahead(con, patience_seconds=0)
