"""A ledger is brought forward when it is opened, by one process at a time; one of a newer version is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, inspect, text

from pytest_llmcost.costs.ledger.faults import LedgerError
from pytest_llmcost.costs.ledger.schema import METADATA, ledger_version

Step = Callable[[Connection], None]

STEPS: Sequence[Step] = ()
"""What leads from version 1 to 2, from 2 to 3, and so on; an empty database gets today's tables at once."""

_LOCK = 0x6C6C6D636F7374  # "llmcost"


def version_of(connection: Connection) -> int:
    """Return a ledger's version, 0 where there is none yet."""
    if not inspect(connection).has_table(ledger_version.name):
        return 0
    return int(connection.execute(ledger_version.select()).scalar() or 0)


def is_current(connection: Connection, steps: Sequence[Step] = STEPS) -> bool:
    """Whether a ledger is of this version.

    Raises:
        LedgerError: If it is of a newer one.
    """
    version, latest = version_of(connection), len(steps) + 1
    if version > latest:
        raise LedgerError(
            f"the ledger is of version {version}, and this release of pytest-llmcost reads up to {latest}.\n"
            "Upgrade pytest-llmcost, or name another ledger."
        )
    return version == latest


def migrate(connection: Connection, steps: Sequence[Step] = STEPS) -> None:
    """Bring a ledger to this version, in the transaction that *connection* is in.

    Raises:
        LedgerError: If it is of a newer one.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if is_current(connection, steps):  # another process was faster
        return
    version = version_of(connection)
    if not version:
        METADATA.create_all(connection)
    for step in steps[version - 1 :] if version else ():
        step(connection)
    connection.execute(ledger_version.delete())
    connection.execute(ledger_version.insert(), {"version": len(steps) + 1})
