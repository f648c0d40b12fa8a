"""Is spend over plan, whose, and why: held to the budgets, and to what was forecast before it was spent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from pytest_llmcost.costs.outlook import ONE_DAY, Outlook, daily
from pytest_llmcost.costs.spend_change import PriceOf, spend_change
from pytest_llmcost.domain.spending import Alert, Plan, Spend, SpendChange
from pytest_llmcost.statistics.forecast import MOST_DAYS, forecast

SPANS = {"day": 1, "week": 7}
"""Spans of whole days, ending yesterday, that are held to what was forecast for them."""

WORTH_SAYING = 0.05
"""A model or task is told of when its excess is this share of what all were expected to come to."""

_COMPARED = 28  # days before, of which those of the same weekdays are compared with


@dataclass(frozen=True, slots=True)
class Watch:
    """What is held to what.

    Attributes:
        plan: The budgets.
        tolerance: How far a forecast may be exceeded, and a budget by a forecast: 0.20 is a fifth.
        price_of: Prices, for the explanation.
    """

    plan: Plan
    tolerance: float
    price_of: PriceOf


def alerts(spends: Sequence[Spend], outlook: Outlook, watch: Watch) -> list[Alert]:
    """Return where spend is over plan, each with its explanation; budgets first.

    What *is* spent is over a budget from the first cent on. A forecast is exceeded where spend is above it by more
    than the tolerance and above its 95 % interval: what noise alone does is no alert.
    """
    first = outlook.today - outlook.known_days * ONE_DAY
    found = [*_over_budget(spends, outlook, watch), *_over_forecast(spends, outlook, watch)]
    return [one.explained(_why(one, spends, first, watch.price_of)) for one in found]


def _over_budget(spends: Sequence[Spend], outlook: Outlook, watch: Watch) -> Iterator[Alert]:
    today, plan, amounts = outlook.today, watch.plan, daily(spends)
    for day in (today - ONE_DAY, today):
        if plan.daily_usd is not None and amounts.get(day, 0.0) > plan.daily_usd:
            yield Alert("day over budget", day, day, amounts[day], plan.daily_usd)
    if plan.monthly_usd is None:
        return
    begin = today.replace(day=1)
    if outlook.spent_month > plan.monthly_usd:
        yield Alert("month over budget", begin, today, outlook.spent_month, plan.monthly_usd)
    elif outlook.month_end and outlook.month_end.expected > plan.monthly_usd * (1 + watch.tolerance):
        yield Alert("month's end over budget", begin, today, outlook.month_end.expected, plan.monthly_usd)


def _over_forecast(spends: Sequence[Spend], outlook: Outlook, watch: Watch) -> Iterator[Alert]:
    for name, days in SPANS.items():
        first, last = outlook.today - days * ONE_DAY, outlook.today - ONE_DAY
        whole = _held_to_forecast(spends, outlook, days, watch.tolerance, 0.0)
        if whole is None:  # too little history for all has too little for each
            continue
        usd, plan, is_over = whole
        if is_over:
            yield Alert(f"{name} over forecast", first, last, usd, plan)
        for part in ("model", "task"):
            names = sorted({getattr(spend, part) for spend in spends})
            for own in names if len(names) > 1 else ():
                some = [spend for spend in spends if getattr(spend, part) == own]
                held = _held_to_forecast(some, outlook, days, watch.tolerance, WORTH_SAYING * plan)
                if held and held[2]:
                    yield Alert(f"{name} over forecast", first, last, held[0], held[1], **{part: own})


def _held_to_forecast(
    spends: Sequence[Spend], outlook: Outlook, days: int, tolerance: float, least: float
) -> tuple[float, float, bool] | None:
    """Return what the last whole days came to, what was forecast for them, and whether that is too far above it."""
    amounts, known = daily(spends), min(outlook.known_days, MOST_DAYS)
    series = [amounts.get(outlook.today - n * ONE_DAY, 0.0) for n in range(known, 0, -1)]
    found = forecast(series[:-days])
    if found is None:
        return None
    told, usd = found.sum_of(0, days), sum(series[-days:])
    excess = usd - told.expected
    return usd, told.expected, usd > told.high95 and excess > tolerance * told.expected and excess > least


def _why(alert: Alert, spends: Sequence[Spend], first: date, price_of: PriceOf) -> SpendChange | None:
    """Return why the alert's days cost more than days of the same weekdays in the four weeks before; None without."""
    span = [alert.first + n * ONE_DAY for n in range((alert.last - alert.first).days + 1)]
    weekdays = {day.weekday() for day in span}
    earlier = {alert.first - n * ONE_DAY for n in range(1, _COMPARED + 1)}
    base = {day for day in earlier if day >= first and day.weekday() in weekdays}
    if not base:
        return None
    before = [spend for spend in spends if spend.day in base]
    now = [spend for spend in spends if alert.first <= spend.day <= alert.last]
    return spend_change(before, now, price_of, Fraction(len(span), len(base)), alert.task, alert.model)
