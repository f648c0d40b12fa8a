"""Spend by day, task and model, as forecasts and alerts take it: one question, whatever the number of calls."""

from __future__ import annotations

from sqlalchemy import Connection, case, func, select

from pytest_llmcost.costs.ledger.days import day_number, day_of
from pytest_llmcost.costs.ledger.queries import Period, total, within
from pytest_llmcost.costs.ledger.schema import api_calls
from pytest_llmcost.domain.spending import Spend

_c = api_calls.c


def spend(connection: Connection, period: Period) -> list[Spend]:
    """Return what the calls of a period cost, by day (of the period's zone), task, model, cache and escalation.

    Args:
        connection: Of `Ledger.reading`.
        period: Which calls.
    """
    day = day_number(_c.timestamp, period.zone, period.since, period.until).label("day")
    keys = (day, _c.task, _c.model, _c.cached, case((_c.step > 0, 1), else_=0).label("escalated"))
    query = (
        select(
            *keys,
            func.count(),
            total(_c.prompt_tokens, 0),
            total(_c.cached_tokens, 0),
            total(_c.completion_tokens, 0),
            total(_c.cost_usd, 0.0),
            total(_c.seconds, 0.0),
            func.count() - func.count(_c.cost_usd),
        )
        .where(within(period))
        .group_by(*keys)
        .order_by(*keys)
    )
    return [
        Spend(
            day=day_of(int(number)),
            task=task,
            model=model,
            is_cached=bool(cached),
            is_escalated=bool(escalated),
            calls=int(calls),
            prompt_tokens=int(prompt),
            cached_tokens=int(kept),
            completion_tokens=int(completion),
            usd=float(usd),
            seconds=float(seconds),
            unpriced=int(unpriced),
        )
        for number, task, model, cached, escalated, calls, prompt, kept, completion, usd, seconds, unpriced in (
            connection.execute(query)
        )
    ]
