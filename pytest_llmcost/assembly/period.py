"""When a report begins and ends, as people type it: 7d, 24h, 2026-03-01, 2026-03-01T12:30."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from pytest_llmcost.domain.errors import SettingsError

if TYPE_CHECKING:
    from pytest_llmcost.costs.ledger.queries import Period

_AGO = re.compile(r"([0-9]{1,6})([hdw])")
_DAYS = {"d": 1, "w": 7}


def period_of(since: str, until: str | None, zone: tzinfo, now: datetime) -> Period:
    """Return what lies between two named times.

    A day (`2026-03-01`; `7d`, that of a week ago; `0d`, today) is whole in *zone*: the period begins with the first
    and ends with the last of it. `24h` is that long before *now*.

    Args:
        since: Its beginning.
        until: Its end; None: *now*.
        zone: Whose days.
        now: With a zone.

    Raises:
        SettingsError: If one of them names no time, or it ends before it begins.
    """
    from pytest_llmcost.costs.ledger.queries import Period  # SQLAlchemy takes a quarter of a second

    begin = _span("since", since, zone, now)[0]
    end = _span("until", until, zone, now)[1] if until is not None else now.astimezone(UTC)
    if begin >= end:
        raise SettingsError(f"--since {since} is not before --until {until or 'now'}.", key="since")
    return Period(begin, end, zone)


def _span(key: str, text: str, zone: tzinfo, now: datetime) -> tuple[datetime, datetime]:
    try:
        return _named(text, zone, now)
    except (ValueError, OverflowError) as error:
        raise SettingsError(
            f"--{key} {text!r} names no time. Write it as 7d, 24h, 2w, 2026-03-01 or 2026-03-01T12:30.", key=key
        ) from error


def _named(text: str, zone: tzinfo, now: datetime) -> tuple[datetime, datetime]:
    if ago := _AGO.fullmatch(text):
        number, unit = int(ago[1]), ago[2]
        if unit == "h":
            at = (now - timedelta(hours=number)).astimezone(UTC)
            return at, at
        return _whole(now.astimezone(zone).date() - timedelta(days=number * _DAYS[unit]), zone)
    if len(text) <= len("2026-03-01"):
        return _whole(date.fromisoformat(text), zone)
    at = datetime.fromisoformat(text)
    at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    return at, at


def _whole(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
