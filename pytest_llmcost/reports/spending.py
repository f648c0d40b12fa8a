"""The outlook and the alerts, as lines for people and as a document for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeVar

from pytest_llmcost.costs.outlook import Outlook
from pytest_llmcost.domain.spending import Alert, Plan, SpendChange
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.statistics.forecast import Prediction

FORMAT = 1
Key = TypeVar("Key")

_MOST_PLACES = 3
_WORTH_SAYING = 1e-6  # USD: less than a digit that is shown of anything


def outlook_lines(outlook: Outlook, plan: Plan) -> list[str]:
    """Return the outlook on a few lines; *plan*'s budget stands beside the month's end."""
    lines = [
        f"{outlook.today:%B %Y}: {_usd(outlook.spent_month)} spent so far, {_usd(outlook.spent_today)} of it today"
    ]
    if outlook.month_end is None or outlook.next_month is None:
        return [*lines, _too_little(outlook), *_unpriced(outlook)]
    budget = "" if plan.monthly_usd is None else f", budget {_usd(plan.monthly_usd)}"
    lines += [
        f"month's end:  {_prediction(outlook.month_end)}{budget}",
        f"next month:   {_prediction(outlook.next_month)}",
        f"from {outlook.known_days} whole days; the first range is to hold 80 times in 100, the second 95 times",
    ]
    return [*lines, *_unpriced(outlook)]


def outlook_document(outlook: Outlook) -> dict[str, Any]:
    """Return the outlook as JSON takes it; amounts in US dollars, predictions null where history is too short."""
    return {
        "format": FORMAT,
        "today": outlook.today.isoformat(),
        "known_days": outlook.known_days,
        "needed_days": outlook.needed_days,
        "spent_today_usd": outlook.spent_today,
        "spent_month_usd": outlook.spent_month,
        "month_end": _predicted(outlook.month_end),
        "next_month": _predicted(outlook.next_month),
        "days": [{"day": day.isoformat(), **(_predicted(told) or {})} for day, told in outlook.days.items()],
        "unpriced_calls": outlook.unpriced,
    }


def alert_lines(alerts: Sequence[Alert], outlook: Outlook, plan: Plan) -> list[str]:
    """Return the alerts, each with what it is made of; where there is none, what was looked at."""
    lines = [line for alert in alerts for line in _alert(alert)]
    within = f"{'what is known of spend' if outlook.unpriced else 'spend'} is within plan"
    return [*(lines or [within]), *_unchecked(outlook, plan), *_unpriced(outlook)]


def alerts_document(alerts: Sequence[Alert], outlook: Outlook, plan: Plan) -> dict[str, Any]:
    """Return the alerts as JSON takes them, and as chat services do: `text` is the lines for people."""
    return {
        "format": FORMAT,
        "text": "\n".join(alert_lines(alerts, outlook, plan)),
        "today": outlook.today.isoformat(),
        "alerts": [_alert_document(alert) for alert in alerts],
    }


def _alert(alert: Alert) -> Iterator[str]:
    whose = "".join(
        f" of {part} {visible(name) or '(none)'}"
        for part, name in (("model", alert.model), ("task", alert.task))
        if name
    )
    span = f"{alert.first}" if alert.first == alert.last else f"{alert.first} to {alert.last}"
    more = f", {alert.usd / alert.plan_usd - 1:.0%} more" if alert.plan_usd else ""
    yield f"{alert.what}{whose} ({span}): {_usd(alert.usd)} against {_usd(alert.plan_usd)}{more}"
    if alert.change is not None:
        yield from _change(alert.change)


def _change(change: SpendChange) -> Iterator[str]:
    whole = change.now - change.before
    yield f"  {_usd(change.now)} spent, {_usd(change.before)} in as many days before: {_signed(whole)}"
    for name, share in _by_size(change.parts):
        yield f"  {name + ':':15} {_signed(share):>12}"
    places = [
        f"{visible(task, 30) or '(no task)'} on {visible(model, 40)} {_signed(share)}"
        for (task, model), share in _by_size(change.places)
    ]
    yield f"  most of it: {'; '.join(places[:_MOST_PLACES]) or 'nothing changed'}"


def _by_size(shares: Mapping[Key, Fraction]) -> list[tuple[Key, Fraction]]:
    """Return what is worth saying, the largest first."""
    said = [(key, share) for key, share in shares.items() if abs(share) >= _WORTH_SAYING]
    return sorted(said, key=lambda pair: -abs(pair[1]))


def _alert_document(alert: Alert) -> dict[str, Any]:
    return {
        "what": alert.what,
        "first": alert.first.isoformat(),
        "last": alert.last.isoformat(),
        "model": alert.model,
        "task": alert.task,
        "usd": alert.usd,
        "plan_usd": alert.plan_usd,
        "change": None if alert.change is None else _change_document(alert.change),
    }


def _change_document(change: SpendChange) -> Mapping[str, Any]:
    return {
        "before_usd": float(change.before),
        "now_usd": float(change.now),
        "parts_usd": {name: float(share) for name, share in change.parts.items()},
        "places": [
            {"task": task, "model": model, "usd": float(share)} for (task, model), share in change.places.items()
        ],
    }


def _unchecked(outlook: Outlook, plan: Plan) -> Iterator[str]:
    if outlook.month_end is None:
        yield _too_little(outlook)
    elif outlook.known_days < outlook.needed_days + 7:
        yield f"the last week is held to no forecast before {outlook.needed_days + 7} whole days are known"
    if plan.daily_usd is None and plan.monthly_usd is None:
        yield "no budget is set: [tool.llmcost.budgets] daily_usd, monthly_usd"


def _too_little(outlook: Outlook) -> str:
    return f"too little history for a forecast: {outlook.known_days} whole days of {outlook.needed_days}"


def _unpriced(outlook: Outlook) -> Iterator[str]:
    if outlook.unpriced:
        calls = (
            "1 call without a known cost is"
            if outlook.unpriced == 1
            else (f"{outlook.unpriced:,} calls without a known cost are")
        )
        yield f"{calls} in no amount"


def _prediction(told: Prediction) -> str:
    inner, outer = (
        f"{_usd(low)} to {_usd(high)}" for low, high in ((told.low80, told.high80), (told.low95, told.high95))
    )
    return f"{_usd(told.expected)} ({inner}; {outer})"


def _predicted(told: Prediction | None) -> dict[str, float] | None:
    if told is None:
        return None
    names = ("expected", "low80", "high80", "low95", "high95")
    return {f"{name}_usd": getattr(told, name) for name in names}


def _usd(amount: float | Fraction) -> str:
    amount = float(amount)
    return f"${amount:,.2f}" if abs(amount) >= 1 or not amount else f"${amount:.4g}"


def _signed(amount: Fraction) -> str:
    return f"{'-' if amount < 0 else '+'}{_usd(abs(amount))}"
