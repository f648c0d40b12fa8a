"""Days are those of the user's zone, also where they have 23 or 25 hours: checked against Python's own calendar."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pytest_llmcost.costs.ledger.days import offsets
from pytest_llmcost.costs.ledger.ledger import Ledger
from pytest_llmcost.costs.ledger.queries import Period, sums
from pytest_llmcost.costs.ledger.records import CallRecord

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]


@pytest.mark.parametrize("name", ZONES)
def test_calls_of_a_year_fall_on_the_days_that_the_calendar_says(tmp_path: Path, name: str) -> None:
    zone = ZoneInfo(name)
    since = datetime(2011, 1, 1, 0, 7, tzinfo=zone)  # in 2011 Apia had no 30 December
    until = since + timedelta(days=365)
    step = timedelta(hours=1, minutes=13)
    instants = [since.astimezone(UTC) + number * step for number in range(7210)]
    with Ledger(tmp_path / "l", warn=pytest.fail) as ledger:
        for at in instants:
            ledger.add(CallRecord(model="m", timestamp=at.timestamp(), cost_usd=0.25))
        with ledger.reading() as connection:
            found = {one.keys[0]: one.calls for one in sums(connection, Period(since, until, zone), ["day"])}
    inside = [at for at in instants if since <= at < until]
    assert found == Counter(at.astimezone(zone).date().isoformat() for at in inside)


def test_a_day_in_spring_has_23_hours_and_one_in_autumn_25(tmp_path: Path) -> None:
    zone = ZoneInfo("Europe/Berlin")
    with Ledger(tmp_path / "l", warn=pytest.fail) as ledger:
        for hour in range(365 * 24):
            ledger.add(CallRecord(model="m", timestamp=datetime(2026, 1, 1, tzinfo=UTC).timestamp() + hour * 3600))
        period = Period(datetime(2026, 3, 1, tzinfo=zone), datetime(2026, 11, 1, tzinfo=zone), zone)
        with ledger.reading() as connection:
            hours = {one.keys[0]: one.calls for one in sums(connection, period, ["day"])}
    assert {day: count for day, count in hours.items() if count != 24} == {"2026-03-29": 23, "2026-10-25": 25}


@pytest.mark.parametrize("microsecond", [0, 250_000])
def test_an_offset_changes_at_the_second_at_which_the_zone_says(microsecond: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    since = datetime(2026, 3, 20, 7, 0, 3, microsecond, tzinfo=zone)
    (until, before), (_, after) = offsets(zone, since, since + timedelta(days=60))
    assert until == datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp() * 1e6
    assert (before, after) == (3600e6, 7200e6)


def test_a_period_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Period(datetime(2026, 1, 1), datetime(2026, 2, 1, tzinfo=UTC))
