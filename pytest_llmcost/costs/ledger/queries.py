"""What reports, forecasts and alerts ask of a ledger: sums between two instants, by whatever is named."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from pytest_llmcost.costs.ledger.days import day_number, day_of
from pytest_llmcost.costs.ledger.records import NAMES, OK, instant
from pytest_llmcost.costs.ledger.schema import api_calls

DAY = "day"
DIMENSIONS = (DAY, *NAMES)
"""What calls may be summed by."""


@dataclass(frozen=True, slots=True)
class Period:
    """From an instant up to, and without, another one; both know their zones.

    Attributes:
        zone: In which days begin and end.
    """

    since: datetime
    until: datetime
    zone: tzinfo = UTC

    def __post_init__(self) -> None:
        if self.since.tzinfo is None or self.until.tzinfo is None:
            raise ValueError("both ends of a period need a time zone")


class Sums(NamedTuple):
    """Calls that have the same names, added up.

    Attributes:
        keys: What they have in common, in the order that was asked for; a day as 2026-03-29.
        errors: Those without an answer.
        cached: Those that a cache in front of the model answered.
        escalated: Those that were a later step of a cascade.
        unpriced: Those whose cost is not known: it is not in `usd`.
        untold: Those whose tokens are not known, all or some: what is not known is not in the sums of tokens.
        split_tokens: The part of `prompt_tokens` of which it is known how many the provider had cached.
        usd: What is known of their cost.
    """

    keys: tuple[str, ...]
    calls: int
    errors: int
    cached: int
    escalated: int
    unpriced: int
    untold: int
    prompt_tokens: int
    split_tokens: int
    cached_tokens: int
    completion_tokens: int
    usd: float
    seconds: float


_c = api_calls.c


def sums(
    connection: Connection,
    period: Period,
    by: Sequence[str] = (),
    where: Mapping[str, str] = MappingProxyType({}),
) -> list[Sums]:
    """Return the calls of a period, added up by *by*, sorted by it.

    Args:
        connection: Of `Ledger.reading`.
        period: Which calls.
        by: Of `DIMENSIONS`.
        where: Only calls with these names: `{"task": "spam"}`.

    Raises:
        ValueError: If there is no such dimension.
    """
    keys = [_key(name, period) for name in by]
    query = select(*keys, *_ADDED).where(within(period), *(_named(name) == value for name, value in where.items()))
    rows = connection.execute(query.group_by(*keys) if keys else query)
    found = [_sums(tuple(row), by) for row in rows]
    return sorted((one for one in found if one.calls), key=lambda one: one.keys)


def in_all(rows: Sequence[Sums]) -> Sums:
    """Return the sums of sums."""
    columns = list(zip(*(row[1:] for row in rows), strict=True)) or [(0,)] * (len(Sums._fields) - 1)
    *counts, usd, seconds = columns
    return Sums._make(((), *map(sum, counts), math.fsum(usd), math.fsum(seconds)))


def span(connection: Connection) -> tuple[int, int] | None:
    """Return when the first and the last call ended, microseconds since 1970 UTC; None where there is none."""
    first, last = connection.execute(select(func.min(_c.timestamp), func.max(_c.timestamp))).one()
    return None if first is None else (first, last)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def total(column: ColumnElement[Any], nothing: float) -> ColumnElement[Any]:
    """Return the sum of a column; *nothing* where no row has a value."""
    return func.coalesce(func.sum(column), nothing)


_ADDED = (
    func.count(),
    _count(_c.status != OK),
    _count(_c.cached == 1),
    _count(_c.step > 0),
    func.count() - func.count(_c.cost_usd),
    func.count() - func.count(_c.prompt_tokens + _c.completion_tokens),
    total(_c.prompt_tokens, 0),
    total(case((_c.cached_tokens.is_not(None), _c.prompt_tokens)), 0),
    total(_c.cached_tokens, 0),
    total(_c.completion_tokens, 0),
    total(_c.cost_usd, 0.0),
    total(_c.seconds, 0.0),
)


def within(period: Period) -> ColumnElement[bool]:
    """Return the condition that a call ended in a period."""
    since, until = instant(period.since.timestamp()), instant(period.until.timestamp())
    return and_(_c.timestamp >= since, _c.timestamp < until)


def _key(name: str, period: Period) -> ColumnElement[Any]:
    if name == DAY:
        return day_number(_c.timestamp, period.zone, period.since, period.until).label(DAY)
    return _named(name)


def _named(name: str) -> ColumnElement[Any]:
    if name not in NAMES:
        raise ValueError(f"calls have no {name!r}: {', '.join(DIMENSIONS)} are known")
    return _c[name]


def _sums(row: tuple[Any, ...], by: Sequence[str]) -> Sums:
    keys, numbers = row[: len(by)], row[len(by) :]
    shown = tuple(day_of(key).isoformat() if name == DAY else str(key) for name, key in zip(by, keys, strict=True))
    *counts, usd, seconds = numbers
    return Sums._make((shown, *(int(count) for count in counts), float(usd), float(seconds)))
