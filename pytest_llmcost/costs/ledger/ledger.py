"""The ledger as an application holds it: records in, kept by the database or, while that is away, by a local file."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pytest_llmcost.costs.ledger.faults import Away, LedgerError
from pytest_llmcost.costs.ledger.records import CallRecord, Entry, instant, outcome_entry
from pytest_llmcost.costs.ledger.spool import Spool, SpoolFault, spool_of
from pytest_llmcost.costs.ledger.users import KEY_VARIABLE, user_hash
from pytest_llmcost.costs.ledger.writer import FLUSH_SECONDS, Writer
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.domain.errors import PriceError
from pytest_llmcost.domain.price import cost_of
from pytest_llmcost.domain.usage import Usage

if TYPE_CHECKING:
    from sqlalchemy import Connection

LOGGER = logging.getLogger("pytest_llmcost")
FIRST_RETRY_SECONDS = 1.0
LAST_RETRY_SECONDS = 60.0
"""While the database is away it is tried again after twice the wait before, up to this."""


class Ledger:
    """The log of calls and of what became of them, for any thread and any number of processes.

    Records are written by a thread within a second; a process that is killed loses that second's at most. While the
    database is away they wait in a local folder, and are stored, and counted once, when it is back.

    Args:
        url: An SQLite file's path, or any URL that SQLAlchemy takes: `postgresql://user@host/name`.
        user_key: Secret under which users are hashed; default: the variable `LLMCOST_USER_KEY`. Without it no user
            is stored.
        prices: As in the configuration, by model; for the others litellm's price map holds.
        spool: Folder for records that wait; default: beside the SQLite file, or `.llmcost/` of the working directory.
        warn: Told what went wrong, once a fault; default: the log `pytest_llmcost`.
        flush_seconds: How long a record may be in memory alone.

    Raises:
        LedgerError: If the ledger is of a newer version, or the URL is wrong. One that is away raises nothing.
    """

    def __init__(
        self,
        url: str | Path,
        *,
        user_key: str | None = None,
        prices: Mapping[str, Mapping[str, Any]] | None = None,
        spool: str | Path | None = None,
        warn: Callable[[str], object] = LOGGER.warning,
        flush_seconds: float = FLUSH_SECONDS,
    ) -> None:
        from pytest_llmcost.costs.ledger.database import Database  # SQLAlchemy takes a quarter of a second

        self._database = Database(url)
        self._user_key = os.environ.get(KEY_VARIABLE, "") if user_key is None else user_key
        self.prices = PriceTable(prices or {})
        self._spool = Spool(Path(spool) if spool else spool_of(str(url)))
        self._warn = warn
        self._said: set[str] = set()
        self._next_try = 0.0
        self._wait = FIRST_RETRY_SECONDS
        self._writer = Writer(self._store, self._lost, flush_seconds)
        try:
            self._database.open()
        except Away as error:
            self._put_off(error)

    def record(
        self,
        model: str,
        *,
        prompt_tokens: int | None = None,
        completion_tokens: int | None = None,
        cached_tokens: int | None = None,
        cost_usd: float | None = None,
        user: str = "",
        **fields: Any,
    ) -> str:
        """Log a call that a client of one's own made; return its `call_id`.

        Args:
            model: As prices know it: `openai/gpt-4o-mini`.
            prompt_tokens: All input.
            completion_tokens: All output.
            cached_tokens: The part of the input that the provider had in its cache.
            cost_usd: What it cost; default: by the price of *model*, and unknown where there is none.
            user: On whose behalf; only its keyed hash is stored.
            **fields: Others of `CallRecord`: `seconds`, `status`, `task`, `experiment`, `variant`, `tags`, ...

        Raises:
            InvalidUsage: If a number cannot be.
        """
        if cost_usd is None:
            cost_usd = self.cost_of(model, prompt_tokens, completion_tokens, cached_tokens)
        record = CallRecord(
            model=model,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            cached_tokens=cached_tokens,
            cost_usd=cost_usd,
            user_hash=self.hash_of(user),
            **fields,
        )
        self.add(record)
        return record.call_id

    def add(self, record: CallRecord) -> None:
        """Log a call."""
        self._writer.put(record.entry())

    def outcome(self, call_id: str, ok: bool, source: str = "user") -> None:
        """Say whether the answer of a call was good; of several words of one source the last one holds.

        Args:
            call_id: The answer's.
            ok: Whether it was good.
            source: Who says so: `user`, `judge`, `support`, ...
        """
        self._writer.put(outcome_entry(call_id, ok, source, time.time()))

    def flush(self) -> None:
        """Write what was given so far: to the database, or where records wait for it."""
        self._writer.flush()

    def prune(self, before: datetime) -> int:
        """Delete what is older than an instant, with its outcomes; return how many calls that were.

        Raises:
            ValueError: If *before* has no time zone.
            LedgerError: If the database cannot be written now.
        """
        if before.tzinfo is None:
            raise ValueError(f"{before} has no time zone: datetime(..., tzinfo=UTC) is needed")
        with self._named():
            return self._database.prune(instant(before.timestamp()))

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection for `ledger.queries`; all questions see the same rows, among them those given so far.

        Raises:
            LedgerError: If the database cannot be reached.
        """
        self.flush()
        self.replay()
        with self._named(), self._database.reading() as connection:
            yield connection

    def replay(self) -> int:
        """Store the batches that wait, if the database is there; return how many still do."""
        waiting = self._spool.waiting()
        for path in waiting:
            if not self._bring(path):
                break
        return len(self._spool.waiting()) if waiting else 0

    def close(self) -> None:
        """Write what is left; may be called again."""
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def cost_of(
        self, model: str, prompt_tokens: int | None, completion_tokens: int | None, cached_tokens: int | None = None
    ) -> float | None:
        """Return what a call costs by the model's price, in US dollars; None where price or tokens are not known."""
        if prompt_tokens is None or completion_tokens is None:
            return None
        usage = Usage(
            input_tokens=prompt_tokens, cached_input_tokens=cached_tokens or 0, output_tokens=completion_tokens
        )
        try:
            price = self.prices.price_of(model)
        except PriceError as error:
            self.say(str(error).partition("\n")[0])
            return None
        return None if price.usd_per_hour else float(cost_of(usage, price))

    def hash_of(self, user: str) -> str:
        """Return the keyed hash of a user, empty where there is no key."""
        if user and not self._user_key:
            self.say(f"users are not stored in the ledger without a secret. Set {KEY_VARIABLE}, or pass user_key.")
        return user_hash(user, self._user_key)

    def say(self, message: str) -> None:
        """Warn of something, the first time."""
        if message not in self._said and len(self._said) < _MOST_SAID:
            self._said.add(message)
            self._warn(message)

    def _store(self, entries: Sequence[Entry]) -> bool:
        """Store a batch in the database, or where it waits for it; False where neither takes it."""
        if time.monotonic() >= self._next_try and self._try(lambda: self._database.add(entries)):
            self.replay()
            return True
        try:
            self._spool.write(entries)
        except OSError as error:
            self.say(f"records of the ledger cannot be kept in {self._spool.folder} ({error}). Free some disk space.")
            return False
        return True

    def _bring(self, path: Path) -> bool:
        """Store a batch that waits; False where the database is away, so that the others need not be tried."""
        try:
            entries = self._spool.read(path)
        except FileNotFoundError:
            return True
        except OSError as error:
            self.say(f"records that wait for the ledger cannot be read: {error}. They are kept.")
            return True
        except SpoolFault as error:
            self.say(f"{error} It is not counted, and is now {self._spool.set_aside(path)}.")
            return True
        if not self._try(lambda: self._database.add(entries)):
            return False
        try:
            self._spool.drop(path)
        except OSError as error:
            self.say(f"{path} is stored, and cannot be deleted: {error}. Delete it.")
        return True

    def _try(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except (Away, LedgerError) as error:  # it may also have come back in a newer version
            self._put_off(error)
            return False
        self._next_try, self._wait = 0.0, FIRST_RETRY_SECONDS
        return True

    def _put_off(self, error: Exception) -> None:
        self._next_try = time.monotonic() + self._wait
        self._wait = min(2 * self._wait, LAST_RETRY_SECONDS)
        self.say(
            f"the ledger {self._database.name} cannot be written ({error}).\n"
            f"Its records wait in {self._spool.folder}, and are stored when it is back."
        )

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except Away as error:
            raise LedgerError(f"the ledger {self._database.name} cannot be used: {error}.\nTry again later.") from error

    def _lost(self, count: int) -> None:
        LOGGER.error("%d records of the ledger were lost: neither %s nor %s could be written.", count,
                     self._database.name, self._spool.folder)  # fmt: skip


_MOST_SAID = 1000
