"""What `llmcost ledger report` shows, asked of a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_llmcost.assembly.opened_ledger import opened_ledger
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.costs.ledger.records import NAMES
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.reports.ledger import LedgerReport

if TYPE_CHECKING:
    from pytest_llmcost.costs.ledger.queries import Period


def ledger_report(settings: Settings, place: str | None, period: Period, by: tuple[str, ...]) -> LedgerReport:
    """Return the calls of a period, added up by *by*; raises as `opened_ledger`."""
    from pytest_llmcost.costs.ledger.queries import in_all, sums

    with opened_ledger(settings, place) as ledger, ledger.reading() as connection:
        rows = tuple(sums(connection, period, by))
    return LedgerReport(period, by, rows, in_all(rows))


def names_of(text: str) -> tuple[str, ...]:
    """Return what calls are summed by, of `day,model`.

    Raises:
        SettingsError: If calls have no such name, or one stands there twice.
    """
    by = tuple(name.strip() for name in text.split(","))
    known = ("day", *NAMES)
    for name in by:
        if name not in known:
            raise SettingsError(f"--by {name!r}: calls have no such name, but {', '.join(known)}.", key="by")
    if len({*by}) < len(by):
        raise SettingsError(f"--by {text} has a name twice. Name each once.", key="by")
    return by
