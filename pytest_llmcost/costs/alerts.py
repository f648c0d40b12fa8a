"""Is spend over plan, whose, and why: held to the budgets, and to what was forecast before it was spent."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from pytest_llmcost.costs.outlook import ONE_DAY, Outlook, daily
from pytest_llmcost.costs.spend_change import PriceOf, spend_change
from pytest_llmcost.domain.spending import Alert, Plan, Spend, SpendChange
from pytest_llmcost.statistics.forecast import forecast

SPANS = {"day": 1, "week": 7}
"""Spans of whole days, ending yesterday, that are held to what was forecast for them."""

WORTH_SAYING = 0.05
"""A model or task is told of when its excess is this share of what all were expected to come to."""

FALSE_ALARMS = 0.05
"""The chance, as the past has it, that anything is told where nothing but chance is at work: of all checks together."""

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
    than the tolerance, and by more than chance explains.
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
    parts = [*_parts(spends)]
    chance = FALSE_ALARMS / (len(SPANS) * (1 + len(parts)))  # (Bonferroni: a day has so many occasions)
    for name, days in SPANS.items():
        first, last = outlook.today - days * ONE_DAY, outlook.today - ONE_DAY
        whole = _held(spends, outlook, days, chance)
        if whole is None:  # too little history for all is too little for each
            continue
        if whole.is_over(watch.tolerance):
            yield Alert(f"{name} over forecast", first, last, whole.usd, whole.expected)
        for part, own in parts:
            held = _held([spend for spend in spends if getattr(spend, part) == own], outlook, days, chance)
            if held and held.is_over(watch.tolerance, least=WORTH_SAYING * whole.expected):
                yield Alert(f"{name} over forecast", first, last, held.usd, held.expected, *_named(part, own))


def _parts(spends: Sequence[Spend]) -> Iterator[tuple[str, str]]:
    """Yield models and tasks, where there are several; calls without a task are told of with all alone."""
    for part in ("model", "task"):
        names = sorted({getattr(spend, part) for spend in spends})
        if len(names) > 1:
            yield from ((part, name) for name in names if name)


def _named(part: str, name: str) -> tuple[str, str]:
    return (name, "") if part == "model" else ("", name)


@dataclass(frozen=True, slots=True)
class _Held:
    """Days, held to what was forecast for them; by chance alone they are hardly above `most`."""

    usd: float
    expected: float
    most: float

    def is_over(self, tolerance: float, least: float = 0.0) -> bool:
        """Whether they are above forecast by more than chance, the tolerance and *least* US dollars explain."""
        return self.usd > self.most and self.usd - self.expected > max(tolerance * self.expected, least)


def _held(spends: Sequence[Spend], outlook: Outlook, days: int, chance: float) -> _Held | None:
    """Hold the last whole *days* to a forecast from those before; None where they are too few."""
    amounts = daily(spends)
    series = [amounts.get(outlook.today - n * ONE_DAY, 0.0) for n in range(outlook.known_days, 0, -1)]
    found = forecast(series[:-days])
    if found is None:
        return None
    return _Held(math.fsum(series[-days:]), found.sum_of(0, days).expected, found.exceeded_by_chance(days, chance))


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
