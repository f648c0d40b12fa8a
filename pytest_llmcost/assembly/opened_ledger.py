"""A ledger that is asked: the configuration's or another one; what is not there is never made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.costs.ledger.spool import spool_of
from pytest_llmcost.domain.errors import SettingsError

if TYPE_CHECKING:
    from pytest_llmcost.costs.ledger.ledger import Ledger


def opened_ledger(settings: Settings, place: str | None) -> Ledger:
    """Return a ledger to ask; whoever has it closes it.

    Args:
        settings: Their ledger is opened.
        place: Another one's URL or path, instead.

    Raises:
        SettingsError: If there is none.
        LedgerError: If it cannot be read.
    """
    named = place or settings.ledger
    if not named:
        raise SettingsError("the ledger is off. Set [tool.llmcost] ledger to a file or a database's URL.", key="ledger")
    from pytest_llmcost.costs.ledger.database import Database  # takes a quarter of a second
    from pytest_llmcost.costs.ledger.ledger import Ledger

    file = Database(named).file
    if file is not None and not file.exists():
        raise SettingsError(
            f"{file}: there is no ledger yet. Runs and LedgerLogger write it at the first live call.", key="ledger"
        )
    return Ledger(named, spool=None if place else spool_of(named, settings.root))
