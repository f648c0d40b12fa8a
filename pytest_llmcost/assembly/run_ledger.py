"""A run's calls on their way to the ledger: its processes keep them in files, and who ends the run stores them.

So no process but one needs the database and its library, and one that is killed leaves its records to the next run.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from pytest_llmcost.assembly.call_log import Sink
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.costs.ledger.records import CallRecord, Entry
from pytest_llmcost.costs.ledger.spool import Spool, spool_of
from pytest_llmcost.costs.ledger.writer import Writer
from pytest_llmcost.domain.errors import LlmCostError


class SpooledRecords:
    """Keeps records for whoever ends the run.

    Args:
        spool: Where.
        warn: Told when they cannot be kept.
    """

    def __init__(self, spool: Spool, warn: Callable[[str], None]) -> None:
        self._spool = spool
        self._warn = warn
        self._writer = Writer(self._keep, lambda lost: warn(f"{lost} calls are missing from the ledger."))

    def add(self, record: CallRecord) -> None:
        """Take a record; returns at once."""
        self._writer.put(record.entry())

    def close(self) -> None:
        """Write what is left; may be called again."""
        self._writer.close()

    def _keep(self, entries: Sequence[Entry]) -> bool:
        try:
            self._spool.write(entries)
        except OSError as error:
            self._warn(f"calls cannot be logged in {self._spool.folder} ({error}).\nFree some disk space there.")
            return False
        return True


def sink_of(settings: Settings, warn: Callable[[str], None]) -> Callable[[], Sink] | None:
    """Return what opens the way to the configured ledger; None where there is none."""
    return functools.partial(SpooledRecords, _spool(settings), warn) if settings.ledger else None


def ledger_of(settings: Settings) -> Callable[[], Sink] | None:
    """Return what opens the configured ledger for an application, which runs for long; None where there is none."""
    from pytest_llmcost.costs.ledger.ledger import Ledger

    return functools.partial(Ledger, settings.ledger, spool=_spool(settings).folder) if settings.ledger else None


def store_records(settings: Settings, warn: Callable[[str], None]) -> None:
    """Store what waits for the ledger, if anything does; where it cannot be stored it waits on, and *warn* is told."""
    spool = _spool(settings)
    if not settings.ledger or not spool.waiting():
        return
    from pytest_llmcost.costs.ledger.ledger import Ledger  # takes a quarter of a second

    try:
        with Ledger(settings.ledger, spool=spool.folder, warn=warn) as ledger:
            if not ledger.replay() and settings.ledger_days:
                ledger.prune(datetime.now(UTC) - timedelta(days=settings.ledger_days))
    except LlmCostError as error:
        warn(f"{error}\nRecords wait in {spool.folder}.")


def _spool(settings: Settings) -> Spool:
    return Spool(spool_of(settings.ledger, settings.root))
