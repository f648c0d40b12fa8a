"""Days of a user's zone as arithmetic on UTC instants: a day of 23 or of 25 hours is one day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, cast, literal

from pytest_llmcost.costs.ledger.records import MICROSECONDS

_DAY = 86_400 * MICROSECONDS
_EPOCH = date(1970, 1, 1).toordinal()


def day_number(instant: ColumnElement[Any], zone: tzinfo, since: datetime, until: datetime) -> ColumnElement[Any]:
    """Return, as SQL, which day of *zone* an instant between the two bounds falls on, counted from 1970-01-01."""
    *before, last = offsets(zone, since, until)
    shift: ColumnElement[Any] = literal(last[1], BigInteger)
    if before:
        shift = case(*((instant < until, literal(offset, BigInteger)) for until, offset in before), else_=shift)
    return cast((instant + shift) // literal(_DAY, BigInteger), BigInteger)


def day_of(number: int) -> date:
    """Return the day of a `day_number`."""
    return date.fromordinal(_EPOCH + number)


def offsets(zone: tzinfo, since: datetime, until: datetime) -> list[tuple[int, int]]:
    """Return how far *zone* is ahead of UTC, in microseconds, and until which instant (of the last: *until*)."""
    return list(_offsets(zone, since.astimezone(UTC), until.astimezone(UTC)))


def _offsets(zone: tzinfo, at: datetime, until: datetime) -> Iterator[tuple[int, int]]:
    while at < until:
        ahead = min(at + timedelta(days=1), until)
        if _ahead(zone, at) != _ahead(zone, ahead):
            yield _instant(_change(zone, at, ahead)), _ahead(zone, at)
        at = ahead
    yield _instant(until), _ahead(zone, until)


def _change(zone: tzinfo, low: datetime, high: datetime) -> datetime:
    """Return the first whole second at which the offset is the one that holds at *high*."""
    before = _ahead(zone, low)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle <= low:
            break
        low, high = (middle, high) if _ahead(zone, middle) == before else (low, middle)
    return high


def _ahead(zone: tzinfo, at: datetime) -> int:
    ahead = at.astimezone(zone).utcoffset()
    assert ahead is not None, "a zone knows its offset"
    return int(ahead.total_seconds()) * MICROSECONDS


def _instant(at: datetime) -> int:
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
