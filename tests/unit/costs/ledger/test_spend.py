"""Spend by day, task and model, as a real SQLite ledger tells it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from pytest_llmcost.costs.ledger.ledger import Ledger
from pytest_llmcost.costs.ledger.queries import Period
from pytest_llmcost.costs.ledger.spend import spend
from pytest_llmcost.domain.spending import Spend

BERLIN = ZoneInfo("Europe/Berlin")
YEAR = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), BERLIN)


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        yield ledger


def at(*moment):
    return datetime(*moment, tzinfo=BERLIN).timestamp()


def spent(ledger):
    with ledger.reading() as connection:
        return spend(connection, YEAR)


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
def test_a_day_of_23_or_25_hours_is_one_day_of_the_users(ledger, day, hours):
    midnight = at(*day, 0, 0)
    for second in (-1, 0, hours * 3600 - 1, hours * 3600):
        ledger.record("m", cost_usd=1.0, timestamp=midnight + second)
    assert [(one.day, one.usd) for one in spent(ledger)] == [
        (date(*day[:2], day[2] - 1), 1.0),
        (date(*day), 2.0),
        (date.fromordinal(date(*day).toordinal() + 1), 1.0),
    ]


def test_hits_and_escalated_calls_are_apart_and_what_has_no_price_is_counted(ledger):
    noon = at(2026, 5, 4, 12, 0)
    tokens = {"prompt_tokens": 100, "cached_tokens": 40, "completion_tokens": 10}
    ledger.record("m", cost_usd=1.0, task="mail", timestamp=noon, **tokens)
    ledger.record("m", cost_usd=2.0, task="mail", timestamp=noon + 1, seconds=1.5, **tokens)
    ledger.record("m", cost_usd=0.0, task="mail", timestamp=noon, cached=True)
    ledger.record("m", cost_usd=4.0, task="mail", timestamp=noon, step=2)
    ledger.record("unpriced/by-nobody", task="mail", timestamp=noon, status="timeout")
    day = date(2026, 5, 4)
    assert spent(ledger) == [
        Spend(
            day=day,
            task="mail",
            model="m",
            calls=2,
            prompt_tokens=200,
            cached_tokens=80,
            completion_tokens=20,
            usd=3.0,
            seconds=1.5,
        ),
        Spend(day=day, task="mail", model="m", is_escalated=True, calls=1, usd=4.0),
        Spend(day=day, task="mail", model="m", is_cached=True, calls=1, usd=0.0),
        Spend(day=day, task="mail", model="unpriced/by-nobody", calls=1, usd=0.0, unpriced=1),
    ]
