"""The ledger's spend of the last half year, by days of the user's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from pytest_llmcost.assembly.opened_ledger import opened_ledger
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.costs.spend_change import PriceOf
from pytest_llmcost.domain.errors import PriceError
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.spending import Spend
from pytest_llmcost.statistics.forecast import MOST_DAYS


@dataclass(frozen=True, slots=True)
class Spending:
    """What was spent.

    Attributes:
        spends: By day, task, model, cache and escalation.
        today: The day that is not over, in the zone.
    """

    spends: list[Spend]
    today: date


def read_spending(settings: Settings, place: str | None, zone: tzinfo, now: datetime) -> Spending:
    """Return the spend of a ledger; raises as `opened_ledger`.

    Args:
        settings: The project's, whose ledger is read.
        place: Another one's URL or path, instead.
        zone: Whose days.
        now: With a zone; what is later is left out.
    """
    from pytest_llmcost.costs.ledger.queries import Period  # takes a quarter of a second
    from pytest_llmcost.costs.ledger.spend import spend

    today = now.astimezone(zone).date()
    begin = today - timedelta(days=MOST_DAYS + 1)
    since = datetime(begin.year, begin.month, begin.day, tzinfo=zone)
    period = Period(since.astimezone(UTC), now.astimezone(UTC), zone)
    with opened_ledger(settings, place) as ledger, ledger.reading() as connection:
        return Spending(spend(connection, period), today)


def price_of(table: PriceTable) -> PriceOf:
    """Return what tells a model's price, None where none is known."""

    def find(model: str) -> Price | None:
        try:
            return table.price_of(model)
        except PriceError:
            return None

    return find
