"""The ledger's database: whole batches in, each record counted once, however often it is brought."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event, make_url, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from pytest_llmcost.costs.ledger.faults import Away, LedgerError
from pytest_llmcost.costs.ledger.migrations import is_current, migrate
from pytest_llmcost.costs.ledger.records import CALLS, OUTCOMES, Entry, Row
from pytest_llmcost.costs.ledger.schema import api_calls, outcomes
from pytest_llmcost.domain.write_ahead import write_ahead

_BUSY_SECONDS = 30
_CONNECT_SECONDS = 5
_AT_ONCE = 1000
"""Ids that are asked for in one statement; databases bound its parameters."""
_TRIES = 3
_WRITES = "llmcost_writes"


class Database:
    """Connections to one ledger, each for one batch or one question: nothing is shared with a forked process.

    Args:
        url: As SQLAlchemy takes it, or the path of an SQLite file.

    Raises:
        LedgerError: If the URL is wrong, or its driver is not installed.
    """

    def __init__(self, url: str | Path) -> None:
        self._url = _url_of(url)
        self.name = self._url.render_as_string(hide_password=True)
        self._engine = _engine_of(self._url)
        self._is_open = False

    @property
    def file(self) -> Path | None:
        """The SQLite file, or None for a server."""
        return _file_of(self._url)

    def add(self, entries: Sequence[Entry]) -> None:
        """Store a batch, whole or not at all; what is there already stays as it is.

        Raises:
            Away: If it cannot be stored now.
            LedgerError: If the ledger is of a newer version.
        """
        calls = [row for table, row in entries if table == CALLS]
        said = [row for table, row in entries if table == OUTCOMES]
        for may_be_known in (False, *[True] * _TRIES):
            with contextlib.suppress(IntegrityError):
                self._add(calls, said, may_be_known)
                return
        raise Away("the same records are brought by others again and again")

    def _add(self, calls: Sequence[Row], said: Sequence[Row], may_be_known: bool) -> None:
        with self.writing() as connection:
            # Known ones are those of a replay that was cut short, or that another process brings just now.
            if new := _new(connection, calls) if may_be_known else calls:
                connection.execute(api_calls.insert(), new)
            _judge(connection, said)

    def prune(self, before: int) -> int:
        """Delete the calls that ended before an instant, microseconds since 1970, with their outcomes; return how many.

        Raises:
            Away: If they cannot be deleted now.
        """
        with self.writing() as connection:
            old = select(api_calls.c.call_id).where(api_calls.c.timestamp < before)
            connection.execute(delete(outcomes).where(outcomes.c.call_id.in_(old)))
            return connection.execute(delete(api_calls).where(api_calls.c.timestamp < before)).rowcount

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection in a transaction that may write; it is committed at the end.

        Raises:
            Away: If the database cannot be reached, or written.
            IntegrityError: If a row is there already.
        """
        with self._said(), self._engine.connect().execution_options(**{_WRITES: True}) as connection:
            self._bring_forward()
            with connection.begin():
                yield connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection whose questions all see the same rows; raises as `writing`."""
        with self._said(), self._engine.connect().execution_options(**self._snapshot) as connection:
            self._bring_forward()
            with connection.begin():
                yield connection

    @property
    def _snapshot(self) -> dict[str, Any]:
        is_postgres = self._url.get_backend_name() == "postgresql"  # (SQLite has one anyway)
        return {"isolation_level": "REPEATABLE READ"} if is_postgres else {}

    def open(self) -> None:
        """Make the ledger, or bring it to this version.

        Raises:
            Away: If it cannot be reached.
            LedgerError: If it is of a newer version.
        """
        with self._said():
            self._bring_forward()

    def _bring_forward(self) -> None:
        if self._is_open:
            return
        if self.file is not None and not self.file.exists():
            _make(self.file)
        with self._engine.connect() as connection, connection.begin():
            current = is_current(connection)
        if not current:
            with self._engine.connect().execution_options(**{_WRITES: True}) as connection:
                if self.file is not None:
                    write_ahead(connection.connection.driver_connection, _BUSY_SECONDS)  # type: ignore[arg-type]
                with connection.begin():
                    migrate(connection)
        self._is_open = True

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except (SQLAlchemyError, OSError) as error:
            self._is_open = False  # it may be another one when it comes back
            cause = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            raise Away(cause) from error


def _new(connection: Connection, rows: Sequence[Row]) -> list[Row]:
    """Return each call once, and only those that the ledger does not have."""
    by_id = {row["call_id"]: row for row in rows}
    known = _found(connection, select(api_calls.c.call_id), api_calls.c.call_id, by_id)
    return [row for call_id, row in by_id.items() if (call_id,) not in known]


def _judge(connection: Connection, rows: Sequence[Row]) -> None:
    """Store outcomes; of several of one call by one source the latest holds."""
    if not rows:
        return
    latest = {(row["call_id"], row["source"]): row for row in sorted(rows, key=lambda row: row["timestamp"])}
    columns = (outcomes.c.call_id, outcomes.c.source, outcomes.c.timestamp)
    stored = {
        (call_id, source): timestamp
        for call_id, source, timestamp in _found(
            connection, select(*columns), outcomes.c.call_id, {call_id: None for call_id, _ in latest}
        )
    }
    fresh = [row for key, row in latest.items() if row["timestamp"] >= stored.get(key, 0)]
    for row in fresh:
        if (row["call_id"], row["source"]) in stored:
            same = (outcomes.c.call_id == row["call_id"]) & (outcomes.c.source == row["source"])
            connection.execute(delete(outcomes).where(same))
    if fresh:
        connection.execute(outcomes.insert(), fresh)


def _found(connection: Connection, query: Any, column: Any, ids: Iterable[str]) -> set[tuple[Any, ...]]:
    wanted = list(ids)
    found: set[tuple[Any, ...]] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        rows = connection.execute(query.where(column.in_(wanted[start : start + _AT_ONCE])))
        found |= {tuple(row) for row in rows}
    return found


def _url_of(url: str | Path) -> URL:
    if "://" not in str(url):
        return URL.create("sqlite", database=str(url))
    try:
        made = make_url(str(url))
    except ArgumentError as error:
        raise LedgerError("the ledger's URL cannot be read.\nWrite it as postgresql://user@host/name.") from error
    if made.drivername in ("postgres", "postgresql"):
        made = made.set(drivername="postgresql+psycopg")
    if made.get_backend_name() == "sqlite" and made.database in (None, "", ":memory:"):
        raise LedgerError("the ledger's URL names no file.\nWrite it as sqlite:///folder/ledger.sqlite.")
    return made


def _file_of(url: URL) -> Path | None:
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def _engine_of(url: URL) -> Engine:
    backend = url.get_backend_name()
    waits = {"sqlite": {"timeout": _BUSY_SECONDS}, "postgresql": {"connect_timeout": _CONNECT_SECONDS}}
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=waits.get(backend, {}))
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise LedgerError(
            f"the ledger's database {backend!r} has no driver here ({error}).\n"
            "Install it: `pip install 'pytest-llmcost[sql]'` brings PostgreSQL's."
        ) from error
    if backend == "sqlite":
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say so
    connection.execute("PRAGMA synchronous=NORMAL")  # a killed process loses nothing, a power cut the last commits


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes then would fail where another writes in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(_WRITES) else "BEGIN")


def _make(file: Path) -> None:
    """Make an empty database that only its owner can read; SQLite gives its side files the same mode."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):  # another process was faster
        os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))
