"""Where the month ends: what is spent, and what is expected of the days that are left."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from pytest_llmcost.costs.outlook import month_end, outlook
from pytest_llmcost.domain.spending import Spend

TODAY = date(2026, 4, 17)


def ten_a_day(days=60, today=TODAY, spent_today=0.0):
    amounts = [10.0] * (days + 1) + [spent_today]
    return [
        Spend(day=today - timedelta(days=back), model="m", calls=1, usd=usd)
        for back, usd in zip(range(days + 1, -1, -1), amounts, strict=True)
    ]


def test_the_month_is_what_was_spent_and_what_the_days_left_are_expected_to_cost():
    found = outlook(ten_a_day(spent_today=4.0), TODAY)
    assert (found.spent_month, found.spent_today, found.known_days) == (164.0, 4.0, 60)
    assert found.month_end is not None
    assert found.month_end.expected == pytest.approx(300)  # 16 days known, 14 with today to come
    assert found.next_month is not None
    assert found.next_month.expected == pytest.approx(310)


def test_each_day_up_to_the_next_months_end_is_foretold():
    days = outlook(ten_a_day(), TODAY).days
    assert (min(days), max(days), len(days)) == (TODAY, date(2026, 5, 31), 45)
    assert days[TODAY].expected == pytest.approx(10)


def test_a_day_that_is_dearer_already_than_was_expected_counts_as_it_is():
    found = outlook(ten_a_day(spent_today=25.0), TODAY)
    assert found.month_end is not None
    assert found.month_end.expected == pytest.approx(315)


def test_no_bound_is_below_what_is_spent():
    last = date(2026, 4, 30)
    found = outlook(ten_a_day(today=last, spent_today=500.0), last)
    assert found.month_end is not None
    assert found.month_end.low95 >= found.spent_month == pytest.approx(790)


def test_the_next_month_is_the_sum_of_its_days():
    grown = [replace(one, usd=one.usd * 1.01**place) for place, one in enumerate(ten_a_day())]
    found = outlook(grown, TODAY)
    assert found.next_month is not None
    days = [told.expected for day, told in found.days.items() if day.month == 5]
    assert found.next_month.expected == pytest.approx(sum(days))


def test_what_today_has_come_to_is_the_least_of_a_months_last_day():
    draw, last = random.Random(3), date(2026, 4, 30)
    spends = [replace(one, usd=one.usd * draw.uniform(0.6, 1.4)) for one in ten_a_day(today=last, spent_today=10.0)]
    spends[-1] = replace(spends[-1], usd=11.0)
    found = outlook(spends, last)
    assert found.month_end is not None
    assert found.month_end.low95 == found.month_end.low80 == pytest.approx(found.spent_month)


def test_the_first_day_of_a_ledger_is_a_part_of_a_day_and_left_out():
    spends = ten_a_day()
    spends[0] = Spend(day=spends[0].day, model="m", calls=1, usd=0.5)
    assert outlook(spends, TODAY).known_days == 60


def test_days_without_a_call_cost_nothing():
    spends = [spend for spend in ten_a_day() if spend.day.weekday() < 5]
    found = outlook(spends, TODAY).days
    assert {day.weekday() for day, told in found.items() if told.expected == 0} == {5, 6}


@pytest.mark.parametrize(("days", "is_enough"), [(20, False), (21, True)])
def test_with_less_than_three_weeks_there_is_no_forecast(days, is_enough):
    found = outlook(ten_a_day(days), TODAY)
    assert (found.month_end is not None, found.known_days) == (is_enough, days)


def test_an_empty_ledger_has_spent_nothing():
    found = outlook([], TODAY)
    assert (found.spent_month, found.known_days, found.month_end) == (0.0, 0, None)


@pytest.mark.parametrize(
    ("day", "end"),
    [(date(2026, 12, 31), date(2026, 12, 31)), (date(2028, 2, 1), date(2028, 2, 29)), (TODAY, date(2026, 4, 30))],
)
def test_months_end_where_they_do(day, end):
    assert month_end(day) == end
