"""Times as people type them: days are whole, in their zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pytest_llmcost.assembly.period import period_of
from pytest_llmcost.domain.errors import SettingsError

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "begin", "end"),
    [
        ("7d", None, "2026-03-23T23:00", "2026-03-31T09:30"),
        ("1w", "1d", "2026-03-23T23:00", "2026-03-30T22:00"),
        ("0d", "0d", "2026-03-30T22:00", "2026-03-31T22:00"),
        ("24h", None, "2026-03-30T09:30", "2026-03-31T09:30"),
        ("2026-03-29", "2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"),  # a day of 23 hours
        ("2026-10-25", "2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"),  # one of 25
        ("2026-03-01T12:30", "2026-03-01T12:30:01Z", "2026-03-01T11:30", "2026-03-01T12:30:01"),
    ],
)
def test_a_period_begins_with_its_first_day_and_ends_with_its_last(since, until, begin, end):
    found = period_of(since, until, BERLIN, NOW)
    assert (found.since, found.until, found.zone) == (_utc(begin), _utc(end), BERLIN)


@pytest.mark.parametrize(
    "wrong", ["", "x", "7", "-1d", "7m", "2026-02-30", "2026-13-01T00:00", "999999w", "9999-12-31"]
)
def test_what_names_no_time_is_refused_with_what_would(wrong):
    with pytest.raises(SettingsError, match=r"names no time\. Write it as 7d") as refused:
        period_of(wrong, None, BERLIN, NOW)
    assert refused.value.key == "since"


def test_a_period_ends_after_it_begins():
    with pytest.raises(SettingsError, match="--since 1d is not before --until 2d"):
        period_of("1d", "2d", BERLIN, NOW)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
