"""Where this month ends and the next one will: what is spent, and a forecast of the days that are left."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pytest_llmcost.domain.spending import Spend
from pytest_llmcost.statistics.forecast import FEWEST_DAYS, MOST_DAYS, Forecast, Prediction, forecast

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Spend of this month and the next; the predictions are None where there is too little history.

    Attributes:
        today: The day that is not over yet, in the user's zone.
        known_days: Whole days of history.
        needed_days: How many a forecast needs.
        spent_today: So far; `spent_month` with it, and the month's days before.
        month_end: What this month comes to.
        next_month: What the next one does.
        days: From today to the next month's end, what each day comes to.
        unpriced: Calls of the history whose cost is not known: they are in no amount.
    """

    today: date
    known_days: int
    needed_days: int
    spent_today: float
    spent_month: float
    month_end: Prediction | None
    next_month: Prediction | None
    days: Mapping[date, Prediction]
    unpriced: int


def outlook(spends: Sequence[Spend], today: date) -> Outlook:
    """Return what this month and the next will come to.

    Args:
        spends: Of `MOST_DAYS` days and today, at most; the first one's day is taken for a part of a day, and left out.
        today: In the user's zone.
    """
    amounts = daily(spends)
    known = history(spends, today)
    spent_today = amounts.get(today, 0.0)
    spent_month = math.fsum(usd for day, usd in amounts.items() if day.replace(day=1) == today.replace(day=1))
    found = forecast(known)
    end, after = month_end(today), month_end(month_end(today) + ONE_DAY)
    left, following = (end - today).days + 1, (after - end).days
    return Outlook(
        today=today,
        known_days=len(known),
        needed_days=FEWEST_DAYS,
        spent_today=spent_today,
        spent_month=spent_month,
        month_end=_rest(found, left, spent_today).plus(spent_month - spent_today) if found else None,
        next_month=found.sum_of(left, following) if found else None,
        days={today + n * ONE_DAY: found.sum_of(n, 1) for n in range(left + following)} if found else {},
        unpriced=sum(spend.unpriced for spend in spends),
    )


def _rest(found: Forecast, days: int, spent_today: float) -> Prediction:
    """Return what today and the days left come to: where today has come to more than was expected, by so much more."""
    more = max(0.0, spent_today - found.sum_of(0, 1).expected)
    told = found.sum_of(0, days).plus(more)
    return dataclasses.replace(told, low80=max(told.low80, spent_today), low95=max(told.low95, spent_today))


def history(spends: Sequence[Spend], today: date) -> list[float]:
    """Return what each whole day came to, from the second one on which there was a call; without spend it is 0."""
    if not spends:
        return []
    amounts = daily(spends)
    first = max(min(spend.day for spend in spends) + ONE_DAY, today - MOST_DAYS * ONE_DAY)
    return [amounts.get(first + n * ONE_DAY, 0.0) for n in range((today - first).days)]


def daily(spends: Iterable[Spend]) -> dict[date, float]:
    """Return the amount of each day on which there was a call."""
    found: dict[date, float] = {}
    for spend in spends:
        found[spend.day] = found.get(spend.day, 0.0) + spend.usd
    return found


def month_end(day: date) -> date:
    """Return the last day of the month."""
    return (day.replace(day=28) + 4 * ONE_DAY).replace(day=1) - ONE_DAY
