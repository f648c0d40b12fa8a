"""What is told of spend, and what is not."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from pytest_llmcost.costs.alerts import Watch, alerts
from pytest_llmcost.costs.outlook import outlook
from pytest_llmcost.domain.spending import Plan, Spend

TODAY = date(2026, 6, 17)
NONE = Plan()


def spends(usd_of, days=60, parts=(("small", "mail"), ("large", "mail"), ("small", "chat"))):
    """What each model and task cost, by how many days ago it was; noise of some 5 % on a dollar a call."""
    draw, found = random.Random(7), []
    for back in range(days + 1, -1, -1):
        for model, task in parts:
            usd = usd_of(model, task, back) * draw.uniform(0.9, 1.1)
            calls = max(1, round(100 * usd))
            found.append(Spend(day=TODAY - timedelta(days=back), task=task, model=model, calls=calls, usd=usd))
    return found


def told(some, plan=NONE, tolerance=0.20):
    return alerts(some, outlook(some, TODAY), Watch(plan, tolerance, lambda _: None))


def flat(model, task, back):
    return 10.0


def test_spend_that_goes_on_is_within_plan():
    assert told(spends(flat), Plan(daily_usd=40, monthly_usd=1000)) == []


def test_a_day_over_its_budget_is_told_also_one_that_is_not_over():
    some = spends(lambda model, task, back: 20.0 if back < 2 else 10.0)
    assert [(one.what, one.first) for one in told(some, Plan(daily_usd=34), 5.0)] == [
        ("day over budget", TODAY - timedelta(days=1)),
        ("day over budget", TODAY),
    ]


def test_a_month_over_its_budget_is_told_from_the_first_cent_and_its_end_beyond_the_tolerance():
    so_far = outlook(spends(flat), TODAY).spent_month
    assert [one.what for one in told(spends(flat), Plan(monthly_usd=so_far - 0.01))] == ["month over budget"]
    assert [one.what for one in told(spends(flat), Plan(monthly_usd=700), 0.20)] == ["month's end over budget"]
    assert told(spends(flat), Plan(monthly_usd=800), 0.20) == []


def test_a_week_above_its_forecast_is_told_with_model_and_task():
    found = told(spends(lambda model, task, back: 30.0 if model == "large" and 0 < back <= 7 else 10.0))
    assert {(one.what, one.model, one.task) for one in found if one.what.startswith("week")} == {
        ("week over forecast", "", ""),
        ("week over forecast", "large", ""),
        ("week over forecast", "", "mail"),
    }
    whole = next(one for one in found if one.what.startswith("week") and not one.model and not one.task)
    assert whole.change is not None
    assert sum(whole.change.parts.values()) == whole.change.now - whole.change.before
    assert float(whole.change.now) == pytest.approx(whole.usd)
    assert float(whole.change.before) == pytest.approx(7 * 30, rel=0.05)
    large = next(one for one in found if one.what.startswith("week") and one.model)
    assert large.change is not None
    assert float(large.change.now) == pytest.approx(large.usd)
    assert whole.change.places["mail", "large"] == max(whole.change.places.values())


def test_a_day_is_compared_with_days_of_its_weekday():
    tuesday = (TODAY - timedelta(days=1)).weekday()

    def on_tuesdays(model, task, back):
        return 20.0 if (TODAY - timedelta(days=back)).weekday() == tuesday else 5.0

    found = told(spends(on_tuesdays), Plan(daily_usd=50))
    assert found[0].change is not None
    assert float(found[0].change.before) == pytest.approx(60, rel=0.1)


def test_what_chance_does_is_no_alert_though_it_is_above_the_tolerance():
    draw = random.Random(2)
    some = spends(lambda model, task, back: 20.0 if back == 1 else draw.lognormvariate(2.3, 0.8), parts=[("m", "mail")])
    assert told(some, tolerance=0.01) == []


def test_the_tolerance_is_what_is_put_up_with():
    some = spends(lambda model, task, back: 13.0 if 0 < back <= 7 else 10.0)
    assert told(some, tolerance=0.10)
    assert told(some, tolerance=0.50) == []


def test_a_model_that_is_new_is_told_when_it_counts():
    def new(usd):
        return spends(
            lambda model, task, back: usd if model == "large" and 0 < back <= 7 else 10.0 * (model == "small")
        )

    assert {one.model for one in told(new(8.0), tolerance=0.95)} == {"large"}
    assert told(new(0.2), tolerance=0.9) == []


def test_calls_without_a_task_are_told_of_with_all_alone():
    def more(model, task, back):
        return 40.0 if 0 < back <= 7 and not task else 10.0

    found = told(spends(more, parts=(("small", ""), ("small", "chat"))))
    assert [(one.what, one.task) for one in found] == [("week over forecast", "")]


def test_too_little_history_is_held_to_budgets_alone():
    some = spends(lambda model, task, back: 90.0 if back < 7 else 10.0, days=20)
    assert {one.what for one in told(some, Plan(daily_usd=40))} == {"day over budget"}
